//! A standard input on which nothing ever comes.
//!
//! `/dev/null` ends at once, and some programs take that for a request to end: `tailwindcss
//! --watch` and `esbuild --watch` do. So a backing service reads from a pipe whose other end
//! the tool holds open, without a word, for as long as the run lives. When the tool dies the
//! pipe ends, and such a program with it.

use std::io::{self, PipeWriter, pipe};
use std::process::Stdio;

/// The end of the pipe that is held. Nobody else has it: it is closed on `exec`.
#[derive(Debug)]
pub struct Silence {
    _end: PipeWriter,
}

/// A standard input for a process, and what keeps it open.
///
/// # Errors
/// When no file descriptor is left.
pub fn silent() -> io::Result<(Stdio, Silence)> {
    let (reader, end) = pipe()?;
    Ok((reader.into(), Silence { _end: end }))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::silent;

    #[test]
    fn it_ends_when_it_is_dropped_and_not_before() {
        let (stdin, silence) = silent().unwrap();
        // A sibling that is started meanwhile must not hold it open.
        let mut sibling = Command::new("sleep").arg("60").spawn().unwrap();
        let script = "read -r -t 0.2 line; echo $?; cat; echo end";
        let mut command = Command::new("bash");
        let mut child =
            command.args(["-c", script]).stdin(stdin).stdout(Stdio::piped()).spawn().unwrap();
        drop(command);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let waited = lines.next().unwrap();
        drop(silence);
        let end = lines.next();
        sibling.kill().unwrap();
        sibling.wait().unwrap();
        child.wait().unwrap();
        assert!(waited.parse::<u8>().unwrap() > 128, "`read` did not wait: {waited}");
        assert_eq!(end.as_deref(), Some("end"));
    }
}
