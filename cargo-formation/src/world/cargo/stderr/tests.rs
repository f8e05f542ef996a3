//! What cargo writes for people, wherever the reads cut it.

use std::io::Read;

use super::{Lock, StderrNews, read_stderr};

/// A pipe that gives so many bytes at once.
struct Pipe<'a> {
    bytes: &'a [u8],
    at_once: usize,
}

impl Read for Pipe<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.at_once.min(buffer.len());
        self.bytes.read(&mut buffer[..length])
    }
}

/// What is reported, however the pipe cuts the bytes.
fn check(bytes: &str, expected: &[StderrNews]) {
    for at_once in [1, 2, 3, 7, 64, 4096] {
        let mut news = Vec::new();
        let pipe = Pipe { bytes: bytes.as_bytes(), at_once };
        read_stderr(pipe, |item| news.push(item)).unwrap();
        assert_eq!(news, expected, "{at_once} bytes at once");
    }
}

fn line(text: &str) -> StderrNews {
    StderrNews::Line(text.as_bytes().to_vec())
}

fn bar(text: &str) -> StderrNews {
    StderrNews::Progress(text.to_owned())
}

#[test]
fn lines_are_lines() {
    check(
        "   Compiling a v0.1.0 (/shop/a)\n\nlast",
        &[line("   Compiling a v0.1.0 (/shop/a)"), line(""), line("last")],
    );
    check("", &[]);
}

/// As cargo 1.95 writes it with `CARGO_TERM_PROGRESS_WHEN=always` and colours.
#[test]
fn bars_come_without_what_erases_them() {
    check(
        "\x1b[1m\x1b[96m    Building\x1b[0m [     ] 0/5: shop-core(build.rs)         \r\
         \x1b[K\x1b[1m\x1b[96m    Building\x1b[0m [==>  ] 1/5: shop-core(build)            \r\
         \x1b[K\x1b[1m\x1b[33mwarning\x1b[0m: shop-core@0.1.0: hello\n\
         \x1b[1m\x1b[96m    Building\x1b[0m [===> ] 2/5: a(bin), b(bin)              \r\
         \x1b[K\x1b[1m\x1b[92m    Finished\x1b[0m `dev` profile\n",
        &[
            bar("\x1b[1m\x1b[96m    Building\x1b[0m [     ] 0/5: shop-core(build.rs)"),
            bar("\x1b[1m\x1b[96m    Building\x1b[0m [==>  ] 1/5: shop-core(build)"),
            line("\x1b[1m\x1b[33mwarning\x1b[0m: shop-core@0.1.0: hello"),
            bar("\x1b[1m\x1b[96m    Building\x1b[0m [===> ] 2/5: a(bin), b(bin)"),
            line("\x1b[1m\x1b[92m    Finished\x1b[0m `dev` profile"),
        ],
    );
}

#[test]
fn progress_in_the_title_bar_is_dropped() {
    check(
        "\x1b]9;4;0;0\x1b\\   Compiling a\n    Building [] 0/4: a \x1b]9;4;1;0\x1b\\\r\
         \x1b[K\x1b]9;4;0;0\x1b\\    Finished\n\x1b]9;4;0;0\x1b\\",
        &[line("   Compiling a"), bar("    Building [] 0/4: a"), line("    Finished")],
    );
}

#[test]
fn waiting_ends_with_whatever_comes_next() {
    let blocked = StderrNews::Blocked(Lock::ArtifactDirectory);
    check(
        "\x1b[1m\x1b[92m    Blocking\x1b[0m waiting for file lock on artifact directory\n\
         \x1b[1m\x1b[92m    Finished\x1b[0m `dev` profile\n",
        &[
            blocked.clone(),
            StderrNews::Unblocked,
            line("\x1b[1m\x1b[92m    Finished\x1b[0m `dev` profile"),
        ],
    );
    check(
        "    Blocking waiting for file lock on package cache\n\
         \x20   Blocking waiting for file lock on artifact directory\n\
         \x20   Building [] 0/1: a\r",
        &[
            StderrNews::Blocked(Lock::PackageCache),
            StderrNews::Unblocked,
            blocked.clone(),
            StderrNews::Unblocked,
            bar("    Building [] 0/1: a"),
        ],
    );
    check(
        "    Blocking waiting for file lock on something new\n",
        &[StderrNews::Blocked(Lock::Other("something new".into())), StderrNews::Unblocked],
    );
}

#[test]
fn a_line_that_ends_as_on_windows_is_a_line() {
    check(
        "warning: x\r\nwarning: y\n",
        &[bar("warning: x"), line("warning: x"), line("warning: y")],
    );
    check("\r\r\n", &[line("")]);
}
