//! Where the ports of a formation start, and who says so.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use crate::plan::env_files::{self, FileValue};
use crate::plan::{EnvFile, PlanError};

/// Where the ports start when nobody says.
pub const DEFAULT_BASE: u16 = 4000;

/// How far the formation moves when a port of a base nobody chose is taken.
const BLOCK: u16 = 1000;

/// Everything that may say where the ports start.
#[derive(Clone, Copy, Debug, Default)]
pub struct BaseSources<'a> {
    /// `--base-port`.
    pub asked: Option<u16>,
    /// The tool's own environment: `PORT`.
    pub shell: &'a [(OsString, OsString)],
    /// The environment files, the one that wins first: `PORT`.
    pub env_files: &'a [EnvFile],
    /// `base-port` of the table.
    pub table: Option<u16>,
}

/// Where the ports start, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePort {
    /// The first port of the first process type.
    pub port: u16,
    /// Who says so.
    pub origin: BaseOrigin,
}

impl BasePort {
    /// Whether somebody chose it: then a taken port is an error and no reason to move.
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        self.origin != BaseOrigin::Default
    }
}

/// Who says where the ports start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaseOrigin {
    /// `--base-port`.
    CommandLine,
    /// `PORT` in the shell.
    Shell,
    /// `PORT` in this environment file.
    EnvFile(PathBuf),
    /// `base-port` of the table.
    Table,
    /// Nobody.
    Default,
}

/// What the messages call it, after "`…` of".
impl fmt::Display for BaseOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("`--base-port`"),
            Self::Shell => f.write_str("`PORT` in the shell"),
            Self::EnvFile(path) => write!(f, "`PORT` in {}", path.display()),
            Self::Table => f.write_str("`base-port` in the table"),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// Decide where the ports start: `--base-port`, else `PORT` in the shell, else `PORT` in
/// the environment files, else the table, else 4000. An empty `PORT` says nothing.
///
/// # Errors
/// When the word that counts is not a port, or an environment file cannot be read.
pub fn base_port_chosen(sources: &BaseSources<'_>) -> Result<BasePort, Vec<PlanError>> {
    if let Some(port) = sources.asked {
        return said(BaseOrigin::CommandLine, OsStr::new(&port.to_string()));
    }
    let in_shell = sources.shell.iter().find(|(name, value)| name == "PORT" && !value.is_empty());
    if let Some((_, value)) = in_shell {
        return said(BaseOrigin::Shell, value);
    }
    let files = env_files::merge(sources.env_files, sources.shell)?;
    if let Some(FileValue { value, path }) = files.get("PORT").filter(|port| !port.value.is_empty())
    {
        return said(BaseOrigin::EnvFile(Path::to_path_buf(path)), OsStr::new(value));
    }
    match sources.table {
        Some(port) => said(BaseOrigin::Table, OsStr::new(&port.to_string())),
        None => Ok(BasePort { port: DEFAULT_BASE, origin: BaseOrigin::Default }),
    }
}

/// The port that somebody says.
fn said(origin: BaseOrigin, value: &OsStr) -> Result<BasePort, Vec<PlanError>> {
    let number = value.to_str().and_then(|text| text.parse().ok()).filter(|&port| port > 0);
    match number {
        Some(port) => Ok(BasePort { port, origin }),
        None => {
            Err(vec![PlanError::BasePort { origin, value: value.to_string_lossy().into_owned() }])
        }
    }
}

/// The base to try when somebody else holds a port of this one; `None` after the last.
#[must_use]
pub fn next_block(base: u16) -> Option<u16> {
    base.checked_add(BLOCK).filter(|next| next.checked_add(BLOCK - 1).is_some())
}

#[cfg(test)]
mod tests {
    use super::{BaseSources, base_port_chosen, next_block};
    use crate::plan::EnvFile;

    fn check(asked: Option<u16>, shell: &str, file: &str, table: Option<u16>) -> (u16, String) {
        let shell = [("PORT".into(), shell.into())];
        let env_files = [EnvFile { path: ".env".into(), text: file.into() }];
        let sources = BaseSources { asked, shell: &shell, env_files: &env_files, table };
        match base_port_chosen(&sources) {
            Ok(base) => (base.port, base.origin.to_string()),
            Err(errors) => (0, errors[0].to_string()),
        }
    }

    #[test]
    fn the_command_line_then_the_shell_then_the_files_then_the_table() {
        let owned = |port: u16, origin: &str| (port, origin.to_owned());
        assert_eq!(check(Some(1), "2", "PORT=3", Some(4)), owned(1, "`--base-port`"));
        assert_eq!(check(None, "2", "PORT=3", Some(4)), owned(2, "`PORT` in the shell"));
        assert_eq!(check(None, "", "PORT=3", Some(4)), owned(3, "`PORT` in .env"));
        assert_eq!(check(None, "", "PORT=", Some(4)), owned(4, "`base-port` in the table"));
        assert_eq!(check(None, "", "", None), owned(4000, "the default"));
    }

    #[test]
    fn what_is_no_port_is_named_with_its_place() {
        for wrong in ["0", "65536", "tcp://10.0.0.1:80", "-1"] {
            let (_, message) = check(None, wrong, "", None);
            assert!(
                message.starts_with(&format!("`{wrong}` of `PORT` in the shell ")),
                "{message}"
            );
        }
    }

    #[test]
    fn only_a_base_that_nobody_chose_moves() {
        let base = base_port_chosen(&BaseSources::default()).unwrap();
        assert!(!base.is_chosen());
        let table = BaseSources { table: Some(4000), ..BaseSources::default() };
        assert!(base_port_chosen(&table).unwrap().is_chosen());
        assert_eq!(next_block(4000), Some(5000));
        assert_eq!(next_block(64000), None);
        assert_eq!(next_block(65000), None);
    }
}
