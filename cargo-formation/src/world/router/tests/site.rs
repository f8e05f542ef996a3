//! What the tests stand on: a router, runs that do as they are told, and clients.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};

use crate::formation::{InstanceName, ProcessName};
use crate::world::children::ChildId;
use crate::world::router::{Backend, Limits, News, Outlook, Page, Routers};

/// After this long something will not happen any more.
pub(super) const DEADLINE: Duration = Duration::from_mins(1);

/// A request that every run understands, and an answer.
pub(super) const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
pub(super) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A router for one process type.
pub(super) struct Site {
    pub(super) routers: Routers,
    pub(super) name: ProcessName,
    pub(super) address: SocketAddr,
    news: Receiver<News>,
}

impl Site {
    pub(super) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(super) fn with(limits: Limits) -> Self {
        let (sender, news) = channel();
        let report = move |_, news| drop(sender.send(news));
        let routers = Routers::start(limits, report).unwrap();
        let name: ProcessName = "web".parse().unwrap();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let address = routers.listen(name.clone(), &[any]).unwrap()[0];
        Self { routers, name, address, news }
    }

    pub(super) fn route(&self, runs: &[&Run]) {
        let backends = runs.iter().map(|run| run.backend()).collect();
        self.routers.route(&self.name, backends);
    }

    pub(super) fn explain(&self, title: &str, text: &str) {
        self.explain_with(title, text, Outlook::Open);
    }

    /// Have it said, and whether it is worth waiting.
    pub(super) fn explain_with(&self, title: &str, text: &str, outlook: Outlook) {
        let page = Page { title: title.into(), text: text.into(), outlook };
        self.routers.explain(&self.name, page);
    }

    pub(super) fn client(&self) -> Peer {
        Peer::new(TcpStream::connect(self.address).unwrap())
    }

    pub(super) fn news(&self) -> News {
        self.news.recv_timeout(DEADLINE).expect("news")
    }

    pub(super) fn is_idle(&self, run: &Run) {
        let news = self.news();
        assert!(matches!(news, News::Idle(id) if id == run.id), "{news:?}");
    }

    pub(super) fn no_news(&self) {
        if let Ok(news) = self.news.try_recv() {
            panic!("{news:?}");
        }
    }
}

/// A run: what is connected to it is served by the test.
pub(super) struct Run {
    pub(super) id: ChildId,
    pub(super) port: u16,
    peers: Receiver<TcpStream>,
}

impl Run {
    pub(super) fn new(id: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, peers) = channel();
        thread::spawn(move || {
            // Until nobody asks any more, and somebody connects.
            loop {
                match listener.accept() {
                    Ok((stream, _)) => {
                        if sender.send(stream).is_err() {
                            return;
                        }
                    }
                    // Descriptors are short, of ours as well: the client goes on to wait.
                    Err(_) => thread::yield_now(),
                }
            }
        });
        Self { id: ChildId(id), port, peers }
    }

    pub(super) fn backend(&self) -> Backend {
        let number = u16::try_from(self.id.0).unwrap();
        let name = InstanceName { process: "web".parse().unwrap(), number };
        Backend { run: self.id, name, port: self.port }
    }

    /// The next connection to it.
    pub(super) fn accept(&self) -> Peer {
        Peer::new(self.peers.recv_timeout(DEADLINE).expect("a connection"))
    }

    /// That nobody has connected to it.
    pub(super) fn is_left_alone(&self) {
        assert!(self.peers.try_recv().is_err(), "somebody connected");
    }
}

/// A run that does not listen: its port is its own, and refuses.
pub(super) struct Mute {
    pub(super) backend: Backend,
    socket: OwnedFd,
}

impl Mute {
    pub(super) fn new(id: u64) -> Self {
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = SocketAddr::try_from(getsockname(&socket).unwrap()).unwrap();
        let name = InstanceName { process: "web".parse().unwrap(), number: 1 };
        Self { backend: Backend { run: ChildId(id), name, port: address.port() }, socket }
    }

    /// From now on it does, and this is the next connection to it.
    pub(super) fn accept(self) -> Peer {
        listen(&self.socket, 16).unwrap();
        Peer::new(TcpListener::from(self.socket).accept().unwrap().0)
    }
}

/// One end of a connection.
pub(super) struct Peer {
    pub(super) stream: TcpStream,
}

impl Peer {
    pub(super) fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    pub(super) fn say(&mut self, text: impl AsRef<[u8]>) {
        self.stream.write_all(text.as_ref()).unwrap();
    }

    #[track_caller]
    pub(super) fn hears(&mut self, text: impl AsRef<[u8]>) {
        let text = text.as_ref();
        let mut heard = vec![0; text.len()];
        let result = self.stream.read_exact(&mut heard);
        let heard = String::from_utf8_lossy(&heard);
        assert!(result.is_ok(), "{result:?} after {heard:?}");
        assert_eq!(heard, String::from_utf8_lossy(text));
    }

    /// The other end was closed in good order, after this.
    #[track_caller]
    pub(super) fn hears_end(&mut self) {
        assert_eq!(self.rest(), "");
    }

    /// The other end was closed, in whatever way: it depends on what of ours had been read.
    #[track_caller]
    pub(super) fn hears_nothing(&mut self) {
        let mut rest = Vec::new();
        if let Err(error) = self.stream.read_to_end(&mut rest) {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        }
        assert_eq!(rest, b"");
    }

    /// All until the other end is closed in good order.
    #[track_caller]
    pub(super) fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).expect("an end");
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// The other end was closed so that nobody takes what came for the whole.
    #[track_caller]
    pub(super) fn hears_reset(&mut self) {
        let error = self.stream.read_to_end(&mut Vec::new()).expect_err("a reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }

    pub(super) fn says_its_last(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Close so that the other side gets a reset.
    pub(super) fn breaks(self) {
        rustix::net::sockopt::set_socket_linger(&self.stream, Some(Duration::ZERO)).unwrap();
    }

    /// One exchange with this peer.
    #[track_caller]
    pub(super) fn exchange(&mut self, run: &mut Self) {
        self.say(GET);
        run.hears(GET);
        run.say(OK);
        self.hears(OK);
    }
}
