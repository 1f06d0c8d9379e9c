# Completion of `maestro` for bash. Put this line into ~/.bashrc:
#   source <(maestro completion bash)
# What has been typed is handed over as it is and never evaluated.
_maestro() {
  local value
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    COMPREPLY+=("$value")
  done < <(maestro completion suggest -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _maestro maestro
