# Completion of `maestro` for fish. Put this line into ~/.config/fish/config.fish:
#   maestro completion fish | source
# What has been typed is handed over as it is and never evaluated.
function __maestro_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    set -l found (maestro completion suggest -- $words "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c maestro -k -f -a '(__maestro_complete)'
