#compdef maestro
# Completion of `maestro` for zsh. Put this line into ~/.zshrc, behind compinit:
#   source <(maestro completion zsh)
# What has been typed is handed over as it is and never evaluated.
_maestro() {
  local -a found
  local value description
  while IFS=$'\t' read -r value description; do
    found+=("${value//:/\\:}:$description")
  done < <(maestro completion suggest -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( $#found )); then
    _describe -V 'maestro' found
  else
    _files
  fi
}
compdef _maestro maestro
