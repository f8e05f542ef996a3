//! A client of the control socket that speaks its text, line by line.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use harness::DEADLINE;
use serde_json::Value;

/// A connection to a formation.
#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<UnixStream>,
}

impl Client {
    pub(crate) fn connect(socket: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        stream.set_write_timeout(Some(DEADLINE))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Write these bytes, as they are.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Ask for this, such as `{"command":"ps"}`; what version is spoken is added.
    #[track_caller]
    pub(crate) fn ask(&mut self, request: &str) {
        let rest = request.strip_prefix('{').unwrap();
        self.write(format!("{{\"formation\":1,{rest}\n").as_bytes()).unwrap();
    }

    /// The next answer; none when the connection has ended.
    #[track_caller]
    pub(crate) fn hear(&mut self) -> Option<Value> {
        let mut line = String::new();
        let length = match self.stream.read_line(&mut line) {
            Ok(length) => length,
            // What was written and not read is a reason to reset.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => 0,
            Err(error) => panic!("no answer: {error}"),
        };
        (length > 0).then(|| serde_json::from_str(&line).unwrap())
    }

    /// The one answer, after which the connection ends.
    #[track_caller]
    pub(crate) fn only_answer(&mut self) -> Value {
        let answer = self.hear().expect("the connection ended without an answer");
        assert_eq!(self.hear(), None, "after {answer}");
        answer
    }

    /// Say that nothing more will be asked.
    pub(crate) fn half_close(&self) {
        self.stream.get_ref().shutdown(std::net::Shutdown::Write).unwrap();
    }

    /// Whether something has come, or the connection has ended, within so long.
    pub(crate) fn hears_within(&mut self, within: std::time::Duration) -> bool {
        self.stream.get_ref().set_read_timeout(Some(within)).unwrap();
        let heard = self.stream.fill_buf().is_ok();
        self.stream.get_ref().set_read_timeout(Some(DEADLINE)).unwrap();
        heard
    }
}
