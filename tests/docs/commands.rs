//! The reference of the commands and the command line, in both directions.

use std::collections::BTreeSet;

use cargo_formation::cli::Cli;
use clap::CommandFactory;

use super::code::constants;
use super::page::{Page, cells, slug};

#[test]
fn every_command_and_flag_is_documented_and_no_other() {
    let page = Page::read("docs/reference/commands.md");
    let cli = Cli::command();
    let names: BTreeSet<String> =
        cli.get_subcommands().map(|command| format!("`{}`", command.get_name())).collect();
    let sections: BTreeSet<String> =
        page.headings(2).into_iter().filter(|heading| heading.starts_with('`')).collect();
    assert_eq!(sections, names);
    let common = flags(&cli, |_| true);
    let builtin = ["--help, -h", "--version, -V"].map(str::to_owned);
    let listed: BTreeSet<String> = page.rows("The commands").into_keys().collect();
    assert_eq!(listed, common.union(&builtin.into()).cloned().collect());
    for command in cli.get_subcommands() {
        let own = flags(command, |flag| !flag.is_global_set());
        let section = format!("`{}`", command.get_name());
        let mut documented: BTreeSet<String> = page.rows(&section).into_keys().collect();
        for group in ["Where the environment comes from", "Cargo's own flags"] {
            if page.section(&section).contains(&format!("(#{})", slug(group))) {
                documented.extend(page.rows(group).into_keys());
            }
        }
        assert_eq!(documented, own, "{section}");
    }
}

/// The flags of a command, as the reference writes them without their values.
fn flags(command: &clap::Command, wanted: impl Fn(&clap::Arg) -> bool) -> BTreeSet<String> {
    let flags = command.get_arguments().filter(|flag| wanted(flag) && !flag.is_hide_set());
    flags
        .filter_map(|flag| {
            let long = flag.get_long()?;
            let short = flag.get_short().map(|short| format!(", -{short}")).unwrap_or_default();
            Some(format!("--{long}{short}"))
        })
        .filter(|flag| !flag.starts_with("--help") && !flag.starts_with("--version"))
        .collect()
}

/// The sections of the page that belong to a command: its own, and those it links to.
fn sections(page: &Page, command: &str) -> Vec<String> {
    let own = format!("`{command}`");
    let shared = ["Where the environment comes from", "Cargo's own flags"].map(str::to_owned);
    let text = page.section(&own);
    let linked = shared.into_iter().filter(|group| text.contains(&format!("(#{})", slug(group))));
    [own].into_iter().chain(linked).collect()
}

#[test]
fn every_flag_is_documented_with_the_name_and_the_choice_of_its_value() {
    let page = Page::read("docs/reference/commands.md");
    let cli = Cli::command();
    let common = page.rows("The commands");
    for command in cli.get_subcommands() {
        let own = sections(&page, command.get_name());
        let rows = own.iter().flat_map(|section| page.rows(section)).chain(common.clone());
        let rows: Vec<String> = rows.map(|(_, row)| row).collect();
        for flag in command.get_arguments().chain(cli.get_arguments()) {
            let Some(long) = flag.get_long() else { continue };
            let value = flag.get_action().takes_values();
            let names = flag.get_value_names().filter(|_| value).unwrap_or_default();
            let spelled =
                names.first().map_or(format!("`--{long}`"), |name| format!("`--{long} {name}`"));
            let row = rows.iter().find(|row| cells(row)[0].starts_with(&spelled));
            let row =
                row.unwrap_or_else(|| panic!("no row of `{}` has {spelled}", command.get_name()));
            for choice in flag.get_possible_values() {
                let name = choice.get_name();
                let takes = !names.is_empty();
                assert!(!takes || row.contains(&format!("`{name}`")), "{spelled} may be `{name}`");
            }
        }
    }
}

#[test]
fn the_readme_names_every_command_and_no_other() {
    let readme = std::fs::read_to_string(super::page::root().join("README.md")).unwrap();
    let cli = Cli::command();
    let commands: BTreeSet<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    let rows = readme.lines().filter(|line| line.starts_with("| `cargo formation "));
    let first = rows.map(|row| row.split('|').nth(1).unwrap());
    // `list`, `env TYPE` share a row.
    let codes = first.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let named = codes.map(|code| code.strip_prefix("cargo formation ").unwrap_or(code));
    let named: BTreeSet<&str> = named.map(|code| code.split(' ').next().unwrap()).collect();
    assert_eq!(named, commands);
}

#[test]
fn the_help_explains_every_exit_code_of_the_tool_and_no_other() {
    let help = Cli::command().get_after_help().unwrap().to_string();
    let (_, codes) = help.split_once("Exit codes:\n").unwrap();
    let explained = codes.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok());
    let explained: BTreeSet<u8> = explained.collect();
    // Those of signals are one line.
    let own = constants().into_values().map(|code| code.parse().unwrap());
    assert_eq!(explained, own.filter(|code: &u8| *code <= 128).collect());
}
