//! A server that takes a while to start, is handed its socket or else opens one at `PORT`, and says
//! by `READY=1` that it is up.
//! What it was given stands in its log. Whoever asks is told its process id. Asked to stop, it first answers whom it has let in, and
//! waits for as long as that one says nothing.

use std::env;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
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
    let handed = listenfd::ListenFd::from_env().take_tcp_listener(0)?;
    thread::sleep(Duration::from_millis(500));
    let listener = handed.map_or_else(bind, Ok)?;
    if let Ok(path) = env::var("NOTIFY_SOCKET") {
        UnixDatagram::unbound()?.send_to(b"READY=1", path)?;
    }

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

fn bind() -> io::Result<TcpListener> {
    let port = env::var("PORT").map_err(io::Error::other)?;
    TcpListener::bind(format!("127.0.0.1:{port}"))
}

fn answer(mut client: TcpStream) -> io::Result<()> {
    let mut request = [0; 4096];
    let _ = client.read(&mut request)?;
    let body = process::id().to_string();
    let length = body.len();
    write!(client, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}
