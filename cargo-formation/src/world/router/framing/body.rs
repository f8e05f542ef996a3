//! The bodies of HTTP/1 messages: where they end; see RFC 9112, 6 and 7.

use super::Plain;

/// What is left of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// This many bytes.
    Length(u64),
    /// Chunks.
    Chunked(Chunk),
    /// All that comes.
    UntilClose,
}

/// What is expected next of a chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// The first digit of a size.
    First,
    /// More digits, or their end.
    Size(u64),
    /// The rest of the line with this size: an extension.
    Extension(u64),
    /// The line feed after this size.
    SizeEnd(u64),
    /// This many bytes.
    Data(u64),
    /// What ends the bytes of a chunk.
    DataReturn,
    /// And its line feed.
    DataEnd,
    /// The first byte of a trailer, or the end of them.
    Trailer,
    /// The rest of a trailer.
    TrailerRest,
    /// The line feed after a trailer.
    TrailerEnd,
    /// The line feed after everything.
    LastEnd,
    /// Nothing.
    Over,
}

impl Body {
    pub(super) const NONE: Self = Self::Length(0);
    pub(super) const CHUNKED: Self = Self::Chunked(Chunk::First);

    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunked(Chunk::Over))
    }

    /// Look at bytes; how many of them belong to the body.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<usize, Plain> {
        match self {
            Self::Length(left) => Ok(skip(left, bytes)),
            Self::Chunked(chunk) => chunk.pass(bytes),
            Self::UntilClose => Ok(bytes.len()),
        }
    }
}

impl Chunk {
    fn pass(&mut self, bytes: &[u8]) -> Result<usize, Plain> {
        let mut at = 0;
        while at < bytes.len() && *self != Self::Over {
            if let Self::Data(left) = self {
                at += skip(left, &bytes[at..]);
                if *left == 0 {
                    *self = Self::DataReturn;
                }
            } else {
                *self = self.after(bytes[at])?;
                at += 1;
            }
        }
        Ok(at)
    }

    /// What is expected after this byte. A line ends with both its characters: where some
    /// accept less, they disagree on where a message ends.
    fn after(self, byte: u8) -> Result<Self, Plain> {
        Ok(match (self, byte) {
            (Self::First, _) => Self::Size(digit(byte).ok_or(Plain)?),
            (Self::Size(size) | Self::Extension(size), b'\r') => Self::SizeEnd(size),
            (Self::Size(size), b';' | b' ' | b'\t') => Self::Extension(size),
            (Self::Size(size), _) => Self::Size(append(size, byte)?),
            (Self::Extension(_) | Self::Trailer | Self::TrailerRest, b'\n') => return Err(Plain),
            (Self::Extension(size), _) => Self::Extension(size),
            (Self::SizeEnd(0) | Self::TrailerEnd, b'\n') => Self::Trailer,
            (Self::SizeEnd(size), b'\n') => Self::Data(size),
            (Self::DataReturn, b'\r') => Self::DataEnd,
            (Self::DataEnd, b'\n') => Self::First,
            (Self::Trailer, b'\r') => Self::LastEnd,
            (Self::TrailerRest, b'\r') => Self::TrailerEnd,
            (Self::Trailer | Self::TrailerRest, _) => Self::TrailerRest,
            (Self::LastEnd, b'\n') => Self::Over,
            (
                Self::SizeEnd(_)
                | Self::Data(_)
                | Self::DataReturn
                | Self::DataEnd
                | Self::TrailerEnd
                | Self::LastEnd
                | Self::Over,
                _,
            ) => return Err(Plain),
        })
    }
}

/// How many of these bytes are among the ones that are left.
fn skip(left: &mut u64, bytes: &[u8]) -> usize {
    let passed = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
    *left -= passed as u64;
    passed
}

fn digit(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}

fn append(size: u64, byte: u8) -> Result<u64, Plain> {
    size.checked_mul(16).zip(digit(byte)).map(|(size, digit)| size + digit).ok_or(Plain)
}
