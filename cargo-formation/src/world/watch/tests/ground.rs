//! A workspace in a temporary directory, and a watch on it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, SystemTime};

use notify::{NullWatcher, RecommendedWatcher, Watcher};
use tempfile::TempDir;

use crate::formation::{Moment, ProcessType};
use crate::plan::watch::{
    BuildScript, Changes, DepInfo, Knowledge, LocalPackage, Sources, WatchSet,
};
use crate::world::clock::Clock;
use crate::world::watch::arms::Arms;
use crate::world::watch::looking::{Looking, Message, may_differ};
use crate::world::watch::pace::{Pace, Told};
use crate::world::watch::{Mark, News, Watch};

/// After this long nothing will be reported any more.
const DEADLINE: Duration = Duration::from_mins(1);

/// How changes are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Eyes {
    /// The kernel tells; nothing is swept.
    Told,
    /// Everything is swept, again and again; nobody tells.
    Swept,
    /// Neither, but for what the test itself says.
    Blind,
}

pub(super) const BOTH: [Eyes; 2] = [Eyes::Told, Eyes::Swept];

/// What is watched in the workspace, besides its package `web`.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) root: PathBuf,
    pub(super) packages: Vec<PathBuf>,
    /// What the last good build read, and whether that is all.
    pub(super) inputs: BTreeSet<PathBuf>,
    pub(super) knowledge: Knowledge,
    pub(super) artifacts: Vec<PathBuf>,
    pub(super) types: Vec<ProcessType>,
}

impl Plan {
    pub(super) fn set(&self) -> WatchSet {
        let package = |directory: &PathBuf| LocalPackage {
            name: directory.file_name().unwrap().to_str().unwrap().into(),
            directory: directory.clone(),
            script: BuildScript::None,
            roots: Vec::new(),
        };
        let packages: Vec<_> = self.packages.iter().map(package).collect();
        let manifests: Vec<_> =
            self.packages.iter().map(|directory| directory.join("Cargo.toml")).collect();
        let dep_info = DepInfo { inputs: self.inputs.clone(), knowledge: self.knowledge };
        let (set, bad) = WatchSet::new(&Sources {
            root: &self.root,
            manifests: &manifests,
            packages: &packages,
            artifacts: &self.artifacts,
            cargo_home: None,
            dep_info: &dep_info,
            env_files: &[self.root.join(".env"), self.root.join(".env.local")],
            processes: &self.types,
        });
        assert_eq!(bad, []);
        set
    }
}

/// A watch on a workspace.
pub(super) struct Ground {
    pub(super) plan: Plan,
    pub(super) watch: Watch,
    pub(super) clock: Clock,
    /// The way in for events that the test makes up.
    pub(super) messages: Sender<Message>,
    news: Receiver<News>,
    asked: u64,
    directory: TempDir,
}

impl Ground {
    /// A workspace `app` with a package `web`, and what `prepare` adds to it and to the plan.
    pub(super) fn new(eyes: Eyes, prepare: impl FnOnce(&mut Plan)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap().join("app");
        let mut plan = Plan {
            packages: vec![root.join("web")],
            inputs: [root.join("web/src/main.rs"), root.join("web/src/lib.rs")].into(),
            knowledge: Knowledge::Complete,
            artifacts: vec![root.join("target")],
            types: Vec::new(),
            root,
        };
        write(&plan.root.join(".git/HEAD"), "ref: refs/heads/main\n");
        write(&plan.root.join(".gitignore"), "*.ignored\n/web/data/\n");
        write(&plan.root.join("Cargo.toml"), "[workspace]\n");
        write(&plan.root.join("web/Cargo.toml"), "[package]\n");
        for path in ["web/src/main.rs", "web/src/lib.rs", "web/page.html", "target/debug/web"] {
            write(&plan.root.join(path), "old\n");
        }
        prepare(&mut plan);
        let (messages, inbox) = mpsc::channel();
        let arms = Arms::new(Ok(watcher(eyes, messages.clone())));
        Self::with(plan, directory, eyes, arms, messages, inbox)
    }

    /// As [`Self::new`], with whatever watcher there is.
    pub(super) fn with_watcher(watcher: notify::Result<Box<dyn Watcher + Send>>) -> Self {
        let (messages, inbox) = mpsc::channel();
        let ground = Self::new(Eyes::Blind, |_| {});
        let Self { plan, directory, .. } = ground;
        Self::with(plan, directory, Eyes::Swept, Arms::new(watcher), messages, inbox)
    }

    fn with(
        plan: Plan,
        directory: TempDir,
        eyes: Eyes,
        arms: Arms,
        messages: Sender<Message>,
        inbox: Receiver<Message>,
    ) -> Self {
        let clock = Clock::start();
        let (sender, news) = mpsc::channel();
        let report = move |report| {
            let _ = sender.send(report);
        };
        let looking = Looking::new(arms, inbox, clock, pace(eyes), report);
        let since = Mark::now(clock);
        let watch = Watch::begin(looking, messages.clone(), plan.set(), since).unwrap();
        let mut ground = Self { plan, watch, clock, messages, news, asked: 0, directory };
        // What the test wrote just now may be reported; it is not what it is about.
        ground.settle();
        ground
    }

    /// A path of the workspace.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.plan.root.join(path)
    }

    /// A path beside it.
    pub(super) fn beside(&self, path: &str) -> PathBuf {
        self.directory.path().canonicalize().unwrap().join(path)
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        write(&self.path(path), text);
    }

    /// The next report.
    #[track_caller]
    pub(super) fn next(&self) -> News {
        self.news.recv_timeout(DEADLINE).expect("a report")
    }

    /// The next changes.
    #[track_caller]
    pub(super) fn changes(&self) -> Changes {
        match self.next() {
            News::Changes(changes) => changes,
            other @ (News::Checked(_) | News::Trouble(_)) => panic!("{other:?}"),
        }
    }

    /// Everything that is reported until the watch says that it is all.
    #[track_caller]
    pub(super) fn settle(&mut self) -> Vec<Changes> {
        self.asked += 1;
        self.watch.check(self.asked);
        self.until_answer()
    }

    /// What is reported before the answer to the last question.
    #[track_caller]
    pub(super) fn until_answer(&mut self) -> Vec<Changes> {
        let mut all = Vec::new();
        loop {
            match self.next() {
                News::Changes(changes) => all.push(changes),
                News::Checked(number) if number == self.asked => return all,
                News::Checked(_) | News::Trouble(_) => {}
            }
        }
    }

    pub(super) fn ask(&mut self) {
        self.asked += 1;
        self.watch.check(self.asked);
    }

    /// Wait for the first report without asking, then for all there is.
    #[track_caller]
    pub(super) fn told(&mut self) -> Vec<Changes> {
        let mut all = vec![self.changes()];
        all.extend(self.settle());
        all
    }

    /// What was reported to be built is exactly this, and the first of it without asking.
    #[track_caller]
    pub(super) fn builds(&mut self, paths: &[&str]) -> usize {
        let all = self.told();
        let found: BTreeSet<String> =
            all.iter().flat_map(|changes| &changes.build).map(|path| self.short(path)).collect();
        let expected: BTreeSet<String> = paths.iter().map(|&path| path.to_owned()).collect();
        assert_eq!(found, expected);
        all.len()
    }

    /// Nothing is reported, also not late: what is reported next is another edit.
    #[track_caller]
    pub(super) fn nothing(&mut self) {
        assert_eq!(self.settle(), []);
        self.write("web/src/main.rs", &format!("something else {}\n", self.asked));
        self.builds(&["web/src/main.rs"]);
    }

    /// A path relative to the workspace, if it is in it.
    pub(super) fn short(&self, path: &Path) -> String {
        path.strip_prefix(&self.plan.root).unwrap_or(path).display().to_string()
    }

    /// Hand over the plan as it is now, made of a build that began at `since`.
    pub(super) fn update(&self, since: Mark) {
        self.watch.update(self.plan.set(), since);
    }
}

fn watcher(eyes: Eyes, messages: Sender<Message>) -> Box<dyn Watcher + Send> {
    match eyes {
        Eyes::Told => {
            let tell = move |event: notify::Result<notify::Event>| {
                if event.as_ref().map_or(true, |event| may_differ(event.kind)) {
                    let _ = messages.send(Message::Told(event));
                }
            };
            Box::new(RecommendedWatcher::new(tell, notify::Config::default()).unwrap())
        }
        Eyes::Swept | Eyes::Blind => Box::new(NullWatcher),
    }
}

fn pace(eyes: Eyes) -> Pace {
    fn seldom(_: Duration, _: Told) -> Duration {
        Duration::from_hours(1)
    }
    fn often(_: Duration, _: Told) -> Duration {
        Duration::from_millis(5)
    }
    match eyes {
        Eyes::Told | Eyes::Blind => seldom,
        Eyes::Swept => often,
    }
}

/// Write a file, and the directories above it.
pub(super) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Do it again until it took so little time that nobody can have looked in between for long.
pub(super) fn quickly(mut act: impl FnMut()) -> bool {
    let clock = Clock::start();
    act();
    clock.now().since(Moment::default()) < Duration::from_millis(5)
}

/// Everything below a directory, by what makes an edit.
pub(super) fn snapshot(directory: &Path) -> BTreeMap<PathBuf, (u64, SystemTime, Vec<u8>)> {
    let mut all = BTreeMap::new();
    let Ok(entries) = fs::read_dir(directory) else { return all };
    for entry in entries {
        let path = entry.unwrap().path();
        let metadata = fs::metadata(&path).unwrap();
        if metadata.is_dir() {
            all.extend(snapshot(&path));
        } else {
            let content = fs::read(&path).unwrap();
            all.insert(path, (metadata.ino(), metadata.modified().unwrap(), content));
        }
    }
    all
}

/// Wait until files get a date that is beyond doubt later than now.
pub(super) fn wait_for_another_tick() {
    let clock = Clock::start();
    harness::eventually("another tick", Duration::from_secs(10), || {
        (clock.now().since(Moment::default()) > Duration::from_millis(30)).then_some(())
    });
}
