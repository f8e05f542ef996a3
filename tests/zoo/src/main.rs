//! Programs that behave badly in one known way each, for the tests to supervise.
//!
//! `zoo BEHAVIOUR [ARGUMENT…]`. One file without dependencies, because tests also compile
//! it by path from workspaces of their own. The standard library knows nothing of signals,
//! sessions and groups; where a beast needs them it becomes a `sh` that has them. Numbers
//! such as the 7005 of `sleep 7005` are there to be found in a list of processes.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    reason = "beasts read their environment, sleep, exit and panic as they please"
)]

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, IsTerminal as _, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{self, Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

/// What a beast gets: the arguments after its name.
type Arguments = [String];

/// What a beast does: it ends with an exit code or is ended.
type Beast = fn(&Arguments) -> io::Result<ExitCode>;

/// Every beast: its name and arguments, what is bad about it, and what it does.
const ZOO: &[(&str, &str, Beast)] = &[
    // How they take signals.
    ("idle", "says ready, then waits; dies of any signal", idle),
    ("polite", "says ready, then exits 0 on TERM, INT or HUP", polite),
    ("slow-stop MS", "as polite, but takes this long to exit", slow_stop),
    ("stubborn", "ignores TERM, INT and HUP", stubborn),
    ("count-signals", "says every TERM, INT and HUP; exits at QUIT", count_signals),
    ("stopped", "says so and stops itself with SIGSTOP", stopped),
    // What they leave behind.
    ("family", "has two children of its group, sleep 7001 and 7002, and waits", family),
    ("escape", "has a child in a session of its own, sleep 7005, and waits", escape),
    ("daemonize", "exits 0; a descendant in its own session, sleep 7006, lives on", daemonize),
    ("double-fork", "exits 0 as a daemon does, with two forks; sleep 7008 lives on", double_fork),
    ("nameless [deaf]", "as daemonize, with a blank environment; sleep 7009", nameless),
    ("holder", "exits 0; a child, sleep 25, holds its output open", holder),
    ("foreign", "has a child of another user, sleep 7021, and waits; takes root", foreign),
    ("pidfile PATH", "writes its process id to the file, then waits", pidfile),
    ("unless PATH CODE", "exits with the code unless the file is there, else waits", unless),
    ("until PATH", "waits for the file, says ready, and waits", until),
    ("once MARKER", "waits if the file is there, else makes it and exits with 1", once),
    // How they end.
    ("exit CODE", "exits at once", exit),
    ("crash", "kills itself with SIGKILL", crash),
    ("crash-after MS CODE", "says ready, then exits with the code after a while", crash_after),
    // What they say.
    ("tail TEXT", "prints the text without an end of line and exits", tail),
    ("flood LINES WIDTH", "prints numbered lines of so many bytes as fast as it can", flood),
    ("burst LINES", "prints lines in one write and exits at once", burst),
    ("long-line BYTES", "prints one line of so many bytes `x`", long_line),
    ("binary", "prints bytes that are no text, and one character in two writes", binary),
    ("prompt", "asks without an end of line and waits for the answer", prompt),
    (
        "slow-line",
        "prints a line in five writes over half a second, and the longest gap",
        slow_line,
    ),
    ("progress", "draws a progress bar with carriage returns", progress),
    ("clear", "clears the screen, moves the cursor and leaves an OSC open", clear),
    ("blank", "prints blank lines between two others", blank),
    ("both LINES", "prints numbered lines to stdout and stderr in turn", both),
    ("ticks MS", "prints a numbered line every so often, for ever", ticks),
    ("json LINES", "logs as tracing does as JSON; every third line is a warning", json),
    ("panic", "logs, panics with a message of two lines, logs an error, and waits", panic),
    // What they were given.
    ("env", "prints its environment, sorted and escaped", environment),
    ("args [ARG…]", "prints its arguments, escaped, one a line", arguments),
    ("cwd", "prints its working directory", cwd),
    ("stdin", "prints what it reads, escaped, until the end of file", stdin),
    ("tty", "says whether it can open /dev/tty", tty),
    ("streams", "says which streams are a terminal, in colours if one is, and TERM", streams),
    ("window", "says the size of its terminal, now and at every WINCH", window),
    ("repl", "says each line that it reads after a prompt; exits with N at `exit N`", repl),
    ("listen", "answers every connection at 127.0.0.1:$PORT with its PS", listen),
    ("listen-late MS", "as listen, but only after a while", listen_late),
];

fn main() -> ExitCode {
    let mut words = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let wanted = words.next().unwrap_or_default();
    let arguments: Vec<String> = words.collect();
    let named = |usage: &str| usage.split(' ').next() == Some(&wanted);
    let Some((_, _, beast)) = ZOO.iter().find(|(usage, _, _)| named(usage)) else {
        return usage();
    };
    // A closed pipe is the reader's choice, not this program's fault.
    beast(&arguments).unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "zoo {wanted}: {error}");
        ExitCode::from(if error.kind() == io::ErrorKind::BrokenPipe { 141 } else { 2 })
    })
}

fn usage() -> ExitCode {
    for (usage, does, _) in ZOO {
        let _ = writeln!(io::stderr(), "zoo {usage:22} {does}");
    }
    ExitCode::from(2)
}

// ---- How they take signals.

fn idle(_: &Arguments) -> io::Result<ExitCode> {
    say("ready")?;
    wait()
}

fn polite(_: &Arguments) -> io::Result<ExitCode> {
    shell("trap 'echo bye; kill $!; exit 0' TERM INT HUP; sleep 7000 & echo ready; wait", &[])
}

fn slow_stop(arguments: &Arguments) -> io::Result<ExitCode> {
    let seconds = format!("{:.3}", f64::from(number::<u32>(arguments, 0)?) / 1000.0);
    shell(
        "trap 'kill $!; echo stopping; sleep $1; echo bye; exit 0' TERM INT HUP
         sleep 7000 & echo ready; wait",
        &[&seconds],
    )
}

fn stubborn(_: &Arguments) -> io::Result<ExitCode> {
    // What is ignored stays ignored in the `sleep`.
    shell("trap '' TERM INT HUP; echo ready; while :; do sleep 7004; done", &[])
}

fn count_signals(_: &Arguments) -> io::Result<ExitCode> {
    // The shell waits in `wait`, which a trap interrupts; the `sleep` is in the group too
    // and may die of the signal, hence the loop.
    shell(
        "exec 2>/dev/null # or it would report the end of each `sleep`
         for s in TERM INT HUP; do trap \"echo got $s\" $s; done
         trap 'kill $!; exit 0' QUIT
         echo ready
         while :; do sleep 7003 & while kill -0 $!; do wait $!; done; done",
        &[],
    )
}

fn stopped(_: &Arguments) -> io::Result<ExitCode> {
    say("stopping myself")?;
    shell("kill -STOP $$; echo continued; exec sleep 7007", &[])
}

// ---- What they leave behind.

fn family(_: &Arguments) -> io::Result<ExitCode> {
    shell("sleep 7001 & sleep 7002 & echo ready; wait", &[])
}

fn escape(_: &Arguments) -> io::Result<ExitCode> {
    shell("setsid sleep 7005 >/dev/null 2>&1 & echo ready; wait", &[])
}

fn daemonize(_: &Arguments) -> io::Result<ExitCode> {
    // `setsid` forks where it leads a group, so that the shell need not wait for it.
    shell("setsid sleep 7006 </dev/null >/dev/null 2>&1 & echo gone", &[])
}

fn double_fork(_: &Arguments) -> io::Result<ExitCode> {
    shell(
        "(setsid sh -c 'sleep 7008 </dev/null >/dev/null 2>&1 &' </dev/null >/dev/null 2>&1 &)
         echo gone",
        &[],
    )
}

fn nameless(arguments: &Arguments) -> io::Result<ExitCode> {
    // As servers do that write a title over their environment, `redis-server` and `postgres`.
    // The deaf one has left its session when its leader ends; the other is on its way.
    shell(
        "[ \"$1\" != deaf ] || trap '' TERM INT HUP
         env -i setsid sleep 7009 </dev/null >/dev/null 2>&1 &
         [ \"$1\" != deaf ] || until grep -q sleep /proc/$!/comm; do :; done
         echo gone",
        &[arguments.first().map_or("", String::as_str)],
    )
}

fn holder(_: &Arguments) -> io::Result<ExitCode> {
    shell("sleep 25 & echo gone", &[])
}

fn foreign(_: &Arguments) -> io::Result<ExitCode> {
    shell("setpriv --reuid=54321 --clear-groups sleep 7021 & echo ready; wait", &[])
}

fn pidfile(arguments: &Arguments) -> io::Result<ExitCode> {
    fs::write(argument(arguments, 0)?, format!("{}\n", process::id()))?;
    idle(&[])
}

fn unless(arguments: &Arguments) -> io::Result<ExitCode> {
    if Path::new(argument(arguments, 0)?).exists() {
        return idle(&[]);
    }
    number::<u8>(arguments, 1).map(ExitCode::from)
}

fn until(arguments: &Arguments) -> io::Result<ExitCode> {
    let path = Path::new(argument(arguments, 0)?);
    while !path.exists() {
        pause(10);
    }
    idle(&[])
}

fn once(arguments: &Arguments) -> io::Result<ExitCode> {
    let marker = argument(arguments, 0)?;
    match OpenOptions::new().write(true).create_new(true).open(marker) {
        Ok(_) => {
            say("the first time")?;
            Ok(ExitCode::FAILURE)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => idle(&[]),
        Err(error) => Err(error),
    }
}

// ---- How they end.

fn exit(arguments: &Arguments) -> io::Result<ExitCode> {
    number::<u8>(arguments, 0).map(ExitCode::from)
}

fn crash(_: &Arguments) -> io::Result<ExitCode> {
    shell("kill -KILL $$", &[])
}

fn crash_after(arguments: &Arguments) -> io::Result<ExitCode> {
    say("ready")?;
    pause(number(arguments, 0)?);
    number::<u8>(arguments, 1).map(ExitCode::from)
}

// ---- What they say.

fn tail(arguments: &Arguments) -> io::Result<ExitCode> {
    write_now(argument(arguments, 0)?.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn flood(arguments: &Arguments) -> io::Result<ExitCode> {
    let (lines, width) = (number::<u64>(arguments, 0)?, number::<usize>(arguments, 1)?);
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    for line in 0..lines {
        // Ten digits, a space, dots as far as the width goes, and the end of the line.
        let text = format!("{line:010} ");
        writeln!(out, "{text:.<0$}", width.saturating_sub(1))?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn burst(arguments: &Arguments) -> io::Result<ExitCode> {
    let lines: Vec<String> = (0..number::<u64>(arguments, 0)?).map(|n| format!("{n}\n")).collect();
    write_now(lines.concat().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn long_line(arguments: &Arguments) -> io::Result<ExitCode> {
    let bytes = number::<u64>(arguments, 0)?;
    let mut out = io::stdout().lock();
    io::copy(&mut io::repeat(b'x').take(bytes), &mut out)?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn binary(_: &Arguments) -> io::Result<ExitCode> {
    write_now(b"not text: \xff\xfe\0 end\n")?;
    // U+20AC is e2 82 ac; a reader that decodes what it gets breaks it here.
    write_now(b"euro: \xe2\x82")?;
    pause(400);
    write_now(b"\xac end\n")?;
    Ok(ExitCode::SUCCESS)
}

fn prompt(_: &Arguments) -> io::Result<ExitCode> {
    say("a question")?;
    write_now(b"your name? ")?;
    let mut answer = String::new();
    // Whoever has no answer is waited for, too.
    if io::stdin().read_line(&mut answer)? > 0 {
        say(&format!("hello {}", answer.trim_end()))?;
    }
    wait()
}

fn slow_line(_: &Arguments) -> io::Result<ExitCode> {
    let mut longest = Duration::ZERO;
    write_now(b"one ")?;
    for piece in ["two ", "three ", "four ", "five\n"] {
        let before = Instant::now();
        pause(100);
        write_now(piece.as_bytes())?;
        longest = longest.max(before.elapsed());
    }
    say(&format!("longest gap {} ms", longest.as_millis()))?;
    Ok(ExitCode::SUCCESS)
}

fn progress(_: &Arguments) -> io::Result<ExitCode> {
    for percent in (0..=100).step_by(10) {
        write_now(format!("\rprogress {percent:3} %").as_bytes())?;
        pause(20);
    }
    write_now(b"\ndone\n")?;
    Ok(ExitCode::SUCCESS)
}

fn clear(_: &Arguments) -> io::Result<ExitCode> {
    write_now(b"before\n\x1b[2J\x1b[H\x1b[5A\x1b[?1049hafter\n\x1b[31mred and never reset\n")?;
    write_now(b"\x1b]0;a title without an end\nlast\n")?;
    Ok(ExitCode::SUCCESS)
}

fn blank(_: &Arguments) -> io::Result<ExitCode> {
    write_now(b"first\n\n\n  \nlast\n")?;
    Ok(ExitCode::SUCCESS)
}

fn both(arguments: &Arguments) -> io::Result<ExitCode> {
    for line in 0..number::<u64>(arguments, 0)? {
        write_now(format!("out {line}\n").as_bytes())?;
        io::stderr().write_all(format!("err {line}\n").as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn ticks(arguments: &Arguments) -> io::Result<ExitCode> {
    let millis = number(arguments, 0)?;
    for tick in 0_u64.. {
        say(&format!("tick {tick}"))?;
        pause(millis);
    }
    Ok(ExitCode::SUCCESS)
}

fn json(arguments: &Arguments) -> io::Result<ExitCode> {
    for line in 0..number::<u64>(arguments, 0)? {
        let level = if line % 3 == 2 { "WARN" } else { "INFO" };
        say(&format!(
            "{{\"timestamp\":\"2026-11-23T17:43:00.123456Z\",\"level\":\"{level}\",\
             \"fields\":{{\"message\":\"step\",\"line\":{line}}},\"target\":\"zoo::json\"}}"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn panic(_: &Arguments) -> io::Result<ExitCode> {
    say(" INFO zoo: before")?;
    let broken = thread::spawn(|| panic!("first line of the message\nsecond line of the message"));
    let _ = broken.join();
    say(" INFO zoo: after")?;
    say("ERROR zoo: a failure")?;
    wait()
}

// ---- What they were given.

fn environment(_: &Arguments) -> io::Result<ExitCode> {
    let mut variables: Vec<_> = env::vars_os().collect();
    variables.sort();
    for (name, value) in variables {
        let (name, value) = (name.into_vec(), value.into_vec());
        say(&format!("{}={}", name.escape_ascii(), value.escape_ascii()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn arguments(_: &Arguments) -> io::Result<ExitCode> {
    for argument in env::args_os().skip(2) {
        say(&argument.into_vec().escape_ascii().to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn cwd(_: &Arguments) -> io::Result<ExitCode> {
    say(&env::current_dir()?.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}

fn stdin(_: &Arguments) -> io::Result<ExitCode> {
    let mut buffer = [0; 4096];
    loop {
        let count = io::stdin().read(&mut buffer)?;
        let Some(read @ [_, ..]) = buffer.get(..count) else {
            say("end of file")?;
            return Ok(ExitCode::SUCCESS);
        };
        say(&format!("read {}", read.escape_ascii()))?;
    }
}

fn tty(_: &Arguments) -> io::Result<ExitCode> {
    match OpenOptions::new().read(true).write(true).open("/dev/tty") {
        Ok(_) => say("a terminal")?,
        Err(error) => say(&format!("no terminal: {:?}", error.kind()))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn streams(_: &Arguments) -> io::Result<ExitCode> {
    let are = [io::stdin().is_terminal(), io::stdout().is_terminal(), io::stderr().is_terminal()];
    let (on, off) = if are[1] { ("\x1b[32m", "\x1b[0m") } else { ("", "") };
    let kind = env::var("TERM").unwrap_or_else(|_| "unset".to_owned());
    say(&format!("{on}terminals {are:?}{off} TERM {kind}"))?;
    Ok(ExitCode::SUCCESS)
}

fn window(_: &Arguments) -> io::Result<ExitCode> {
    // `wait` is what a trap interrupts.
    shell(
        "say() { echo \"size $(stty size <&3)\"; }
         exec 3<&0
         trap say WINCH
         say
         while :; do sleep 7012 & while kill -0 $! 2>/dev/null; do wait $!; done; done",
        &[],
    )
}

fn repl(_: &Arguments) -> io::Result<ExitCode> {
    say("type `exit N` to end")?;
    loop {
        write_now(b"repl> ")?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            say("end of file")?;
            return Ok(ExitCode::SUCCESS);
        }
        match line.trim_end().strip_prefix("exit ") {
            Some(code) => return Ok(ExitCode::from(code.parse().unwrap_or(1))),
            None => say(&format!("= {}", line.trim_end()))?,
        }
    }
}

fn listen(_: &Arguments) -> io::Result<ExitCode> {
    let port: u16 = env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(0);
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    say(&format!("listening on {}", listener.local_addr()?.port()))?;
    let name = env::var("PS").unwrap_or_else(|_| "nobody".to_owned());
    for stream in listener.incoming() {
        let mut stream = stream?;
        let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
        // An HTTP client would take an answer before its question for an error.
        let _ = stream.read(&mut [0; 4096]);
        let length = name.len() + 1;
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close");
        let _ = write!(stream, "{head}\r\n\r\n{name}\n");
    }
    Ok(ExitCode::SUCCESS)
}

fn listen_late(arguments: &Arguments) -> io::Result<ExitCode> {
    pause(number(arguments, 0)?);
    listen(&[])
}

// ---- What they are made of.

/// Become a shell that runs this script; only returns if there is none.
fn shell(script: &str, arguments: &[&str]) -> io::Result<ExitCode> {
    Err(Command::new("sh").arg("-c").arg(script).arg("zoo").args(arguments).exec())
}

/// Print a line, now.
fn say(line: &str) -> io::Result<()> {
    write_now(format!("{line}\n").as_bytes())
}

/// Write these bytes so that the reader has them when this returns.
fn write_now(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

fn pause(millis: u64) {
    thread::sleep(Duration::from_millis(millis));
}

fn wait() -> io::Result<ExitCode> {
    loop {
        pause(60_000);
    }
}

fn argument(arguments: &Arguments, position: usize) -> io::Result<&str> {
    arguments.get(position).map(String::as_str).ok_or_else(|| io::Error::other("missing argument"))
}

fn number<N: std::str::FromStr>(arguments: &Arguments, position: usize) -> io::Result<N> {
    let text = argument(arguments, position)?;
    text.parse().map_err(|_| io::Error::other(format!("`{text}` is no such number")))
}
