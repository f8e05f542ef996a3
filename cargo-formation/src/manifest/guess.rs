//! Process types from the binaries alone, where nothing else says what runs.

use toml_edit::Document;

use super::workspace::{BinaryTarget, Package, Workspace};

/// A binary target and the package that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'w> {
    /// The package.
    pub package: &'w Package,
    /// The target.
    pub binary: &'w BinaryTarget,
}

impl<'w> Target<'w> {
    /// Every binary target of a package.
    pub fn of(package: &'w Package) -> impl Iterator<Item = Self> {
        package.binaries.iter().map(move |binary| Self { package, binary })
    }

    /// Every binary target, in the order of the members.
    #[must_use]
    pub fn all(workspace: &'w Workspace) -> Vec<Self> {
        workspace.packages.iter().flat_map(Self::of).collect()
    }
}

/// A type that may be meant: its name, and the binary it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess<'w> {
    /// The name.
    pub name: String,
    /// What it runs.
    pub target: Target<'w>,
}

/// What is called so serves requests.
const SERVERS: [&str; 4] = ["server", "http", "http-server", "web-server"];

/// What is called so prepares the database.
const MIGRATIONS: [&str; 6] =
    ["migrate", "migration", "migrations", "migrator", "db-migrate", "run-migrations"];

/// Who depends on one of these, and has one binary, serves requests.
const FRAMEWORKS: [&str; 8] =
    ["actix-web", "axum", "poem", "rocket", "salvo", "tide", "tonic", "warp"];

/// A type for every binary, of its name. One that can only be `web` or `release` is called so,
/// because these names mean something; two that could be are not guessed about. `web` stands first,
/// since the order gives ports, and the first is the one that people look at.
#[must_use]
pub fn guesses<'w>(workspace: &'w Workspace) -> Vec<Guess<'w>> {
    let targets = Target::all(workspace);
    let web = sole(&targets, |target| serves(target, targets.len(), workspace));
    let release = sole(&targets, |target| MIGRATIONS.contains(&folded(target).as_str()));
    let has = |name: &str| targets.iter().any(|target| target.binary.name == name);
    let (has_web, has_release) = (has("web"), has("release"));
    let name = |target: &Target<'_>| match () {
        () if !has_web && web == Some(*target) => "web".to_owned(),
        () if !has_release && release == Some(*target) => "release".to_owned(),
        () => target.binary.name.clone(),
    };
    let guess = |target: &Target<'w>| Guess { name: name(target), target: *target };
    let mut guesses: Vec<_> = targets.iter().map(guess).collect();
    guesses.sort_by_key(|guess| guess.name != "web");
    guesses
}

/// The only one of which it is so.
fn sole<'w>(targets: &[Target<'w>], is_so: impl Fn(&Target<'w>) -> bool) -> Option<Target<'w>> {
    let mut such = targets.iter().filter(|target| is_so(target));
    such.next().filter(|_| such.next().is_none()).copied()
}

fn serves(target: &Target<'_>, targets: usize, workspace: &Workspace) -> bool {
    let name = folded(target);
    SERVERS.contains(&name.as_str())
        || name.ends_with("-server")
        || name.ends_with("-web")
        || (targets == 1 && uses_a_framework(target, workspace))
}

fn folded(target: &Target<'_>) -> String {
    target.binary.name.to_ascii_lowercase().replace('_', "-")
}

fn uses_a_framework(target: &Target<'_>, workspace: &Workspace) -> bool {
    let manifest = workspace.manifests.get(target.package.manifest);
    let document = manifest.and_then(|manifest| Document::parse(manifest.text.as_str()).ok());
    let dependencies = document.as_ref().and_then(|it| it.get("dependencies")?.as_table_like());
    dependencies.is_some_and(|them| FRAMEWORKS.iter().any(|name| them.contains_key(name)))
}
