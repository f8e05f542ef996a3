//! Signs of real sockets and processes.
//!
//! The run is a `sleep` that has the tag of a run and, where it is to listen, a socket that
//! was made here and that it inherits as its standard input.

use std::io::{Read, Write, pipe};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::{JoinHandle, LocalSet, spawn_local};
use tokio::time::timeout;

use super::{NOTIFY_SOCKET, Prepared, Sign, prepare};
use crate::narrate::Paint;
use crate::world::children::{ChildId, Mark, TAG, Token};
use crate::world::history::History;
use crate::world::output::{self, Dialect, Life, Prefix, Reading, Shown, Source, Stamp, Tail};

/// After this long something will not happen any more.
const DEADLINE: Duration = Duration::from_mins(1);
/// After this many pauses a probe has looked often enough.
const A_WHILE: Duration = Duration::from_millis(600);

/// A process of a run, until it is dropped.
struct Run {
    process: Child,
    mark: Mark,
}

impl Run {
    fn new(stdin: Stdio) -> Self {
        let (token, child) = (Token::random(), ChildId(7));
        let mut command = Command::new("sleep");
        let process = command.arg("7041").env(TAG, token.tag(child)).stdin(stdin).spawn().unwrap();
        // It is known by its tag, whatever its leader is.
        let mark = Mark { token, child, leader: process.id() };
        Self { process, mark }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A probe at work.
struct Watched {
    task: JoinHandle<()>,
    reports: watch::Receiver<usize>,
    life: watch::Sender<Life>,
}

impl Watched {
    fn new(prepared: Prepared, mark: &Mark) -> Self {
        let (life, receiver) = watch::channel(Life::Leader);
        let (count, reports) = watch::channel(0);
        let mark = mark.clone();
        let report = move || count.send_modify(|count| *count += 1);
        let task = spawn_local(prepared.probe.watch(mark, receiver, report));
        Self { task, reports, life }
    }

    async fn is_reported(&self) {
        let mut reports = self.reports.clone();
        let reported = timeout(DEADLINE, reports.wait_for(|count| *count > 0));
        assert_eq!(*reported.await.expect("a report").expect("a probe"), 1);
    }

    fn count(&self) -> usize {
        *self.reports.borrow()
    }

    /// Whether it says nothing while it looks a few times.
    async fn is_silent(&mut self) {
        let ended = timeout(A_WHILE, &mut self.task).await;
        assert!(ended.is_err(), "it gave up");
        assert_eq!(self.count(), 0);
    }

    async fn ends(self) {
        timeout(DEADLINE, self.task).await.expect("its end").unwrap();
    }
}

fn local(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, test);
}

/// Prepare for a sign that needs no place.
fn for_sign(sign: Sign) -> Prepared {
    prepare(sign, Path::new("/nonexistent"), ChildId(7)).unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn listening_run(listener: TcpListener) -> Run {
    Run::new(OwnedFd::from(listener).into())
}

#[test]
fn a_run_listens_at_any_address_of_the_loopback() {
    for address in ["127.0.0.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"] {
        local(async {
            let port = free_port();
            let prepared = for_sign(Sign::Tcp(port));
            let Ok(listener) = TcpListener::bind((address, port)) else {
                eprintln!("SKIPPED for {address}: this machine does not have the address");
                return;
            };
            let run = listening_run(listener);
            let watched = Watched::new(prepared, &run.mark);
            watched.is_reported().await;
            watched.ends().await;
        });
    }
}

#[test]
fn a_run_that_listens_late_is_noticed() {
    local(async {
        let port = free_port();
        let mut watched = {
            let run = Run::new(Stdio::null());
            let mut watched = Watched::new(for_sign(Sign::Tcp(port)), &run.mark);
            watched.is_silent().await;
            watched
        };
        // Another process of the same run.
        let tag = Run::new(Stdio::null());
        let prepared = for_sign(Sign::Tcp(port));
        let late = Watched::new(prepared, &tag.mark);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let mut child = Command::new("sleep");
        child.arg("7042").env(TAG, tag.mark.token.tag(tag.mark.child));
        let process = child.stdin(OwnedFd::from(listener)).spawn().unwrap();
        drop(child);
        let _member = Run { process, mark: tag.mark.clone() };
        late.is_reported().await;
        // And nobody takes it for the other run's, if it can be told.
        if cfg!(target_os = "linux") {
            watched.is_silent().await;
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_stranger_who_listens_is_not_the_run() {
    local(async {
        for here_before in [true, false] {
            let port = free_port();
            let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
            let before = here_before.then(bind);
            let prepared = for_sign(Sign::Tcp(port));
            let _stranger = before.unwrap_or_else(bind);
            let run = Run::new(Stdio::null());
            Watched::new(prepared, &run.mark).is_silent().await;
            // For what an engine publishes it does not matter who listens.
            let engine = Watched::new(for_sign(Sign::Reachable(port)), &run.mark);
            engine.is_reported().await;
        }
    });
}

#[test]
fn a_probe_ends_with_the_run() {
    local(async {
        for sign in [Sign::Tcp(free_port()), Sign::Reachable(free_port())] {
            let run = Run::new(Stdio::null());
            let mut watched = Watched::new(for_sign(sign), &run.mark);
            watched.is_silent().await;
            watched.life.send_replace(Life::Gone);
            let reports = watched.reports.clone();
            watched.ends().await;
            assert_eq!(*reports.borrow(), 0);
        }
    });
}

/// Answer each connection with the next of these; the last one again and again.
fn serve(listener: TcpListener, answers: Vec<Vec<u8>>) {
    thread::spawn(move || {
        let mut answers = answers.into_iter();
        let mut answer = answers.next().unwrap();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(&answer);
            answer = answers.next().unwrap_or(answer);
        }
    });
}

fn answering_run(port: u16, answers: Vec<Vec<u8>>) -> Run {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let run = listening_run(listener.try_clone().unwrap());
    serve(listener, answers);
    run
}

fn http(port: u16) -> Prepared {
    for_sign(Sign::Http { port, path: "/healthz".to_owned() })
}

#[test]
fn a_path_answers_well_at_last() {
    let long = [b"HTTP/1.1 200 OK\r\n".as_slice(), &vec![b'x'; 1 << 20]].concat();
    let good: [&[u8]; 4] =
        [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 204\r\n\r\n", b"HTTP/1.1 302 \r\n\r\n", &long];
    for good in good {
        local(async {
            let bad: [&[u8]; 6] = [
                b"HTTP/1.1 503 Service Unavailable\r\n\r\n",
                b"HTTP/1.1 404 Not Found\r\n\r\n",
                b"",
                b"220 mail ESMTP\r\n",
                &[0xff; 10_000],
                b"HTTP/1.1 20",
            ];
            let answers = bad.into_iter().chain([good]).map(<[u8]>::to_vec).collect();
            let port = free_port();
            let prepared = http(port);
            let run = answering_run(port, answers);
            Watched::new(prepared, &run.mark).is_reported().await;
        });
    }
}

#[test]
fn a_path_that_never_answers_well_is_no_sign() {
    local(async {
        let port = free_port();
        let prepared = http(port);
        let run = answering_run(port, vec![b"HTTP/1.1 500 \r\n\r\n".to_vec()]);
        Watched::new(prepared, &run.mark).is_silent().await;
        drop(run);
        // One that takes the connection and says nothing holds nothing up.
        let port = free_port();
        let prepared = http(port);
        let run = listening_run(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap());
        let mut watched = Watched::new(prepared, &run.mark);
        watched.is_silent().await;
        watched.life.send_replace(Life::Gone);
        watched.ends().await;
    });
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_of_a_stranger_is_no_sign() {
    local(async {
        let port = free_port();
        let prepared = http(port);
        serve(
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap(),
            vec![b"HTTP/1.1 200 OK\r\n\r\n".to_vec()],
        );
        let run = Run::new(Stdio::null());
        Watched::new(prepared, &run.mark).is_silent().await;
        // It would have answered.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        TcpStream::connect(address).expect("the stranger is there");
    });
}

#[test]
fn a_line_of_the_output_is_a_sign_with_and_without_an_end() {
    for (words, expected) in [
        (["database is ", "\x1b[1mready\x1b[0m"], 1),
        (["ready\n", "ready\n"], 1),
        (["database is\n", "on its way\n"], 0),
    ] {
        local(async {
            let mut prepared = for_sign(Sign::Log("ready".to_owned()));
            let (end, mut input) = pipe().unwrap();
            let (life, receiver) = watch::channel(Life::Leader);
            let reading = Reading {
                console: None,
                source: Source(7),
                pipe: end.into(),
                prefix: Prefix { line: Vec::new(), continuation: Vec::new() },
                stamp: Stamp::None,
                dialect: Dialect::Bytes,
                recorder: History::default().recorder("app.1", 1, 0),
                life: receiver,
                shown: ("web".parse().unwrap(), Shown::default()),
                sought: prepared.sought.take().into_iter().collect(),
                tail: Tail::default(),
            };
            let writer = output::start(Paint::Plain, || {}).unwrap();
            let reader = spawn_local(output::read(reading, writer, |_| {}));
            let run = Run::new(Stdio::null());
            let watched = Watched::new(prepared, &run.mark);
            for words in words {
                input.write_all(words.as_bytes()).unwrap();
                if expected == 1 && words.contains("ready") {
                    // Although the line and the run go on.
                    watched.is_reported().await;
                }
            }
            drop(input);
            reader.await.unwrap().unwrap();
            drop(life);
            let reports = watched.reports.clone();
            watched.ends().await;
            assert_eq!(*reports.borrow(), expected, "{words:?}");
        });
    }
}

/// A probe of a run that speaks, and somebody who speaks for it.
fn speaking(place: &TempDir) -> (Prepared, UnixDatagram) {
    let prepared = prepare(Sign::Notify, place.path(), ChildId(7)).unwrap();
    let speaker = UnixDatagram::unbound().unwrap();
    speaker.connect(prepared.socket.as_deref().unwrap()).unwrap();
    (prepared, speaker)
}

#[test]
fn a_run_says_that_it_is_up() {
    local(async {
        let place = tempfile::tempdir().unwrap();
        let (prepared, speaker) = speaking(&place);
        let path = prepared.socket.clone().unwrap();
        let mut watched = Watched::new(prepared, &Run::new(Stdio::null()).mark);
        let no_sign: [&[u8]; 8] = [
            b"",
            b"STATUS=starting\nMAINPID=4242\nEXTEND_TIMEOUT_USEC=5000000",
            b"READY=0",
            b"READY=11",
            b"NOT_READY=1",
            b"\xff\xfe\0\n\n",
            b"STOPPING=1\n",
            &[&[b'x'; 6000], b"\nREADY=1".as_slice()].concat(),
        ];
        for words in no_sign {
            speaker.send(words).unwrap();
        }
        watched.is_silent().await;
        speaker.send(b"STATUS=here\nREADY=1\nX=y\n").unwrap();
        watched.is_reported().await;
        // It goes on to speak, and must neither fail nor wait.
        for _ in 0..200 {
            speaker.send(b"READY=1\nWATCHDOG=1").unwrap();
            tokio::task::yield_now().await;
        }
        assert_eq!(watched.count(), 1);
        assert!(path.exists());
        watched.life.send_replace(Life::Gone);
        watched.ends().await;
        assert!(!path.exists(), "the socket is left behind");
    });
}

#[test]
fn a_socket_that_was_left_behind_does_no_harm() {
    local(async {
        let place = tempfile::tempdir().unwrap();
        // Closing a socket does not remove its file.
        drop(UnixDatagram::bind(place.path().join("notify.7")).unwrap());
        let (prepared, speaker) = speaking(&place);
        // Whoever is there is not robbed.
        let second = prepare(Sign::Notify, place.path(), ChildId(7)).unwrap_err();
        assert!(second.to_string().contains("notify.7"), "{second}");
        let watched = Watched::new(prepared, &Run::new(Stdio::null()).mark);
        speaker.send(b"READY=1").unwrap();
        watched.is_reported().await;
        watched.task.abort();
        drop(watched.task.await);
        assert!(!place.path().join("notify.7").exists());
    });
}

#[test]
fn a_place_that_is_too_deep_is_named() {
    let place = tempfile::tempdir().unwrap();
    let deep = place.path().join("x".repeat(120));
    std::fs::create_dir(&deep).unwrap();
    let error = prepare(Sign::Notify, &deep, ChildId(7)).unwrap_err().to_string();
    assert!(error.contains("/notify.7") && error.contains("set `XDG_RUNTIME_DIR`"), "{error}");
}

#[test]
fn systemds_own_program_is_understood() {
    if Command::new("systemd-notify").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("SKIPPED: `systemd-notify` is not installed");
        return;
    }
    local(async {
        let place = tempfile::tempdir().unwrap();
        let (prepared, _) = speaking(&place);
        let mut command = Command::new("systemd-notify");
        command.args(["--ready", "--status=here"]);
        command.env(NOTIFY_SOCKET, prepared.socket.as_deref().unwrap());
        let mut watched = Watched::new(prepared, &Run::new(Stdio::null()).mark);
        // It sends a descriptor and waits until that is closed, for five seconds at most.
        let program = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = timeout(Duration::from_secs(4), program).await.expect("its end").unwrap();
        assert!(output.status.success(), "{output:?}");
        watched.is_reported().await;
        assert!(timeout(A_WHILE, &mut watched.task).await.is_err(), "it listens no more");
    });
}
