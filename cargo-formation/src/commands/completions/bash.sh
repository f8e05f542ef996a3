# Completion of `cargo formation` and `cargo-formation` for bash. To have it in every shell:
#
#     cargo formation completions bash > ~/.local/share/bash-completion/completions/cargo-formation
#     echo 'source ~/.local/share/bash-completion/completions/cargo-formation' >> ~/.bashrc

_cargo_formation() {
    local words=("${COMP_WORDS[@]}") at=$COMP_CWORD
    if [[ ${words[0]##*/} == cargo ]]; then
        words=(cargo-formation "${words[@]:2}")
        at=$((at - 1))
    else
        words[0]=cargo-formation
    fi
    local IFS=$'\n'
    COMPREPLY=($(cargo-formation __complete "$at" "${words[@]}" 2>/dev/null | cut -f1))
    # What ends with an equals sign goes on.
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace
    fi
}
complete -o default -F _cargo_formation cargo-formation

# Whatever completes cargo goes on completing the rest of it.
if [[ -z ${_cargo_formation_before+set} ]]; then
    _cargo_formation_before=$(complete -p cargo 2>/dev/null | sed -n 's/.* -F \([^ ]*\) .*/\1/p')
fi
_cargo_with_formation() {
    if [[ ${COMP_WORDS[1]} == formation && $COMP_CWORD -gt 1 ]]; then
        _cargo_formation
    elif [[ -n $_cargo_formation_before ]]; then
        "$_cargo_formation_before" "$@"
    fi
}
complete -o default -F _cargo_with_formation cargo
