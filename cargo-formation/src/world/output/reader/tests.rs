//! What a reader has taken when it says so.

use std::cell::RefCell;

use rustix::io::ioctl_fionbio;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::sync::watch;

use super::{Life, Reading, read};
use crate::narrate::Paint;
use crate::world::history::History;
use crate::world::output::{Dialect, Prefix, Shown, Source, Stamp, Tail, start};
use crate::world::pty::{Pty, Size};

const LINES: usize = 1_600;

#[test]
fn all_that_a_terminal_holds_is_taken_when_the_leader_has_ended() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (pty, terminal) = Pty::open(Size::default()).unwrap();
        let mut modes = tcgetattr(&terminal).unwrap();
        modes.make_raw();
        tcsetattr(&terminal, OptionalActions::Now, &modes).unwrap();
        ioctl_fionbio(&terminal, true).unwrap();
        // More than a terminal tells of, and no more than a tail keeps.
        for _ in 0..LINES {
            rustix::io::write(&terminal, b"ten bytes\n").unwrap();
        }
        let (life, receiver) = watch::channel(Life::Leader);
        let (shown, tail) = (Shown::default(), Tail::default());
        shown.only(Some("other".parse().unwrap()));
        let reading = Reading {
            console: None,
            source: Source(7),
            pipe: pty.into(),
            prefix: Prefix { line: Vec::new(), continuation: Vec::new() },
            stamp: Stamp::None,
            dialect: Dialect::Bytes,
            recorder: History::default().recorder("app.1", 1, 0),
            life: receiver,
            shown: ("web".parse().unwrap(), shown),
            sought: Vec::new(),
            tail: tail.clone(),
        };
        life.send(Life::Others).unwrap();
        let taken = RefCell::new(Vec::new());
        let terminal = RefCell::new(Some(terminal));
        let drained = |life| {
            let lines = tail.lines(usize::MAX);
            taken.borrow_mut().push((life, lines.lines().count()));
            // Then nobody has it any more, and the reader is at the end.
            terminal.take();
        };
        let writer = start(Paint::Plain, || {}).unwrap();
        read(reading, writer, drained).await.unwrap();
        assert_eq!(taken.into_inner(), [(Life::Others, LINES), (Life::Gone, LINES)]);
    });
}
