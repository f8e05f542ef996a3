//! What was read and could not be written at once.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How much is read at once, and the most that one direction of a connection keeps.
const LENGTH: usize = 64 * 1024;

/// The buffer into which all connections read. Nobody keeps it beyond a look.
#[derive(Clone)]
pub(in super::super) struct Scratch(Rc<RefCell<Box<[u8]>>>);

impl Default for Scratch {
    fn default() -> Self {
        Self(Rc::new(RefCell::new(vec![0; LENGTH].into_boxed_slice())))
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scratch")
    }
}

impl Scratch {
    /// Use it.
    pub(in super::super) fn lend<T>(&self, use_it: impl FnOnce(&mut [u8]) -> T) -> T {
        use_it(&mut self.0.borrow_mut())
    }
}

/// Read what there is.
pub(super) fn read(
    stream: &mut TcpStream,
    cx: &mut Context<'_>,
    scratch: &mut [u8],
) -> Poll<io::Result<usize>> {
    let mut buffer = ReadBuf::new(scratch);
    ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
    Poll::Ready(Ok(buffer.filled().len()))
}

/// Bytes that a stream has not taken.
#[derive(Debug, Default)]
pub(super) struct Rest {
    bytes: Vec<u8>,
    written: usize,
}

impl Rest {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Write what is left. Ready when there is nothing.
    pub(super) fn poll_flush(
        &mut self,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.written < self.bytes.len() {
            let left = &self.bytes[self.written..];
            self.written += ready!(Pin::new(&mut *stream).poll_write(cx, left))?;
        }
        if !self.is_empty() {
            *self = Self::default();
        }
        Poll::Ready(Ok(()))
    }

    /// Write these bytes after what is left, and keep what the stream does not take.
    pub(super) fn send(
        &mut self,
        stream: &mut TcpStream,
        cx: &mut Context<'_>,
        mut bytes: &[u8],
    ) -> io::Result<()> {
        while self.is_empty() && !bytes.is_empty() {
            match Pin::new(&mut *stream).poll_write(cx, bytes)? {
                Poll::Ready(length) => bytes = &bytes[length..],
                Poll::Pending => break,
            }
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}
