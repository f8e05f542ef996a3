//! When the kernel does not tell everything.

use std::path::Path;

use notify::event::{EventAttributes, Flag};
use notify::{Event, EventHandler, EventKind, RecursiveMode, Watcher, WatcherKind};

use super::ground::{Eyes, Ground};
use crate::world::watch::looking::Message;
use crate::world::watch::{News, Trouble};

#[test]
fn after_an_overflow_everything_is_looked_at() {
    let ground = Ground::new(Eyes::Blind, |_| {});
    ground.write("web/src/main.rs", "new");
    ground.write("web/src/deep/new.rs", "new");
    let mut attributes = EventAttributes::new();
    attributes.set_flag(Flag::Rescan);
    let event = Event { kind: EventKind::Other, paths: Vec::new(), attrs: attributes };
    ground.messages.send(Message::Told(Ok(event))).unwrap();
    let changes = ground.changes();
    let paths: Vec<_> = changes.build.iter().map(|path| ground.short(path)).collect();
    assert_eq!(paths, ["web/src/deep/new.rs", "web/src/main.rs"]);
}

#[test]
fn after_an_error_everything_is_looked_at() {
    let ground = Ground::new(Eyes::Blind, |_| {});
    ground.write("web/src/main.rs", "new");
    ground.messages.send(Message::Told(Err(notify::Error::generic("lost")))).unwrap();
    assert_eq!(ground.changes().build.len(), 1);
}

/// A watcher for whom the system has so many watches and no more.
#[derive(Debug)]
struct Few(usize);

impl Watcher for Few {
    fn new<F: EventHandler>(_: F, _: notify::Config) -> notify::Result<Self> {
        Ok(Self(3))
    }

    fn watch(&mut self, _: &Path, _: RecursiveMode) -> notify::Result<()> {
        self.0 =
            self.0.checked_sub(1).ok_or(notify::Error::new(notify::ErrorKind::MaxFilesWatch))?;
        Ok(())
    }

    fn unwatch(&mut self, _: &Path) -> notify::Result<()> {
        Ok(())
    }

    fn kind() -> WatcherKind {
        WatcherKind::NullWatcher
    }
}

#[test]
fn without_watches_sweeps_see_everything_and_it_is_said_once() {
    let mut ground = Ground::with_watcher(Ok(Box::new(Few(3))));
    let mut said = 0;
    for round in 0..20 {
        ground.write("web/src/main.rs", &format!("{round}"));
        loop {
            match ground.next() {
                News::Trouble(trouble) => {
                    assert_eq!(trouble, Trouble::Watches);
                    assert_eq!(
                        trouble.to_string(),
                        "some changes are noticed late: the limit of watched directories is \
                         reached; raise it with `sysctl fs.inotify.max_user_watches=524288`"
                    );
                    said += 1;
                }
                News::Changes(_) => break,
                News::Checked(_) => panic!("nobody asked"),
            }
        }
        ground.settle();
    }
    // It may have been said while the ground was made.
    assert!(said <= 1);
}

#[test]
fn without_a_watcher_sweeps_see_everything() {
    let error = std::io::Error::from_raw_os_error(rustix::io::Errno::MFILE.raw_os_error());
    let trouble = Trouble::from(&notify::Error::io(error));
    assert!(trouble.to_string().contains("fs.inotify.max_user_instances"), "{trouble}");
    let mut ground = Ground::with_watcher(Err(notify::Error::generic("no eyes")));
    ground.write("web/src/deep/new.rs", "new");
    ground.builds(&["web/src/deep/new.rs"]);
}

#[test]
fn whoever_drops_the_watch_hears_no_more() {
    let ground = Ground::new(Eyes::Told, |_| {});
    let (root, messages) = (ground.plan.root.clone(), ground.messages.clone());
    drop(ground);
    // The thread is gone when nobody takes messages any more.
    harness::eventually("end of the thread", std::time::Duration::from_secs(10), || {
        messages.send(Message::Check(1)).is_err().then_some(())
    });
    assert!(!root.exists());
}
