//! A run with a terminal, a guest, a socket, and the terminal of whoever attaches.

use std::io::{BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, tcgetattr};
use tokio::task::LocalSet;

use super::client::{Attachment, Parted, attach};
use super::lines::{Bytes, Said, Seen};
use super::{Console, Guest, Window, serve};
use crate::narrate::Paint;
use crate::world::children::ChildId;
use crate::world::pty::{Pty, Size};

const DEADLINE: Duration = Duration::from_mins(1);
const RUN: ChildId = ChildId(7);

/// Do this in a runtime as the loop has it.
fn within<F: Future>(test: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        tokio::time::timeout(DEADLINE, test).await.expect("it takes too long")
    })
}

fn size(rows: u16, columns: u16) -> Size {
    Size { rows, columns }
}

fn console() -> Console {
    Console::new(Size::default())
}

/// The next output, whatever is told before it.
async fn output(guest: &Guest) -> String {
    loop {
        if let Seen::Output { bytes } = guest.next().await {
            return String::from_utf8(bytes.0).unwrap();
        }
    }
}

#[test]
fn a_guest_sees_the_last_lines_and_then_what_comes() {
    within(async {
        let console = console();
        let (pty, _terminal) = Pty::open(console.size()).unwrap();
        console.begin(RUN, &pty).unwrap();
        console.wrote(RUN, b"one\r\ntwo\r\n> ");
        let guest = console.attach("web.1", size(2, 80));
        assert!(matches!(guest.next().await, Seen::Attached { others: 0, .. }));
        assert_eq!(output(&guest).await, "two\r\n> ");
        console.wrote(RUN, b"x");
        assert_eq!(output(&guest).await, "x");
    });
}

#[test]
fn the_size_is_what_fits_on_every_window() {
    within(async {
        let console = console();
        let (pty, terminal) = Pty::open(console.size()).unwrap();
        console.begin(RUN, &pty).unwrap();
        let is = |rows, columns| assert_eq!(Size::of(&terminal), Some(size(rows, columns)));
        let one = console.attach("web.1", size(50, 100));
        is(50, 100);
        let other = console.attach("web.1", size(30, 120));
        is(30, 100);
        other.says(Said::Resized { rows: 60, columns: 90 });
        is(50, 90);
        // The tool's own window does not count meanwhile.
        console.resize(size(10, 10));
        is(50, 90);
        other.says(Said::Resized { rows: 0, columns: 0 });
        drop(one);
        is(60, 90);
        drop(other);
        is(10, 10);
    });
}

#[test]
fn a_guest_that_takes_nothing_misses_what_it_is_told_it_does() {
    within(async {
        let console = console();
        let (pty, _terminal) = Pty::open(console.size()).unwrap();
        console.begin(RUN, &pty).unwrap();
        let guest = console.attach("web.1", Size::default());
        let chunk = vec![b'x'; 4_000];
        (0..1_000).for_each(|_| console.wrote(RUN, &chunk));
        let (mut came, mut missed) = (0, 0);
        while missed == 0 {
            match guest.next().await {
                Seen::Output { bytes } => came += bytes.0.len() as u64,
                Seen::Missed { bytes } => missed = bytes,
                Seen::Attached { .. }
                | Seen::Began
                | Seen::Ended { .. }
                | Seen::Done
                | Seen::Refused { .. } => {}
            }
        }
        assert_eq!(came + missed, 4_000_000);
        assert!(came <= 1024 * 1024, "{came}");
        console.wrote(RUN, b"after");
        assert_eq!(output(&guest).await, "after");
    });
}

#[test]
fn keys_that_a_run_does_not_read_are_answered_with_a_bell() {
    within(async {
        let console = console();
        let (pty, _terminal) = Pty::open(console.size()).unwrap();
        console.begin(RUN, &pty).unwrap();
        let guest = console.attach("web.1", Size::default());
        for _ in 0..3 {
            guest.says(Said::Typed { input: Bytes(vec![b'x'; 500_000]) });
        }
        assert_eq!(output(&guest).await, "\x07");
    });
}

#[test]
fn a_guest_stays_from_run_to_run() {
    within(async {
        let console = console();
        let guest = console.attach("web.1", Size::default());
        guest.says(Said::Typed { input: Bytes(b"for nobody".to_vec()) });
        assert!(matches!(guest.next().await, Seen::Attached { .. }));
        let pty = || Pty::open(Size::default()).unwrap();
        let ((old, _), (new, _)) = (pty(), pty());
        console.begin(RUN, &old).unwrap();
        assert_eq!(guest.next().await, Seen::Began);
        console.wrote(RUN, b"old\r\n");
        assert_eq!(output(&guest).await, "old\r\n");
        console.begin(ChildId(8), &new).unwrap();
        assert_eq!(guest.next().await, Seen::Began);
        // Of two that live the newer one is seen, and the other when it has failed.
        console.wrote(RUN, b"goes on\r\n");
        console.wrote(ChildId(8), b"fails\r\n");
        assert_eq!(output(&guest).await, "fails\r\n");
        console.ended(ChildId(8), "exit code 3");
        assert_eq!(guest.next().await, Seen::Ended { how: "exit code 3".into() });
        assert_eq!(guest.next().await, Seen::Began);
        assert_eq!(output(&guest).await, "old\r\ngoes on\r\n");
        console.close();
        assert_eq!(guest.next().await, Seen::Done);
    });
}

#[test]
fn a_draining_run_that_ends_is_nobodys_business() {
    within(async {
        let console = console();
        let pty = || Pty::open(Size::default()).unwrap();
        let ((old, _), (new, _)) = (pty(), pty());
        console.begin(RUN, &old).unwrap();
        console.begin(ChildId(8), &new).unwrap();
        let guest = console.attach("web.1", Size::default());
        console.ended(RUN, "exit code 0");
        console.wrote(ChildId(8), b"new");
        assert!(matches!(guest.next().await, Seen::Attached { .. }));
        assert_eq!(guest.next().await, Seen::Output { bytes: Bytes(b"new".to_vec()) });
    });
}

/// A formation in miniature: a program at a terminal, and somebody attached to it by a socket.
struct Scene {
    program: Child,
    console: Console,
    run: Pty,
    /// The screen and keyboard of whoever is attached.
    person: Pty,
    theirs: OwnedFd,
    parted: Receiver<Parted>,
    client: UnixStream,
    server: Option<UnixStream>,
}

impl Scene {
    /// To be called inside of a local task set.
    fn set(script: &str) -> Self {
        let (run, terminal) = Pty::open(Size::default()).unwrap();
        let console = console();
        console.begin(RUN, &run).unwrap();
        let mut command = Command::new("setsid");
        let stdio = || Stdio::from(terminal.try_clone().unwrap());
        command.args(["--ctty", "sh", "-c", script]).stdin(stdio()).stdout(stdio()).stderr(stdio());
        let program = command.spawn().unwrap();
        drop((command, terminal));
        let (person, theirs) = Pty::open(size(40, 100)).unwrap();
        let (client, server) = UnixStream::pair().unwrap();
        let window = Window::new(theirs.try_clone().unwrap(), theirs.try_clone().unwrap()).unwrap();
        let keys = "ctrl-\\".parse().unwrap();
        let attachment = Attachment { window, keys, paint: Paint::Plain };
        let (sender, parted) = channel();
        let lines = BufReader::new(client.try_clone().unwrap());
        let requests = client.try_clone().unwrap();
        thread::spawn(move || sender.send(attach(attachment, lines, requests).unwrap()));
        let scene =
            Self { program, console, run, person, theirs, parted, client, server: Some(server) };
        scene.read_run();
        scene
    }

    /// Serve the guest until it leaves.
    fn serve(&mut self) -> tokio::task::JoinHandle<()> {
        let server = self.server.take().unwrap();
        server.set_nonblocking(true).unwrap();
        let server = tokio::net::UnixStream::from_std(server).unwrap();
        let (read, write) = server.into_split();
        let guest = self.console.attach("app.1", size(40, 100));
        tokio::task::spawn_local(serve(guest, tokio::io::BufReader::new(read), write))
    }

    /// What the reader of the run does, on a thread.
    fn read_run(&self) {
        let (run, console) = (self.run.try_clone().unwrap(), self.console.clone());
        thread::spawn(move || {
            while let Some(bytes) = read(&run) {
                console.wrote(RUN, &bytes);
            }
            console.ended(RUN, "exit code 0");
            console.close();
        });
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.theirs).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// What is on the screen, until it has this.
    async fn wait_for(&self, text: &str) -> String {
        let (person, text) = (self.person.try_clone().unwrap(), text.to_owned());
        let wait = move || {
            let mut shown = Vec::new();
            loop {
                let so_far = String::from_utf8_lossy(&shown).into_owned();
                if so_far.contains(&text) {
                    return so_far;
                }
                let more = read(&person).unwrap_or_else(|| panic!("no {text:?} in {so_far:?}"));
                shown.extend(more);
            }
        };
        tokio::task::spawn_blocking(wait).await.unwrap()
    }

    fn press(&self, keys: &[u8]) {
        rustix::io::write(&self.person, keys).unwrap();
    }

    /// How it came to an end; the terminal is as it was.
    async fn parted(mut self, served: tokio::task::JoinHandle<()>) -> Parted {
        let parted = self.parted.recv_timeout(DEADLINE).unwrap();
        assert!(self.echoes(), "the terminal is left raw");
        // As at the end of the process.
        self.client.shutdown(std::net::Shutdown::Both).unwrap();
        served.await.unwrap();
        self.program.kill().unwrap();
        self.program.wait().unwrap();
        parted
    }
}

/// What comes next out of a terminal; nothing when nobody has it any more.
fn read(pty: &Pty) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 4096];
    let deadline = Timespec::try_from(DEADLINE).unwrap();
    assert_eq!(poll(&mut [PollFd::new(pty, PollFlags::IN)], Some(&deadline)).unwrap(), 1);
    let length = rustix::io::read(pty, &mut bytes).ok().filter(|length| *length > 0)?;
    bytes.truncate(length);
    Some(bytes)
}

#[test]
fn what_is_typed_arrives_and_what_is_answered_is_seen() {
    within(async {
        let mut scene = Scene::set("stty size; read line; echo \"got <$line>\"; read never");
        let served = scene.serve();
        scene.wait_for("leaves\r\n").await;
        assert!(!scene.echoes(), "the terminal is not raw");
        scene.press(b"hello\r");
        // What was typed is shown by the run's own terminal, once.
        let shown = scene.wait_for("got <hello>\r\n").await;
        assert_eq!(shown.matches("hello").count(), 2, "{shown:?}");
        scene.press(b"\x1c");
        scene.wait_for("Detached").await;
        assert_eq!(scene.parted(served).await, Parted::Left);
    });
}

#[test]
fn whatever_was_switched_on_is_off_when_somebody_has_left() {
    within(async {
        let mut scene = Scene::set("printf '\\033[?1049h\\033[?25lfull'; read never");
        let served = scene.serve();
        scene.wait_for("full").await;
        scene.press(b"\x1c");
        let shown = scene.wait_for("Detached").await;
        assert!(shown.contains("\x1b[?1049l\x1b[?25h"), "{shown:?}");
        assert_eq!(scene.parted(served).await, Parted::Left);
    });
}

#[test]
fn the_end_of_the_formation_is_the_end() {
    within(async {
        let mut scene = Scene::set("read line; echo bye");
        let served = scene.serve();
        scene.wait_for("leaves\r\n").await;
        scene.press(b"\r");
        let shown = scene.wait_for("the formation has ended").await;
        assert!(shown.contains("bye\r\n"), "{shown:?}");
        assert_eq!(scene.parted(served).await, Parted::Over);
    });
}

#[test]
fn a_tool_that_is_gone_leaves_a_terminal_as_it_was() {
    within(async {
        let mut scene = Scene::set("read never");
        let served = scene.serve();
        scene.wait_for("leaves\r\n").await;
        served.abort();
        scene.wait_for("is gone").await;
        let parted = scene.parted.recv_timeout(DEADLINE).unwrap();
        assert_eq!(parted, Parted::Lost);
        assert!(scene.echoes());
        scene.program.kill().unwrap();
        scene.program.wait().unwrap();
    });
}

#[test]
fn a_refusal_leaves_the_terminal_alone() {
    within(async {
        let mut scene = Scene::set("read never");
        let mut server = scene.server.take().unwrap();
        server
            .write_all(b"{\"kind\":\"refused\",\"reason\":\"no terminal\",\"more\":1}\n")
            .unwrap();
        let parted = scene.parted.recv_timeout(DEADLINE).unwrap();
        assert_eq!(parted, Parted::Refused("no terminal".into()));
        scene.program.kill().unwrap();
        scene.program.wait().unwrap();
        drop(scene.client);
        let mut rest = Vec::new();
        server.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"", "nothing was said");
    });
}
