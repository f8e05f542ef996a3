//! What processes write, and how it arrives: whole, in order, whoever reads it and however
//! slowly. And what they are given to read: their environment.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "output/environment.rs"]
mod environment;
#[path = "output/lines.rs"]
mod lines;
#[path = "output/long.rs"]
mod long;
#[path = "output/look.rs"]
mod look;
#[path = "output/parts.rs"]
mod parts;
#[path = "output/reader.rs"]
mod reader;
#[path = "output/terminal.rs"]
mod terminal;

use std::io::{self, PipeReader, Read, pipe};
use std::process::Stdio;

use harness::{DEADLINE, Line, Stream, Tool, Workspace};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

const MIB: usize = 1024 * 1024;

/// A lone package with these process types.
fn formation(types: &str) -> Workspace {
    Workspace::new(env!("CARGO_BIN_EXE_cargo-formation"), types)
}

/// The line of a table for a process type that is this beast.
fn beast(name: &str, words: &str) -> String {
    let words: Vec<String> = words.split(' ').map(|word| format!("'{word}'")).collect();
    format!("{name} = {{ bin = \"zoo\", args = [{}] }}\n", words.join(", "))
}

/// What is after `name  | ` in the lines that begin so.
fn said_by(lines: &[Line], prefix: &str) -> Vec<Vec<u8>> {
    let out = lines.iter().filter(|line| line.stream == Stream::Out);
    out.filter_map(|line| Some(line.bytes.strip_prefix(prefix.as_bytes())?.to_vec())).collect()
}

/// `dev` whose output is read here, byte for byte, when the test wants to.
fn dev_into_pipe(workspace: &Workspace, arguments: &[&str]) -> (Tool, Pipe) {
    let mut command = workspace.command(&[&["dev", "--no-watch"], arguments].concat());
    let (reader, writer) = pipe().unwrap();
    command.stdout(writer).stderr(Stdio::piped());
    let tool = Tool::start_uncaptured(command);
    (tool, Pipe(reader))
}

/// A pipe that fails the test when nothing comes for too long.
struct Pipe(PipeReader);

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let deadline = Timespec::try_from(DEADLINE).unwrap();
        let ready = poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&deadline))?;
        assert_eq!(ready, 1, "nothing came for {DEADLINE:?}");
        self.0.read(buffer)
    }
}

/// Everything on standard output of a tool that ended by itself.
fn output(tool: &Tool) -> Vec<u8> {
    tool.ends_with(0);
    let mut bytes = Vec::new();
    for line in tool.lines().into_iter().filter(|line| line.stream == Stream::Out) {
        bytes.extend(line.bytes);
        if line.is_whole {
            bytes.push(b'\n');
        }
    }
    bytes
}
