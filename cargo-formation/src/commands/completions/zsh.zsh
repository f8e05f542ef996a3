#compdef cargo-formation
# Completion of `cargo formation` and `cargo-formation` for zsh. To have it in every shell, write it
# to a file `_cargo-formation` in a directory of `fpath`, or source it after `compinit`.

_cargo-formation() {
    local -a found names
    local line
    # As a plugin of cargo's own completion, the first word is `formation`.
    found=("${(@f)$(cargo-formation __complete $((CURRENT - 1)) cargo-formation "${(@)words[2,-1]}" 2>/dev/null)}")
    for line in $found; do
        case $line in
            *$'\t'*) names+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
            ?*) names+=("${line//:/\\:}") ;;
        esac
    done
    if (( $#names )); then
        _describe 'cargo formation' names
    fi
}

if [[ $funcstack[1] == _cargo-formation ]]; then
    _cargo-formation "$@"
else
    compdef _cargo-formation cargo-formation
fi
