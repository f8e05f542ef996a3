//! With a real cargo.

use std::collections::BTreeMap;
use std::fs;
use std::io::BufReader;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::{
    BuildNews, BuildRequest, Colour, Level, Lock, Resolve, Seen, StderrNews, arguments,
    progress_variables, read_messages, read_stderr,
};
use crate::formation::Binary;
use crate::narrate::build::TargetKind;
use crate::plan::Selection;

/// A workspace of two packages with binaries, and a library under both.
struct Shop(TempDir);

impl Shop {
    fn new() -> Self {
        let shop = Self(TempDir::new().unwrap());
        shop.write(
            "Cargo.toml",
            "[workspace]\nresolver = '3'\nmembers = ['web', 'worker', 'core']\n",
        );
        for package in ["web", "worker"] {
            shop.write(
                &format!("{package}/Cargo.toml"),
                &format!(
                    "[package]\nname = '{package}'\nedition = '2024'\n\
                     [features]\ndefault = ['loud']\nloud = []\nextra = []\n\
                     [dependencies]\nshop-core.path = '../core'\n"
                ),
            );
            shop.write(
                &format!("{package}/src/main.rs"),
                "#[cfg(feature = \"loud\")]\ncompile_error!(\"loud\");\n\
                 fn main() { shop_core::sell(); }\n",
            );
        }
        shop.write("core/Cargo.toml", "[package]\nname = 'shop-core'\nedition = '2024'\n");
        shop.write("core/src/lib.rs", "pub fn sell() { let unused = 1; }\n");
        shop.write("web/src/bin/admin.rs", "fn main() { }\n");
        let manifest = fs::read_to_string(shop.path().join("web/Cargo.toml")).unwrap();
        let admin = "[[bin]]\nname = 'admin'\nrequired-features = ['extra']\n";
        shop.write("web/Cargo.toml", &(manifest + admin));
        shop
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn request(&self) -> BuildRequest {
        let binary = |package: &str, name: &str| Binary {
            package: package.to_owned(),
            name: name.to_owned(),
            required_features: Vec::new(),
        };
        BuildRequest {
            selection: Selection {
                packages: vec!["web".into(), "worker".into()],
                binaries: vec![binary("web", "admin"), binary("web", "web")],
                features: vec!["web/extra".into(), "worker/extra".into()],
                no_default_features: true,
            },
            manifest_path: Some(self.path().join("Cargo.toml")),
            target_dir: Some(self.path().join("out")),
            resolve: Resolve::Offline,
            pass_through: vec!["--jobs".into(), "2".into()],
            ..BuildRequest::default()
        }
    }

    fn spawn(request: &BuildRequest) -> Child {
        Command::new("cargo")
            .args(arguments(request))
            .env_remove("CARGO_BUILD_BUILD_DIR")
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("RUSTFLAGS")
            .envs(progress_variables(80))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// Run a build to its end.
fn build(request: &BuildRequest, seen: &mut Seen) -> (Vec<BuildNews>, Vec<StderrNews>) {
    let mut cargo = Shop::spawn(request);
    let stderr = cargo.stderr.take().unwrap();
    let said = thread::spawn(move || {
        let mut said = Vec::new();
        read_stderr(stderr, |item| said.push(item)).unwrap();
        said
    });
    let mut news = Vec::new();
    let stdout = BufReader::new(cargo.stdout.take().unwrap());
    read_messages(stdout, &BTreeMap::new(), seen, |item| news.push(item)).unwrap();
    cargo.wait().unwrap();
    (news, said.join().unwrap())
}

fn binaries(news: &[BuildNews]) -> Vec<&str> {
    let mut names: Vec<&str> = news
        .iter()
        .filter_map(|item| match item {
            BuildNews::Artifact { binary, path, .. } => {
                assert!(path.is_file());
                Some(binary.as_str())
            }
            BuildNews::Diagnostic { .. }
            | BuildNews::Script { .. }
            | BuildNews::Again { .. }
            | BuildNews::Output(_)
            | BuildNews::Finished { .. } => None,
        })
        .collect();
    names.sort_unstable();
    names
}

fn diagnostics(news: &[BuildNews]) -> Vec<(&str, TargetKind, Level, &str)> {
    news.iter()
        .filter_map(|item| match item {
            BuildNews::Diagnostic { target, level, rendered } => {
                Some((target.package.as_str(), target.kind, *level, rendered.as_str()))
            }
            BuildNews::Artifact { .. }
            | BuildNews::Script { .. }
            | BuildNews::Again { .. }
            | BuildNews::Output(_)
            | BuildNews::Finished { .. } => None,
        })
        .collect()
}

fn lines(said: &[StderrNews]) -> String {
    let text = |item: &StderrNews| match item {
        StderrNews::Line(line) | StderrNews::Trouble(line) => {
            format!("{}\n", String::from_utf8_lossy(line))
        }
        StderrNews::Progress(_) | StderrNews::Blocked(_) | StderrNews::Unblocked => String::new(),
    };
    said.iter().map(text).collect()
}

#[test]
fn cargo_builds_exactly_what_is_asked() {
    let shop = Shop::new();
    let mut seen = Seen::default();
    let (news, said) = build(&shop.request(), &mut seen);
    assert_eq!(news.last(), Some(&BuildNews::Finished { success: true }), "{}", lines(&said));
    assert_eq!(binaries(&news), ["admin", "web"]);
    let [("shop-core", TargetKind::Library, Level::Warning, text)] = diagnostics(&news)[..] else {
        panic!("{news:?}");
    };
    assert!(text.contains("unused variable") && !text.contains('\x1b'), "{text}");
    assert!(said.iter().any(|item| matches!(item, StderrNews::Progress(_))), "{said:?}");
    assert!(lines(&said).contains("Finished"));

    // Everything is fresh, and cargo repeats the warning.
    let (news, _) = build(&shop.request(), &mut seen);
    assert_eq!(diagnostics(&news), []);
    assert!(news.iter().any(|item| matches!(item, BuildNews::Artifact { fresh: true, .. })));
}

#[test]
fn who_is_healthy_is_built() {
    let shop = Shop::new();
    shop.write("web/src/main.rs", "fn main() { undefined() }\n");
    let mut request = shop.request();
    request.colour = Colour::Always;
    request.profile = Some("release".into());
    let (news, said) = build(&request, &mut Seen::default());
    assert_eq!(news.last(), Some(&BuildNews::Finished { success: false }));
    assert_eq!(binaries(&news), ["admin"]);
    let errors: Vec<_> =
        diagnostics(&news).into_iter().filter(|(_, _, level, _)| *level == Level::Error).collect();
    let [("web", TargetKind::Binary, _, text)] = errors[..] else { panic!("{errors:?}") };
    assert!(text.contains("\x1b["), "{text}");
    assert!(lines(&said).contains("could not compile"));
}

#[test]
fn a_manifest_that_is_wrong_is_told_to_people() {
    let shop = Shop::new();
    let mut request = shop.request();
    request.selection.packages.push("nobody".into());
    let (news, said) = build(&request, &mut Seen::default());
    assert_eq!(news, []);
    assert!(lines(&said).contains("nobody"), "{said:?}");
}

/// By the first cargo, that is: whoever else uses cargo here may hold the package cache.
fn is_blocked(item: &StderrNews) -> bool {
    let directory = [Lock::ArtifactDirectory, Lock::BuildDirectory];
    directory.into_iter().any(|lock| *item == StderrNews::Blocked(lock))
}

/// The first cargo is in a build script that waits for us, and so holds its lock.
#[test]
fn a_cargo_that_waits_for_another_says_so() {
    let shop = Shop::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    shop.write(
        "core/build.rs",
        &format!(
            "use std::io::Read;\n\
             fn main() {{\n\
                 println!(\"cargo::rerun-if-changed=build.rs\");\n\
                 let mut gate = std::net::TcpStream::connect((\"127.0.0.1\", {port})).unwrap();\n\
                 gate.read_to_end(&mut Vec::new()).unwrap();\n\
             }}\n"
        ),
    );
    let request = shop.request();
    let first = Shop::spawn(&request);
    let (sender, accepted) = mpsc::channel();
    thread::spawn(move || sender.send(listener.accept()));
    let mut gate = Some(accepted.recv_timeout(Duration::from_mins(1)).unwrap().unwrap());
    let mut second = Shop::spawn(&request);
    let mut said = Vec::new();
    read_stderr(second.stderr.take().unwrap(), |item| {
        if is_blocked(&item) {
            gate.take();
        }
        said.push(item);
    })
    .unwrap();
    assert!(second.wait_with_output().unwrap().status.success());
    assert!(first.wait_with_output().unwrap().status.success());
    let at = said.iter().position(is_blocked).unwrap();
    assert_eq!(said[at + 1], StderrNews::Unblocked);
    assert!(lines(&said[at + 2..]).contains("Finished"), "{said:?}");
}
