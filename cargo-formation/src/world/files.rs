//! What the tool reads before it decides: its own environment, the environment files, what
//! one developer lays over the settings, cargo's configuration.

mod cargo_config;
mod foreign;

pub use self::cargo_config::{cargo_env, cargo_home, is_configured};
pub use self::foreign::foreign;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::manifest::Manifest;
use crate::plan::EnvFile;

/// The tool's own environment.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one home of reading the environment")]
pub fn shell() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

/// Which environment files were named. `.env.local` is always read if it is there.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnvFileNames<'a> {
    /// `--env-file`, as it was typed: relative to the current directory. Stands before the others.
    pub asked: Option<&'a Path>,
    /// `env-file` of the table, relative to the workspace root. Stands in for `.env`.
    pub table: Option<&'a Path>,
}

/// Where one developer's own settings are, in the workspace root.
const LOCAL: &str = "formation.local.toml";

/// Read what one developer lays over the settings of the workspace at `root`, if it is there.
///
/// # Errors
/// When it cannot be read as text.
pub fn local(root: &Path) -> Result<Option<Manifest>, FileError> {
    let path = root.join(LOCAL);
    // Who has made a link wants what it leads to.
    if std::fs::symlink_metadata(&path).is_ok() && !path.exists() {
        let problem = FileProblem::Unreadable("it is a link to what is not there".to_owned());
        return Err(FileError { path, problem });
    }
    Ok(text(&path)?.map(|text| Manifest { path, text }))
}

/// The manifests in which cargo may have looked for a workspace: the one that was named, or
/// all that lie in a directory or above it; with their text.
#[must_use]
pub fn manifests(dir: &Path, named: Option<&Path>) -> Vec<(PathBuf, String)> {
    let found = dir.ancestors().map(|dir| dir.join("Cargo.toml"));
    let paths = named.map_or_else(|| found.collect(), |path| vec![dir.join(path)]);
    let with_text = |path: PathBuf| Some((path.clone(), text(&path).ok()??));
    paths.into_iter().filter_map(with_text).collect()
}

/// Read the environment files of the workspace at `root`, the one that wins first.
///
/// # Errors
/// When one that was named is not there, or one that is there cannot be read as text.
pub fn env_files(root: &Path, names: EnvFileNames<'_>) -> Result<Vec<EnvFile>, FileError> {
    let asked = names.asked.map(|path| named(path.to_path_buf())).transpose()?;
    let local = read(&root.join(".env.local"))?;
    let shared = match names.table {
        Some(path) => Some(named(root.join(path))?),
        None => read(&root.join(".env"))?,
    };
    Ok([asked, local, shared].into_iter().flatten().collect())
}

/// Where environment files are looked for, whether they are there or not.
#[must_use]
pub fn env_file_paths(root: &Path, names: EnvFileNames<'_>) -> Vec<PathBuf> {
    let shared = names.table.unwrap_or(Path::new(".env"));
    let asked = names.asked.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.into()));
    asked.into_iter().chain([root.join(".env.local"), root.join(shared)]).collect()
}

/// Replace a file whole: whoever reads it sees the old text or the new, never a part. What
/// is there and is no file, a pipe or a device, is written to.
///
/// # Errors
/// When the directory, or what is there, cannot be written.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays a link: what it points to is replaced.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if std::fs::metadata(&target).is_ok_and(|there| !there.is_file()) {
        return std::fs::OpenOptions::new().write(true).open(&target)?.write_all(text.as_bytes());
    }
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let staged = target.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = std::fs::write(&staged, text)
        .and_then(|()| keep_permissions(&target, &staged))
        .and_then(|()| std::fs::rename(&staged, &target));
    if written.is_err() {
        let _ = std::fs::remove_file(&staged);
    }
    written
}

/// Give the file that takes another's place what that one's owner has allowed.
fn keep_permissions(old: &Path, new: &Path) -> io::Result<()> {
    match std::fs::metadata(old) {
        Ok(there) => std::fs::set_permissions(new, there.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// A file that somebody named has to be there.
fn named(path: PathBuf) -> Result<EnvFile, FileError> {
    read(&path)?.ok_or(FileError { path, problem: FileProblem::Missing })
}

/// A file, if it is there.
fn read(path: &Path) -> Result<Option<EnvFile>, FileError> {
    let file = |text| EnvFile { path: path.to_path_buf(), text };
    Ok(text(path)?.map(file))
}

/// The text of a file, if it is there.
fn text(path: &Path) -> Result<Option<String>, FileError> {
    let refuse = |problem| FileError { path: path.to_path_buf(), problem };
    // What is no file, a pipe say, could keep us waiting for ever.
    if let Some(there) = std::fs::metadata(path).ok().filter(|there| !there.is_file()) {
        let what = if there.is_dir() { "it is a directory" } else { "it is no file" };
        return Err(refuse(FileProblem::Unreadable(what.to_owned())));
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(refuse(FileProblem::NotText))
        }
        Err(error) => Err(refuse(FileProblem::Unreadable(error.to_string()))),
    }
}

/// A file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// Which one.
    pub path: PathBuf,
    /// Why.
    pub problem: FileProblem,
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProblem {
    /// It was named, and is not there.
    Missing,
    /// The system refuses it, in its own words.
    Unreadable(String),
    /// It is not UTF-8.
    NotText,
    /// It is not TOML; where and why.
    NotToml {
        /// The number of the line, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A variable of its `[env]` table is not what cargo takes.
    Variable(String),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            FileProblem::Missing => {
                write!(
                    f,
                    "the environment file `{path}` does not exist; create it, or name another"
                )
            }
            FileProblem::Unreadable(reason) => write!(f, "cannot read `{path}`: {reason}"),
            FileProblem::NotText => {
                write!(f, "`{path}` is not UTF-8; save it with that encoding")
            }
            FileProblem::NotToml { line, message } => write!(f, "{path}:{line}: {message}"),
            FileProblem::Variable(name) => write!(
                f,
                "`{name}` in `[env]` of `{path}` is neither a string nor \
                 `{{ value = \"…\", force = true, relative = true }}`"
            ),
        }
    }
}

impl std::error::Error for FileError {}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{EnvFileNames, FileError, FileProblem, env_file_paths, env_files, local};

    /// The names of the files that were read, and their texts.
    fn read(root: &Path, names: EnvFileNames<'_>) -> Result<Vec<(String, String)>, FileError> {
        let files = env_files(root, names)?;
        let name = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
        Ok(files.into_iter().map(|file| (name(&file.path), file.text)).collect())
    }

    fn pairs(files: &[(&str, &str)]) -> Vec<(String, String)> {
        files.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    #[test]
    fn files_come_in_the_order_in_which_they_win() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        assert_eq!(read(root, EnvFileNames::default()), Ok(vec![]));
        for name in [".env", ".env.local", "dev.env", "asked.env"] {
            fs::write(root.join(name), name).unwrap();
        }
        let both = pairs(&[(".env.local", ".env.local"), (".env", ".env")]);
        assert_eq!(read(root, EnvFileNames::default()), Ok(both));
        let asked = root.join("asked.env");
        let names = EnvFileNames { asked: Some(&asked), table: Some(Path::new("dev.env")) };
        let three =
            [("asked.env", "asked.env"), (".env.local", ".env.local"), ("dev.env", "dev.env")];
        assert_eq!(read(root, names), Ok(pairs(&three)));
    }

    #[test]
    fn files_that_may_come_are_known() {
        let root = Path::new("/shop");
        let paths = env_file_paths(root, EnvFileNames::default());
        assert_eq!(paths, [Path::new("/shop/.env.local"), Path::new("/shop/.env")]);
        let (asked, table) = (Path::new("asked.env"), Path::new("conf/dev.env"));
        let names = EnvFileNames { asked: Some(asked), table: Some(table) };
        let paths = env_file_paths(root, names);
        assert!(paths[0].is_absolute() && paths[0].ends_with("asked.env"));
        assert_eq!(paths[1..], [root.join(".env.local"), root.join("conf/dev.env")]);
    }

    #[test]
    fn a_named_file_has_to_be_there() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("no.env");
        let missing = Err(FileError { path: path.clone(), problem: FileProblem::Missing });
        let asked = EnvFileNames { asked: Some(&path), ..EnvFileNames::default() };
        assert_eq!(read(root.path(), asked), missing);
        let table = EnvFileNames { table: Some(Path::new("no.env")), ..EnvFileNames::default() };
        assert_eq!(read(root.path(), table), missing);
    }

    #[test]
    fn one_developers_own_is_read_if_it_is_there() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(local(root.path()), Ok(None));
        let path = root.path().join("formation.local.toml");
        fs::write(&path, "").unwrap();
        assert_eq!(local(root.path()).unwrap().unwrap().path, path);
        fs::write(&path, b"# \xff").unwrap();
        assert_eq!(local(root.path()).unwrap_err().problem, FileProblem::NotText);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let error = local(root.path()).unwrap_err().to_string();
        assert_eq!(error, format!("cannot read `{}`: it is a directory", path.display()));
    }

    #[test]
    fn a_link_that_leads_nowhere_is_no_absence() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("formation.local.toml");
        std::os::unix::fs::symlink("elsewhere.toml", &path).unwrap();
        let error = local(root.path()).unwrap_err().to_string();
        let expected =
            format!("cannot read `{}`: it is a link to what is not there", path.display());
        assert_eq!(error, expected);
        fs::write(root.path().join("elsewhere.toml"), "").unwrap();
        assert!(local(root.path()).unwrap().is_some());
    }

    #[test]
    fn what_is_no_text_is_named() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(".env"), b"A=\xff").unwrap();
        let error = read(root.path(), EnvFileNames::default()).unwrap_err();
        assert_eq!(error.problem, FileProblem::NotText);
        fs::remove_file(root.path().join(".env")).unwrap();
        fs::create_dir(root.path().join(".env")).unwrap();
        let error = read(root.path(), EnvFileNames::default()).unwrap_err();
        assert!(error.to_string().starts_with("cannot read `"), "{error}");
    }
}
