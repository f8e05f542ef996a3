# Completion of `cargo formation` and `cargo-formation` for fish. To have it in every shell:
#
#     cargo formation completions fish > ~/.config/fish/completions/cargo-formation.fish
#
# and the same to `~/.config/fish/conf.d/cargo-formation.fish` for `cargo formation`.

function __cargo_formation_candidates
    set -l words (commandline -opc)
    if test (path basename $words[1]) = cargo
        set words $words[2..]
    end
    cargo-formation __complete (count $words) cargo-formation $words[2..] (commandline -ct) 2>/dev/null
end

complete -c cargo-formation -f -a '(__cargo_formation_candidates)'
complete -c cargo -n '__fish_seen_subcommand_from formation' -f -a '(__cargo_formation_candidates)'
