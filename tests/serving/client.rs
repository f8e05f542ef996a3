//! A client of HTTP that keeps its connection, and knows a cut answer from a whole one.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use harness::DEADLINE;

/// A connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn connect(host: &str, port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect((host, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Ask for a path, and hear the whole answer.
    ///
    /// # Errors
    /// When the connection ends before the answer does.
    pub(crate) fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.ask(path)?;
        self.hear()
    }

    pub(crate) fn ask(&mut self, path: &str) -> io::Result<()> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes())
    }

    pub(crate) fn hear(&mut self) -> io::Result<Answer> {
        let (status, length) = self.head()?;
        let mut body = Vec::new();
        match length {
            Some(length) => {
                body.resize(length, 0);
                self.stream.read_exact(&mut body)?;
            }
            None => while self.chunk(&mut body)? {},
        }
        Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// The head of an answer: its status, and the length of its body unless that comes in chunks.
    pub(crate) fn head(&mut self) -> io::Result<(u16, Option<usize>)> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("not HTTP: `{first}`")))?;
        let mut length = Some(0);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                return Ok((status, length));
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().ok();
            }
            if line == "transfer-encoding: chunked" {
                length = None;
            }
        }
    }

    /// Another chunk of a body; false if that was the last.
    pub(crate) fn chunk(&mut self, body: &mut Vec<u8>) -> io::Result<bool> {
        let length = self.line()?;
        let length = usize::from_str_radix(&length, 16).map_err(io::Error::other)?;
        let start = body.len();
        body.resize(start + length, 0);
        self.stream.read_exact(&mut body[start..])?;
        self.line()?;
        Ok(length > 0)
    }

    /// Bytes of another protocol.
    pub(crate) fn echo(&mut self, text: &str) -> io::Result<String> {
        self.stream.get_mut().write_all(text.as_bytes())?;
        let mut heard = vec![0; text.len()];
        self.stream.read_exact(&mut heard)?;
        Ok(String::from_utf8_lossy(&heard).into_owned())
    }

    /// Whether the other side has ended the connection.
    pub(crate) fn ends(&mut self) -> bool {
        let mut rest = Vec::new();
        !matches!(self.stream.read_to_end(&mut rest), Ok(length) if length > 0)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

/// One answer over a connection of its own.
pub(crate) fn get(port: u16, path: &str) -> io::Result<Answer> {
    Client::connect("127.0.0.1", port)?.get(path)
}
