//! Whether a path answers well: the smallest HTTP client there can be.
//!
//! The status is all that is read of an answer.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::tcp::connect;

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(3);
/// The most that is read of an answer whose status has not come.
const LONGEST_HEAD: usize = 16 * 1024;

/// How a `GET` was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// With this status.
    Status(u16),
    /// With something else, or not to the end of the status.
    Garbage,
    /// Not in time.
    Late,
    /// There was no connection.
    Nobody,
}

/// Whether a `GET` of this path is answered with 200 to 399.
pub(super) async fn is_well(port: u16, path: &str) -> bool {
    matches!(answer(port, path, ANSWER).await, Answer::Status(200..=399))
}

/// The answer to a `GET` of this path, which may take so long.
pub(super) async fn answer(port: u16, path: &str, longest: Duration) -> Answer {
    let asked = async {
        let Some(stream) = connect(port).await else { return Answer::Nobody };
        match ask(&stream, &request(port, path)).await {
            Ok(Some(status)) => Answer::Status(status),
            Ok(None) | Err(_) => Answer::Garbage,
        }
    };
    timeout(longest, asked).await.unwrap_or(Answer::Late)
}

/// A request; what may not stand in a path is escaped, see RFC 3986.
///
/// The host is a name: some frameworks refuse others.
fn request(port: u16, path: &str) -> String {
    let mut escaped = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_graphic() {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    format!(
        "GET {escaped} HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: cargo-formation/{}\r\n\
         Accept: */*\r\nConnection: close\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// Send a request and read on until there is a status, or there will be none.
async fn ask(stream: &TcpStream, request: &str) -> io::Result<Option<u16>> {
    let mut rest = request.as_bytes();
    while !rest.is_empty() {
        stream.writable().await?;
        rest = &rest[would_block(stream.try_write(rest))?..];
    }
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    while head.len() < LONGEST_HEAD {
        stream.readable().await?;
        let length = match stream.try_read(&mut chunk) {
            Ok(0) => break,
            read => would_block(read)?,
        };
        head.extend_from_slice(&chunk[..length]);
        match status(&head) {
            Status::Incomplete => {}
            Status::Final(code) => return Ok(Some(code)),
            Status::Garbage => break,
        }
    }
    Ok(None)
}

/// What is ready may still not be: then nothing was done.
fn would_block(done: io::Result<usize>) -> io::Result<usize> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        done => done,
    }
}

/// What is known of the status of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Incomplete,
    Final(u16),
    Garbage,
}

/// `HTTP/1.1 200 OK`, after any number of interim answers; see RFC 9112, 4.
fn status(mut head: &[u8]) -> Status {
    loop {
        let Some(end) = memchr::memchr(b'\n', head) else {
            return if head.len() > 1024 { Status::Garbage } else { Status::Incomplete };
        };
        match code(&head[..end]) {
            None => return Status::Garbage,
            Some(100..=199) => {
                let Some(end) = memchr::memmem::find(head, b"\r\n\r\n") else {
                    return Status::Incomplete;
                };
                head = &head[end + 4..];
            }
            Some(code) => return Status::Final(code),
        }
    }
}

fn code(line: &[u8]) -> Option<u16> {
    let rest = line.strip_prefix(b"HTTP/1.")?;
    let [b'0'..=b'9', b' ', digits @ ..] = rest else { return None };
    let [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = digits else {
        return None;
    };
    let digit = |byte: &u8| u16::from(byte - b'0');
    let ends = rest.first().is_none_or(|byte| matches!(byte, b' ' | b'\r'));
    ends.then(|| digit(a) * 100 + digit(b) * 10 + digit(c))
}

#[cfg(test)]
mod tests {
    use super::{Status, request, status};

    #[test]
    fn the_status_is_the_last_one() {
        let check =
            |head: &str, expected| assert_eq!(status(head.as_bytes()), expected, "{head:?}");
        check("HTTP/1.1 200 OK\r\n", Status::Final(200));
        check("HTTP/1.0 404\r\n", Status::Final(404));
        check("HTTP/1.1 503 \n", Status::Final(503));
        check("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 \r\n", Status::Final(204));
        check("HTTP/1.1 103 Early Hints\r\nLink", Status::Incomplete);
        check("HTTP/1.1 2", Status::Incomplete);
        check("", Status::Incomplete);
        check("HTTP/1.1 2000 OK\r\n", Status::Garbage);
        check("HTTP/1.1 20\r\n", Status::Garbage);
        check("HTTP/2 200\r\n", Status::Garbage);
        check("SSH-2.0-x\r\n", Status::Garbage);
        check(&"x".repeat(2000), Status::Garbage);
    }

    #[test]
    fn a_path_cannot_leave_its_line() {
        let request = request(80, "/a b\r\nX: é?q=1");
        assert!(request.starts_with("GET /a%20b%0D%0AX:%20%C3%A9?q=1 HTTP/1.1\r\n"), "{request}");
    }
}
