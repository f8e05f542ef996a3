//! The `[env]` tables of cargo's configuration.
//!
//! Cargo looks for `.cargo/config.toml`, or `config` without an ending, which wins if
//! there are both, in the directory and all above it, and at last in its home; a deeper
//! file wins. See "Hierarchical structure" and "`[env]`" of the chapter "Configuration"
//! of the cargo book. `include` and `--config` are not followed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, TableLike};

use super::{FileError, FileProblem, text};
use crate::plan::CargoEnv;

/// The variables that cargo's configuration gives to what runs in the workspace at
/// `root`, sorted by name. `shell` says where cargo's home is.
///
/// # Errors
/// When a file cannot be read, or a variable is not what cargo takes.
pub fn cargo_env(root: &Path, shell: &[(OsString, OsString)]) -> Result<Vec<CargoEnv>, FileError> {
    let above = root.ancestors().map(|directory| directory.join(".cargo"));
    let mut found = BTreeMap::new();
    // Cargo's home may be among those above; a second reading changes nothing.
    for directory in above.chain(cargo_home(shell)) {
        let Some((path, text)) = configuration(&directory)? else { continue };
        for variable in variables(&path, &text, base(&directory))? {
            found.entry(variable.name.clone()).or_insert(variable);
        }
    }
    Ok(found.into_values().collect())
}

/// Whether cargo's configuration, or the shell in its place, has this key: `profile.dev.debug`.
///
/// # Errors
/// When a file cannot be read.
pub fn is_configured(
    root: &Path,
    shell: &[(OsString, OsString)],
    key: &[&str],
) -> Result<bool, FileError> {
    let variable = format!("CARGO_{}", key.join("_").to_uppercase());
    if shell.iter().any(|(name, _)| name.as_os_str() == variable.as_str()) {
        return Ok(true);
    }
    let above = root.ancestors().map(|directory| directory.join(".cargo"));
    for directory in above.chain(cargo_home(shell)) {
        let Some((path, text)) = configuration(&directory)? else { continue };
        let document = parse(&path, &text)?;
        let mut keys = key.iter();
        let first = keys.next().and_then(|key| document.get(key));
        if keys.fold(first, |item, key| item?.get(key)).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where cargo keeps what is the user's, as the shell says.
#[must_use]
pub fn cargo_home(shell: &[(OsString, OsString)]) -> Option<PathBuf> {
    let get = |name: &str| {
        let found = shell.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| Path::new(value))
    };
    get("CARGO_HOME").map(Path::to_path_buf).or_else(|| get("HOME").map(|home| home.join(".cargo")))
}

/// The configuration file of a directory, if there is one.
fn configuration(directory: &Path) -> Result<Option<(PathBuf, String)>, FileError> {
    for name in ["config", "config.toml"] {
        let path = directory.join(name);
        if let Some(text) = text(&path)? {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}

/// What `relative` values are relative to: the directory that has `.cargo`.
fn base(directory: &Path) -> &Path {
    directory.parent().unwrap_or(directory)
}

fn parse<'t>(path: &Path, text: &'t str) -> Result<Document<&'t str>, FileError> {
    Document::parse(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let problem = FileProblem::NotToml { line, message: error.message().to_owned() };
        FileError { path: path.to_path_buf(), problem }
    })
}

/// The `[env]` table of one file.
fn variables(path: &Path, text: &str, base: &Path) -> Result<Vec<CargoEnv>, FileError> {
    let document = parse(path, text)?;
    let Some(env) = document.get("env").and_then(Item::as_table_like) else {
        return Ok(Vec::new());
    };
    let read = |(name, item): (&str, &Item)| {
        variable(name, item, base).ok_or_else(|| FileError {
            path: path.to_path_buf(),
            problem: FileProblem::Variable(name.to_owned()),
        })
    };
    env.iter().map(read).collect()
}

/// One variable: a string, or a table with `value`.
fn variable(name: &str, item: &Item, base: &Path) -> Option<CargoEnv> {
    let table = item.as_table_like();
    let value = match table {
        Some(table) => table.get("value")?.as_str()?,
        None => item.as_str()?,
    };
    let value = if flag(table, "relative")? {
        base.join(value).into_os_string().into_string().ok()?
    } else {
        value.to_owned()
    };
    Some(CargoEnv { name: name.to_owned(), value, force: flag(table, "force")? })
}

/// A yes or no of a variable's table; `None` if it is neither.
fn flag(table: Option<&dyn TableLike>, key: &str) -> Option<bool> {
    match table.and_then(|table| table.get(key)) {
        Some(item) => item.as_bool(),
        None => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;
    use std::path::Path;

    use super::{cargo_env, is_configured};

    fn write(directory: &Path, name: &str, text: &str) {
        let directory = directory.join(".cargo");
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(name), text).unwrap();
    }

    /// The variables of a workspace at `home/code/app`, as `NAME=value`, `!` for force.
    fn check(home: &Path) -> String {
        let shell: [(OsString, OsString); 1] = [("HOME".into(), home.into())];
        match cargo_env(&home.join("code/app"), &shell) {
            Ok(variables) => {
                let line = |v: &crate::plan::CargoEnv| {
                    format!("{}{}={}", v.name, if v.force { "!" } else { "" }, v.value)
                };
                variables.iter().map(line).collect::<Vec<_>>().join(" ")
            }
            Err(error) => error.to_string(),
        }
        .replace(&home.display().to_string(), "~")
    }

    #[test]
    fn the_deeper_file_wins_variable_by_variable() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        assert_eq!(check(home), "");
        write(&home.join("code/app"), "config.toml", "[env]\nA = \"app\"\n");
        write(&home.join("code"), "config.toml", "[env]\nA = \"code\"\nB = \"code\"\n");
        write(home, "config.toml", "env.B = \"home\"\nenv.C = { value = \"home\", force = true }");
        assert_eq!(check(home), "A=app B=code C!=home");
        write(&home.join("code/app"), "config", "[env]\nA = \"without ending\"\n");
        assert_eq!(check(home), "A=without ending B=code C!=home");
    }

    #[test]
    fn a_key_may_be_in_any_of_the_files_or_in_the_shell() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        let is_there = |variable: &str| {
            let shell: [(OsString, OsString); 2] =
                [("HOME".into(), home.into()), (variable.into(), "0".into())];
            let key = ["profile", "dev", "debug"];
            is_configured(&home.join("code/app"), &shell, &key).unwrap()
        };
        write(&home.join("code/app"), "config.toml", "[profile.release]\ndebug = 1\n");
        write(home, "config.toml", "[profile.dev]\nopt-level = 1\n");
        assert!(!is_there("CARGO_PROFILE_DEV_LTO"));
        assert!(is_there("CARGO_PROFILE_DEV_DEBUG"));
        write(home, "config.toml", "[profile.dev]\ndebug = 1\n");
        assert!(is_there("CARGO_PROFILE_DEV_LTO"));
    }

    #[test]
    fn relative_values_start_where_the_directory_of_cargo_lies() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        write(
            &home.join("code"),
            "config.toml",
            "[env.DATA]\nvalue = \"data/x\"\nrelative = true\n[build]\njobs = 1\n",
        );
        write(home, "config.toml", "[env]\nETC = { value = \"etc\", relative = true }\n");
        assert_eq!(check(home), "DATA=~/code/data/x ETC=~/etc");
    }

    #[test]
    fn what_cargo_would_refuse_is_refused_with_its_place() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        write(home, "config.toml", "[env]\nA = 1\n");
        let message = check(home);
        assert!(message.starts_with("`A` in `[env]` of `~/.cargo/config.toml` is"), "{message}");
        write(home, "config.toml", "[env]\n\nA = \n");
        let message = check(home);
        assert!(message.starts_with("~/.cargo/config.toml:3: "), "{message}");
    }
}
