//! Who cares about what.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{
    BuildScript, Change, DepInfo, Difference, Git, Journal, Knowledge, LocalPackage, Meaning, Rule,
    Sort, Sources, WatchSet,
};
use crate::formation::{Certainty, Moment, ProcessType};
use crate::plan::sample::process;

/// The workspace of these tests: `web` in `/shop/web`, built from `/shop/lib` and `/far`.
struct Shop {
    knowledge: Knowledge,
    inputs: Vec<&'static str>,
    script: BuildScript,
    artifacts: Vec<&'static str>,
    types: Vec<ProcessType>,
}

impl Shop {
    /// After a good build.
    fn built() -> Self {
        let inputs = vec![
            "/shop/web/src/main.rs",
            "/shop/lib/src/lib.rs",
            "/shop/lib/src/gen/made.rs",
            "/far/src/lib.rs",
            "/shop/schema.sql",
            "/shop/web/proto",
        ];
        Self {
            knowledge: Knowledge::Complete,
            inputs,
            script: BuildScript::None,
            artifacts: vec!["/shop/target"],
            types: vec![process("web")],
        }
    }

    /// Before any.
    fn fresh() -> Self {
        Self { knowledge: Knowledge::Partial, inputs: vec![], ..Self::built() }
    }

    fn set(&self) -> WatchSet {
        let package = |(name, directory): (&str, &str)| LocalPackage {
            name: name.into(),
            directory: directory.into(),
            script: if name == "web" { self.script } else { BuildScript::None },
            roots: Vec::new(),
        };
        let packages = [("web", "/shop/web"), ("lib", "/shop/lib"), ("far", "/far")].map(package);
        let paths = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
        let dep_info = DepInfo {
            inputs: paths(&self.inputs).into_iter().collect(),
            knowledge: self.knowledge,
        };
        let (set, bad) = WatchSet::new(&Sources {
            root: Path::new("/shop"),
            manifests: &paths(&[
                "/shop/Cargo.toml",
                "/shop/web/Cargo.toml",
                "/shop/lib/Cargo.toml",
            ]),
            packages: &packages,
            artifacts: &paths(&self.artifacts),
            cargo_home: Some(Path::new("/home/ann/.cargo")),
            dep_info: &dep_info,
            env_files: &paths(&["/shop/.env", "/shop/.env.local", "/elsewhere/ann.env"]),
            processes: &self.types,
        });
        assert_eq!(bad, []);
        set
    }

    #[track_caller]
    fn check(&self, path: &str, change: Change, expected: &str) {
        let difference = Difference { path: path.into(), change };
        let words: Vec<String> = self.set().meanings(&difference).iter().map(word).collect();
        assert_eq!(words.join(" "), expected, "{change:?} {path}");
    }

    /// Whether a change of an existing file means this.
    #[track_caller]
    fn modified(&self, path: &str, expected: &str) {
        self.check(path, Change::Modified, expected);
    }

    #[track_caller]
    fn rule(&self, path: &str, parent: Rule, sort: Sort, git: Git, expected: Option<Rule>) {
        assert_eq!(self.set().rule(Path::new(path), Some(parent), sort, git), expected, "{path}");
    }
}

fn word(meaning: &Meaning) -> String {
    match meaning {
        Meaning::Build(Certainty::Known) => "build".into(),
        Meaning::Build(Certainty::Possible) => "perhaps".into(),
        Meaning::Input(process) => format!("input:{process}"),
        Meaning::Table => "table".into(),
        Meaning::Environment => "environment".into(),
        Meaning::Restart(process) => format!("restart:{process}"),
    }
}

#[test]
fn what_the_last_good_build_read_is_built_again() {
    let shop = Shop::built();
    for read in ["/shop/web/src/main.rs", "/far/src/lib.rs", "/shop/schema.sql"] {
        shop.modified(read, "build");
        shop.check(read, Change::Vanished, "build");
    }
    // A directory stands for all that is in it, whatever it is.
    shop.modified("/shop/web/proto/deep/a.proto", "build");
    shop.check("/shop/web/proto/new", Change::Appeared, "build");
    shop.check("/shop/web/proto", Change::Listing, "build");
}

#[test]
fn what_it_did_not_read_matters_only_by_being_there() {
    let shop = Shop::built();
    for unread in ["/shop/web/README.md", "/shop/web/src/tests.rs", "/shop/web/tests/a.rs"] {
        shop.modified(unread, "");
    }
    for change in [Change::Appeared, Change::Vanished] {
        shop.check("/shop/web/src/new.rs", change, "build");
        shop.check("/shop/web/src/deep/new.rs", change, "build");
        shop.check("/shop/web/build.rs", change, "build");
        shop.check("/shop/web/src/notes.txt", change, "");
        shop.check("/shop/web/tests/new.rs", change, "");
        shop.check("/elsewhere/new.rs", change, "");
    }
    shop.check("/shop/web/src", Change::Listing, "perhaps");
    shop.check("/shop/web/assets", Change::Listing, "");
}

#[test]
fn while_nobody_knows_everything_in_a_package_counts() {
    let shop = Shop::fresh();
    for file in ["/shop/web/README.md", "/far/build/x.sql"] {
        shop.modified(file, "perhaps");
        shop.check(file, Change::Appeared, "perhaps");
    }
    shop.modified("/shop/web/src/tests.rs", "build");
    shop.check("/shop/web/src/tests.rs", Change::Appeared, "build");
    shop.modified("/shop/notes.md", "");
    // A program that keeps its data in its package would have cargo run for ever.
    for data in ["/shop/web/app.db", "/shop/web/app.db-wal", "/shop/web/web.log"] {
        shop.modified(data, "");
    }
}

#[test]
fn a_build_script_that_declares_nothing_reads_everything() {
    let mut shop = Shop::built();
    shop.script = BuildScript::ReadsAnything;
    shop.modified("/shop/web/README.md", "perhaps");
    shop.modified("/shop/web/app.db", "");
    shop.modified("/shop/lib/README.md", "");
    shop.script = BuildScript::Declares;
    shop.modified("/shop/web/README.md", "");
}

#[test]
fn some_files_mean_something_by_their_name() {
    let shop = Shop::built();
    for manifest in ["/shop/Cargo.toml", "/shop/web/Cargo.toml", "/far/Cargo.toml"] {
        shop.modified(manifest, "build table");
    }
    // A new member, or one that is not built.
    shop.check("/shop/new/Cargo.toml", Change::Appeared, "build table");
    shop.check("/elsewhere/Cargo.toml", Change::Appeared, "");
    shop.modified("/shop/formation.local.toml", "table");
    shop.modified("/shop/Cargo.lock", "build");
    for config in ["/shop/.cargo/config.toml", "/.cargo/config", "/home/ann/.cargo/config.toml"] {
        shop.modified(config, "build environment");
    }
    shop.modified("/rust-toolchain.toml", "build");
    for file in ["/shop/.env", "/shop/.env.local", "/elsewhere/ann.env"] {
        shop.check(file, Change::Appeared, "environment");
    }
    shop.modified("/shop/.env.example", "");
}

#[test]
fn globs_restart_or_build() {
    let mut shop = Shop::built();
    shop.types[0].watch = vec!["templates/**".into(), "web/live.toml".into()];
    shop.types[0].inputs = vec![".sqlx".into()];
    let mut worker = process("worker");
    worker.watch = vec!["templates/mail/*".into(), "schema.sql".into()];
    shop.types.push(worker);
    shop.modified("/shop/templates/a.html", "restart:web");
    shop.modified("/shop/templates/mail/a.html", "restart:web restart:worker");
    shop.modified("/shop/web/live.toml", "restart:web");
    shop.modified("/shop/.sqlx/query-1.json", "input:web");
    shop.modified("/shop/schema.sql", "build restart:worker");
    shop.check("/shop/templates", Change::Listing, "restart:web");
    shop.check("/shop/templates/.a.html.swp", Change::Appeared, "");
}

#[test]
fn what_editors_leave_means_nothing_unless_it_is_named() {
    let mut shop = Shop::fresh();
    for left in ["4913", ".main.rs.swp", "main.rs~", ".#main.rs", "main.rs___jb_tmp___"] {
        shop.check(&format!("/shop/web/src/{left}"), Change::Appeared, "");
    }
    shop.inputs = vec!["/shop/web/src/odd~"];
    shop.modified("/shop/web/src/odd~", "build");
}

#[test]
fn what_cargo_makes_means_nothing() {
    let mut shop = Shop::fresh();
    shop.inputs = vec!["/shop/target/debug/build/web-1/out/made.rs"];
    shop.modified("/shop/target/debug/build/web-1/out/made.rs", "");
    shop.artifacts = vec!["/shop/web/out", "/fast"];
    shop.modified("/shop/web/out/debug/web", "");
    shop.modified("/shop/web/outside.rs", "build");
    shop.rule("/shop/web/out", Rule::Tracked, Sort::Plain, Git::Counts, None);
}

#[test]
fn a_workspace_in_its_target_directory_is_watched() {
    for artifacts in ["/", "/shop", "/shop/web"] {
        let shop = Shop { artifacts: vec![artifacts], ..Shop::fresh() };
        shop.modified("/shop/web/src/main.rs", "build");
        shop.modified("/shop/.env", "environment");
        let made = Path::new(artifacts).join("debug/made.rs");
        shop.modified(made.to_str().unwrap(), "");
    }
}

#[test]
fn how_far_a_directory_is_looked_at() {
    let shop = Shop::built();
    let (plain, package, cache) = (Sort::Plain, Sort::Package, Sort::Cache);
    shop.rule("/shop/web/a", Rule::Tracked, plain, Git::Counts, Some(Rule::Tracked));
    shop.rule("/shop/web/a", Rule::Tracked, plain, Git::Ignores, None);
    shop.rule("/shop/web/.git", Rule::Tracked, plain, Git::Counts, None);
    shop.rule("/shop/web/fixture", Rule::Tracked, package, Git::Counts, Some(Rule::Named));
    shop.rule("/shop/web/target-2", Rule::Tracked, cache, Git::Counts, None);
    shop.rule("/shop/web/proto", Rule::Tracked, plain, Git::Ignores, Some(Rule::Everything));
    shop.rule("/shop/web/proto/a", Rule::Everything, package, Git::Ignores, Some(Rule::Everything));
    shop.rule("/shop/web", Rule::Members, package, Git::Counts, Some(Rule::Tracked));
    shop.rule("/shop/docs", Rule::Members, plain, Git::Counts, Some(Rule::Named));
    shop.rule("/shop/lib/src/gen", Rule::Tracked, plain, Git::Ignores, Some(Rule::Named));
    shop.rule("/shop/docs/a", Rule::Named, plain, Git::Counts, None);
}

#[test]
fn looking_begins_where_something_is_known_to_be() {
    let mut shop = Shop::built();
    shop.types[0].watch = vec!["assets/*.css".into(), "**/*.html".into()];
    let set = shop.set();
    let places: Vec<(String, Rule)> =
        set.places().map(|(path, rule)| (path.display().to_string(), rule)).collect();
    let has = |path: &str, rule| places.contains(&(path.to_owned(), rule));
    // For `**/*.html`; it is also where members come and go.
    assert!(has("/shop", Rule::Tracked), "{places:?}");
    for tree in ["/shop/web", "/shop/lib", "/far", "/shop/assets"] {
        assert!(has(tree, Rule::Tracked), "{tree} {places:?}");
    }
    assert!(has("/shop/lib/src/gen", Rule::Named) && has("/", Rule::Named), "{places:?}");
    let wanted = set.wanted(Path::new("/shop/lib/src/gen"));
    assert_eq!(wanted, BTreeSet::from(["Cargo.toml".into(), "made.rs".into()]));
    assert_eq!(shop.set().wanted(Path::new("/far/src")), BTreeSet::from(["lib.rs".into()]));
}

#[test]
fn what_was_of_no_interest_is_remembered_until_it_is() {
    let at = |seconds| Moment::after_start(std::time::Duration::from_secs(seconds));
    let page = "/shop/web/page.html";
    let edit = Difference { path: page.into(), change: Change::Modified };
    let mut shop = Shop::built();
    shop.types[0].watch = vec!["web/page.html".into()];
    let before = shop.set();
    shop.inputs.push(page);
    let after = shop.set();

    let mut journal = Journal::default();
    let told = journal.note(&before, &edit, at(5));
    assert_eq!(told.iter().map(word).collect::<Vec<_>>(), ["restart:web"]);
    // The build that was the first to read it began at 4: it may have read it before 5.
    let news = journal.reconsider(&after, at(4));
    assert_eq!(news.len(), 1);
    assert_eq!(news[0].path, Path::new(page));
    // The restart has been told.
    assert_eq!(news[0].added.iter().map(word).collect::<Vec<_>>(), ["build"]);
    assert_eq!(journal.reconsider(&after, at(4)), []);

    let mut journal = Journal::default();
    journal.note(&before, &edit, at(5));
    // This one began after it.
    assert_eq!(journal.reconsider(&after, at(6)), []);
}

#[test]
fn two_changes_are_one() {
    let check = |first: Change, second, expected| assert_eq!(first.then(second), expected);
    check(Change::Appeared, Change::Vanished, None);
    check(Change::Appeared, Change::Modified, Some(Change::Appeared));
    check(Change::Vanished, Change::Appeared, Some(Change::Modified));
    check(Change::Modified, Change::Vanished, Some(Change::Vanished));
    check(Change::Modified, Change::Modified, Some(Change::Modified));
}

#[test]
fn only_what_binaries_are_built_from_is_watched() {
    let package = |name: &str| LocalPackage {
        name: name.into(),
        directory: name.into(),
        script: BuildScript::None,
        roots: Vec::new(),
    };
    let local = ["web", "lib", "tool"].map(package);
    let built_from = [("web", vec!["web", "lib"]), ("tool", vec!["tool"])];
    let built_from = built_from.map(|(package, from)| {
        (package.to_owned(), from.into_iter().map(str::to_owned).collect::<BTreeSet<_>>())
    });
    let needed = LocalPackage::needed(&local, &built_from.into(), [&"web".to_owned()]);
    assert_eq!(needed, local[..2]);
}

#[test]
fn a_build_that_is_due_is_not_told_again_when_it_is_certain_why() {
    let at = |seconds| Moment::after_start(std::time::Duration::from_secs(seconds));
    let edit = Difference { path: "/shop/web/proto/a.proto".into(), change: Change::Modified };
    let (before, after) = (Shop::fresh().set(), Shop::built().set());
    let mut journal = Journal::default();
    let told = journal.note(&before, &edit, at(5));
    assert_eq!(told, [Meaning::Build(Certainty::Possible)].into());
    assert_eq!(after.meanings(&edit), [Meaning::Build(Certainty::Known)].into());
    assert_eq!(journal.reconsider(&after, at(4)), []);
}
