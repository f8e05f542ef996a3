//! The heads of HTTP/1 messages: what of them says where a message ends; see RFC 9112.

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig};
use memchr::memmem;

use super::Plain;
use super::body::Body;

/// The longest head that is read, in bytes. Servers refuse shorter ones.
const LONGEST: usize = 64 * 1024;
/// The most fields of a head.
const MOST_FIELDS: usize = 256;
/// What ends a head.
const END: &[u8] = b"\r\n\r\n";
/// What browsers ask for.
const HTML: &[u8] = b"text/html";

/// A request that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Asked {
    pub(in super::super) kind: Kind,
    pub(in super::super) look: Look,
    pub(super) then: Then,
}

/// What an answer can look like to whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Look {
    Html,
    Text,
}

/// What of a request decides how its answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    /// Its answer has no body.
    Head,
    /// Its answer may be the beginning of a tunnel.
    Connect,
    /// Its answer may be the beginning of another protocol.
    Upgrade,
    /// Any other.
    Other,
}

impl Kind {
    pub(super) fn may_switch(self) -> bool {
        matches!(self, Self::Connect | Self::Upgrade)
    }
}

/// What the connection is for after an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Then {
    Next,
    Close,
}

/// The head of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Response {
    /// Another one follows.
    Interim,
    Final(Then, Body),
}

/// The part of a head that has come.
#[derive(Debug, Default)]
pub(super) struct Collector {
    partial: Vec<u8>,
}

impl Collector {
    pub(super) fn is_empty(&self) -> bool {
        self.partial.is_empty()
    }

    /// Look at bytes: how many of them belong to the head, and what `read` makes of it when it
    /// is whole. Line ends before a head belong to nothing; see RFC 9112, 2.2.
    pub(super) fn collect<T>(
        &mut self,
        bytes: &[u8],
        read: impl FnOnce(&[u8]) -> Result<T, Plain>,
    ) -> Result<(usize, Option<T>), Plain> {
        if self.partial.is_empty() {
            let blank = bytes.iter().take_while(|byte| is_line_end(**byte)).count();
            let bytes = &bytes[blank..];
            if let Some(end) = memmem::find(bytes, END) {
                let end = end + END.len();
                return Ok((blank + end, Some(read(&bytes[..end])?)));
            }
            self.keep(bytes)?;
            return Ok((blank + bytes.len(), None));
        }
        let before = self.partial.len();
        self.keep(&bytes[..bytes.len().min(LONGEST)])?;
        let from = before.saturating_sub(END.len() - 1);
        let Some(end) = memmem::find(&self.partial[from..], END) else {
            return Ok((self.partial.len() - before, None));
        };
        let end = from + end + END.len();
        let head = std::mem::take(&mut self.partial);
        Ok((end - before, Some(read(&head[..end])?)))
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), Plain> {
        if self.partial.len() > LONGEST {
            return Err(Plain);
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }
}

/// Read the head of a request.
pub(super) fn request(head: &[u8]) -> Result<(Asked, Body), Plain> {
    let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
    let mut request = httparse::Request::new(&mut []);
    let parsed = request.parse_with_uninit_headers(head, &mut fields);
    is_whole(head, parsed)?;
    let fields = Fields::of(request.headers, request.version)?;
    let kind = kind(request.method, &fields);
    let body = match fields.framing {
        Framed::Not => Body::NONE,
        // What follows the head of this one is not a body for all who read it.
        _ if kind == Kind::Connect => return Err(Plain),
        Framed::Length(length) => Body::Length(length),
        Framed::Chunked => Body::CHUNKED,
    };
    Ok((Asked { kind, look: fields.look, then: fields.then }, body))
}

/// What a client asks that has sent these first bytes, as far as they say it; nothing if they
/// are not the beginning of a request.
pub(in super::super) fn asked(bytes: &[u8]) -> Option<Asked> {
    let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
    let mut request = httparse::Request::new(&mut []);
    request.parse_with_uninit_headers(bytes, &mut fields).ok()?;
    let fields = Fields::of(request.headers, request.version).ok()?;
    Some(Asked { kind: kind(request.method, &fields), look: fields.look, then: Then::Close })
}

fn kind(method: Option<&str>, fields: &Fields) -> Kind {
    match method {
        Some("HEAD") => Kind::Head,
        Some("CONNECT") => Kind::Connect,
        _ if fields.upgrade => Kind::Upgrade,
        _ => Kind::Other,
    }
}

/// Read the head of a response to such a request.
pub(super) fn response(head: &[u8], asked: Kind) -> Result<Response, Plain> {
    let mut fields = [const { MaybeUninit::uninit() }; MOST_FIELDS];
    let mut response = httparse::Response::new(&mut []);
    let config = ParserConfig::default();
    let parsed = config.parse_response_with_uninit_headers(&mut response, head, &mut fields);
    is_whole(head, parsed)?;
    let fields = Fields::of(response.headers, response.version)?;
    match (response.code.ok_or(Plain)?, asked) {
        (101, _) | (200..=299, Kind::Connect) => Err(Plain),
        (100..=199, _) => Ok(Response::Interim),
        (204 | 304, _) | (_, Kind::Head) => Ok(Response::Final(fields.then, Body::NONE)),
        _ => Ok(match fields.framing {
            Framed::Length(length) => Response::Final(fields.then, Body::Length(length)),
            Framed::Chunked => Response::Final(fields.then, Body::CHUNKED),
            Framed::Not => Response::Final(Then::Close, Body::UntilClose),
        }),
    }
}

/// That the head was read to its end, and that nobody would see another end: a line feed alone
/// ends a line for some.
fn is_whole(head: &[u8], parsed: httparse::Result<usize>) -> Result<(), Plain> {
    let bare = |at: usize| at == 0 || head[at - 1] != b'\r';
    if parsed != Ok(httparse::Status::Complete(head.len()))
        || memchr::memchr_iter(b'\n', head).any(bare)
    {
        return Err(Plain);
    }
    Ok(())
}

/// What the fields of a head say of its message.
struct Fields {
    framing: Framed,
    then: Then,
    look: Look,
    upgrade: bool,
}

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framed {
    Not,
    Length(u64),
    Chunked,
}

impl Fields {
    /// What can be read in two ways is not read at all; see RFC 9112, 6.3 and 11.2.
    fn of(fields: &[Header<'_>], version: Option<u8>) -> Result<Self, Plain> {
        let old = version == Some(0);
        let (mut framing, mut look, mut upgrade) = (Framed::Not, Look::Text, false);
        let (mut close, mut keep_alive) = (false, false);
        for Header { name, value } in fields {
            if name.eq_ignore_ascii_case("content-length") {
                framing = framing.and(Framed::Length(length(value)?))?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                if old || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Plain);
                }
                framing = framing.and(Framed::Chunked)?;
            } else if name.eq_ignore_ascii_case("connection") {
                close |= names(value, b"close");
                keep_alive |= names(value, b"keep-alive");
            } else if name.eq_ignore_ascii_case("upgrade") {
                upgrade = true;
            } else if name.eq_ignore_ascii_case("accept") && has_html(value) {
                look = Look::Html;
            }
        }
        let then = if close || old && !keep_alive { Then::Close } else { Then::Next };
        Ok(Self { framing, then, look, upgrade })
    }
}

impl Framed {
    /// Said once; whoever says it twice contradicts himself.
    fn and(self, other: Self) -> Result<Self, Plain> {
        if self == Self::Not { Ok(other) } else { Err(Plain) }
    }
}

/// Digits and nothing else.
fn length(value: &[u8]) -> Result<u64, Plain> {
    if !value.iter().all(u8::is_ascii_digit) {
        return Err(Plain);
    }
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or(Plain)
}

/// Whether a list has this word.
fn names(list: &[u8], word: &[u8]) -> bool {
    let mut words = list.split(|byte| *byte == b',');
    words.any(|one| one.trim_ascii().eq_ignore_ascii_case(word))
}

fn has_html(value: &[u8]) -> bool {
    value.windows(HTML.len()).any(|window| window.eq_ignore_ascii_case(HTML))
}

fn is_line_end(byte: u8) -> bool {
    byte == b'\r' || byte == b'\n'
}
