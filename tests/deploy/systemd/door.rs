//! A server that is handed its socket, takes a while to start, and says by `READY=1` that it has.
//! What it was given stands in its log. Whoever asks is told its process id. Asked to stop, it first answers whom it has let in, and
//! waits for as long as that one says nothing.

use std::env;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

fn main() -> io::Result<()> {
    println!("arguments {:?}", env::args().skip(1).collect::<Vec<String>>());
    println!("variable {:?}", env::var("HOSTILE").unwrap_or_default());
    let is_asked = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&is_asked))?;
    let listener = listenfd::ListenFd::from_env().take_tcp_listener(0)?;
    let listener = listener.ok_or_else(|| io::Error::other("no socket was handed over"))?;
    thread::sleep(Duration::from_millis(500));
    let path = env::var("NOTIFY_SOCKET").map_err(io::Error::other)?;
    UnixDatagram::unbound()?.send_to(b"READY=1", path)?;

    listener.set_nonblocking(true)?;
    while !is_asked.load(Ordering::SeqCst) {
        match listener.accept() {
            Ok((client, _)) => {
                println!("somebody is let in");
                answer(client)?;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                thread::sleep(Duration::from_millis(1));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn answer(mut client: TcpStream) -> io::Result<()> {
    let mut request = [0; 4096];
    let _ = client.read(&mut request)?;
    let body = process::id().to_string();
    let length = body.len();
    write!(client, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}
