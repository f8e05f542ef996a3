//! When servers say what they are to say.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock, and waits")]

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// Between two questions: short enough to tell, and long enough that to answer them is no work.
const PAUSE: Duration = Duration::from_millis(5);
/// A server that was asked in its last moment may never answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// After this long it does not work.
const DEADLINE: Duration = Duration::from_mins(2);

/// Ask until everybody has given the answer that is expected: when that was, one by one.
/// Whoever has not given it in two minutes, never will.
pub(crate) fn wait_for(expected: &[(SocketAddr, String)]) -> Option<Vec<Instant>> {
    let began = Instant::now();
    let mut heard: Vec<Option<Instant>> = vec![None; expected.len()];
    while began.elapsed() < DEADLINE {
        for ((address, wanted), heard) in expected.iter().zip(&mut heard) {
            if heard.is_none() && ask(*address).is_ok_and(|answer| answer.ends_with(wanted)) {
                *heard = Some(Instant::now());
            }
        }
        if let Some(all) = heard.iter().copied().collect() {
            return Some(all);
        }
        thread::sleep(PAUSE);
    }
    None
}

/// Ask on a connection of its own.
fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
