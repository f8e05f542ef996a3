//! Ends of exchanges, however their bytes come.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{Framing, RunEnd};

/// Exchanges after which the connection goes on.
const GO_ON: [(&str, &str); 14] = [
    ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
    ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", "HTTP/1.1 200\r\ncontent-length:0\r\n\r\n"),
    ("HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n"),
    ("HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd", "HTTP/1.1 204 No Content\r\n\r\n"),
    ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
    (
        "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n4;a=\"b\"\r\nGET \r\n1 \r\nx\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
    ),
    (
        "PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nA\r\n\r\n0\r\n\r\n0\r\n\r\n0;x\r\nA: b\r\nC: d\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n\r\n",
    ),
    (
        "GET / HTTP/1.1\r\nAccept: text/html\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00f;e\r\n012345678901234\r\n0\r\nT: \r\n\r\n",
    ),
    ("\r\n\r\nGET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\n"),
    (
        "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
    ),
    (
        "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
    ),
    (
        "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "DELETE / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n",
    ),
];

/// Exchanges after which it is closed, and what it means that the run closes it.
const LAST: [(&str, &str, RunEnd); 5] = [
    (
        "GET / HTTP/1.1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\nx",
        RunEnd::Whole,
    ),
    (
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
        RunEnd::Whole,
    ),
    ("GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", RunEnd::Whole),
    ("HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n", RunEnd::Whole),
    ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nwhat comes", RunEnd::Told),
];

/// What can be read in two ways or not at all, in a request.
const PLAIN_REQUESTS: [&str; 25] = [
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\x16\x03\x01\x02\0\x01\0\x01\r\n\r\n",
    "EHLO a\r\n\r\n",
    "GET /\r\n\r\n",
    "GET / HTTP/1.1\r\nA: \0\r\n\r\n",
    "GET / HTTP/1.1\r\nA : b\r\n\r\n",
    "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
    "GET / HTTP/1.1\nA: b\r\n\r\n",
    "GET / HTTP/1.1\r\nA: b\nContent-Length: 4\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
    "POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
    "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: +4\r\n\r\nabcd",
    "POST / HTTP/1.1\r\nContent-Length: 4, 4\r\n\r\nabcd",
    "POST / HTTP/1.1\r\nContent-Length: \r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 18446744073709551616\r\n\r\n",
    "CONNECT a:1 HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\nx",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nx",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
];

/// And in a response.
const PLAIN_RESPONSES: [(&str, &str); 6] = [
    ("GET / HTTP/1.1\r\n\r\n", "hello\r\n\r\n"),
    ("GET / HTTP/1.1\r\nUpgrade: a\r\n\r\n", "HTTP/1.1 101 Switching\r\nUpgrade: a\r\n\r\n"),
    ("CONNECT a:1 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"),
    (
        "GET / HTTP/1.1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1"),
];

impl Framing {
    fn asks(&mut self, bytes: &[u8]) {
        assert_eq!(self.client(bytes, || true), bytes.len());
    }
}

/// Every way to cut a text in two, and one byte at a time.
fn cuts(text: &str) -> impl Iterator<Item = Vec<&[u8]>> {
    let bytes = text.as_bytes();
    let twice = (1..bytes.len()).map(move |at| vec![&bytes[..at], &bytes[at..]]);
    twice.chain([vec![bytes], bytes.chunks(1).collect()])
}

#[test]
fn an_exchange_ends_with_its_last_byte_wherever_it_is_cut() {
    for (request, response) in GO_ON {
        for pieces in cuts(request) {
            let mut framing = Framing::default();
            for piece in &pieces {
                framing.asks(piece);
            }
            framing.run(response.as_bytes());
            assert!(framing.is_at_rest() && !framing.is_over(), "{pieces:?} {framing:?}");
        }
        for pieces in cuts(response) {
            let mut framing = Framing::default();
            framing.asks(request.as_bytes());
            for piece in &pieces {
                assert!(!framing.is_at_rest(), "{pieces:?} {framing:?}");
                framing.run(piece);
            }
            assert!(framing.is_at_rest() && !framing.is_over(), "{pieces:?} {framing:?}");
            assert_eq!(framing.run_end(), RunEnd::AtRest);
        }
    }
}

#[test]
fn a_request_is_under_way_from_its_first_byte_to_its_last() {
    for (request, response) in GO_ON {
        let request = request.trim_start();
        for pieces in cuts(request).filter(|pieces| pieces.len() > 1) {
            let mut framing = Framing::default();
            assert!(framing.is_at_rest());
            for piece in &pieces[..pieces.len() - 1] {
                framing.asks(piece);
                assert!(!framing.is_at_rest(), "{pieces:?}");
            }
            // An answer can come early: the request is under way all the same.
            if !framing.asked.is_empty() {
                framing.run(response.as_bytes());
                assert!(!framing.is_at_rest(), "{pieces:?}");
                framing.asks(pieces[pieces.len() - 1]);
                assert!(framing.is_at_rest(), "{pieces:?} {framing:?}");
            }
        }
    }
}

#[test]
fn after_the_last_answer_nothing_begins() {
    for (request, response, end) in LAST {
        for pieces in cuts(response) {
            let mut framing = Framing::default();
            framing.asks(request.as_bytes());
            for piece in &pieces {
                framing.run(piece);
            }
            assert_eq!(framing.run_end(), end, "{pieces:?}");
            assert_eq!(framing.client(b"GET / HTTP/1.1\r\n\r\n", || true), 0);
        }
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_plain() {
    for request in PLAIN_REQUESTS {
        for pieces in cuts(request) {
            let mut framing = Framing::default();
            for piece in &pieces {
                framing.asks(piece);
            }
            assert!(framing.is_plain() && !framing.is_at_rest(), "{pieces:?} {framing:?}");
            assert_eq!(framing.run_end(), RunEnd::Plain);
        }
    }
    for (request, response) in PLAIN_RESPONSES {
        for pieces in cuts(response) {
            let mut framing = Framing::default();
            framing.asks(request.as_bytes());
            for piece in &pieces {
                framing.run(piece);
            }
            assert!(framing.is_plain(), "{pieces:?} {framing:?}");
        }
    }
}

#[test]
fn who_speaks_unasked_is_plain() {
    let mut framing = Framing::default();
    framing.run(b"220 hello\r\n");
    assert!(framing.is_plain());
}

#[test]
fn a_head_without_end_is_plain_and_costs_little() {
    let piece = [b'a'; 1000];
    let mut framing = Framing::default();
    framing.asks(b"GET / HTTP/1.1\r\nA: ");
    let mut fed = 0;
    while !framing.is_plain() {
        framing.asks(&piece);
        fed += piece.len();
        assert!(fed < 100_000);
    }
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(257));
    let mut framing = Framing::default();
    framing.asks(many.as_bytes());
    assert!(framing.is_plain());
}

#[test]
fn a_request_that_can_change_the_protocol_is_the_last_until_it_is_answered() {
    for first in ["GET / HTTP/1.1\r\nUpgrade: a\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n"] {
        let mut framing = Framing::default();
        let bytes = format!("{first}\x16\x03");
        assert_eq!(framing.client(bytes.as_bytes(), || true), first.len());
        assert_eq!(framing.client(b"\x16\x03", || true), 0);
        framing.run(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(framing.client(b"GET", || true), 3);
        assert!(!framing.is_plain());
    }
}

#[test]
fn a_request_that_may_not_begin_is_left() {
    let mut framing = Framing::default();
    let (one, two) = ("GET /1 HTTP/1.1\r\n\r\n", "GET /2 HTTP/1.1\r\n\r\n");
    framing.asks(b"GE");
    assert_eq!(framing.client(format!("{}{two}", &one[2..]).as_bytes(), || false), one.len() - 2);
    let many = one.repeat(1000);
    assert_eq!(framing.client(many.as_bytes(), || true), one.len() * (super::MOST_ASKED - 1));
}

#[test]
fn the_end_of_a_run_means_what_it_interrupts() {
    let check = |response: &str, end: fn(&RunEnd) -> bool| {
        let mut framing = Framing::default();
        framing.asks(b"GET / HTTP/1.1\r\n\r\n");
        framing.run(response.as_bytes());
        assert!(end(&framing.run_end()), "{response:?} {:?}", framing.run_end());
    };
    check("", |end| matches!(end, RunEnd::Unanswered(_)));
    check("HTTP/1.1 100 Continue\r\n\r\n", |end| matches!(end, RunEnd::Unanswered(_)));
    check("H", |end| *end == RunEnd::Cut);
    check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx", |end| *end == RunEnd::Cut);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", |end| {
        *end == RunEnd::Cut
    });
    check("HTTP/1.1 200 OK\r\n\r\nx", |end| *end == RunEnd::Told);
}

/// A body, as bytes of a message and as the fields that announce it.
fn body() -> impl Strategy<Value = (String, Vec<u8>)> {
    let bytes = || vec(prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b'0')], 0..40);
    let length = bytes().prop_map(|bytes| (format!("Content-Length: {}\r\n", bytes.len()), bytes));
    let chunked = vec((bytes(), prop_oneof![Just(""), Just(";a"), Just("; b=\"0\"")]), 0..4);
    let trailers = prop_oneof![Just(""), Just("A: b\r\n"), Just("A: b\r\nCc: 0\r\n")];
    let chunked = (chunked, trailers).prop_map(|(chunks, trailers)| {
        let mut body = Vec::new();
        for (bytes, extension) in chunks.into_iter().filter(|(bytes, _)| !bytes.is_empty()) {
            body.extend(format!("{:x}{extension}\r\n", bytes.len()).bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("0\r\n{trailers}\r\n").bytes());
        ("Transfer-Encoding: chunked\r\n".to_owned(), body)
    });
    prop_oneof![length, chunked]
}

/// A request, and an answer to it.
pub(in super::super) fn exchange() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let interim = prop_oneof![
        3 => Just(""),
        1 => Just("HTTP/1.1 100 Continue\r\n\r\n"),
        1 => Just("HTTP/1.1 102 P\r\nA: b\r\n\r\nHTTP/1.1 103 E\r\n\r\n"),
    ];
    let get = (Just("GET"), Just((String::new(), Vec::new())));
    let post = (prop_oneof![Just("POST"), Just("PUT"), Just("HEAD")], body());
    let status = prop_oneof![4 => Just(200), 1 => Just(204), 1 => Just(304), 1 => Just(500)];
    (prop_oneof![get.boxed(), post.boxed()], interim, status, body()).prop_map(
        |((method, (fields, mut asked)), interim, status, (framed, mut said))| {
            let mut request =
                format!("{method} / HTTP/1.1\r\nHost: a\r\n{fields}\r\n").into_bytes();
            request.append(&mut asked);
            let mut response = format!("{interim}HTTP/1.1 {status} X\r\n{framed}\r\n").into_bytes();
            if method != "HEAD" && status != 204 && status != 304 {
                response.append(&mut said);
            }
            (request, response)
        },
    )
}

/// Bytes in pieces of these lengths, again and again.
pub(in super::super) fn pieces<'b>(bytes: &'b [u8], lengths: &[usize]) -> Vec<&'b [u8]> {
    let (mut left, mut pieces) = (bytes, Vec::new());
    for length in lengths.iter().cycle() {
        if left.is_empty() {
            break;
        }
        let (piece, rest) = left.split_at(left.len().min(*length));
        pieces.push(piece);
        left = rest;
    }
    pieces
}

proptest! {
    #[test]
    fn random_exchanges_end_where_they_end(
        rounds in vec(vec(exchange(), 1..4), 1..4),
        lengths in vec(1..30_usize, 1..6),
    ) {
        let mut framing = Framing::default();
        for round in rounds {
            let requests: Vec<u8> = round.iter().flat_map(|(request, _)| request.clone()).collect();
            let responses: Vec<u8> = round.iter().flat_map(|(_, response)| response.clone()).collect();
            for piece in pieces(&requests, &lengths) {
                prop_assert_eq!(framing.client(piece, || true), piece.len());
                prop_assert!(!framing.is_at_rest());
            }
            for piece in pieces(&responses, &lengths) {
                prop_assert!(!framing.is_at_rest());
                framing.run(piece);
            }
            prop_assert!(framing.is_at_rest() && !framing.is_over());
        }
    }

    #[test]
    fn nothing_makes_it_fail(bytes in vec(any::<u8>(), 0..300), lengths in vec(1..30_usize, 1..6)) {
        let mut framing = Framing::default();
        for piece in pieces(&bytes, &lengths) {
            framing.client(piece, || true);
            framing.run(piece);
        }
    }
}
