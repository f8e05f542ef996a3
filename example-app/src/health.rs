//! Ask a service over HTTP whether it is well.
//!
//! One `GET` over a fresh connection needs no client library; a real one would have TLS,
//! redirects and a pool, and a program that needs those should take one.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// Where to ask: the parts of `http://host:port/path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `host:port`.
    authority: String,
    path: String,
}

impl Target {
    /// The page `path` of the service at `url`; `None` if that is not `http://host[:port]`.
    #[must_use]
    pub fn new(url: &str, path: &str) -> Option<Self> {
        let authority = url.strip_prefix("http://")?.trim_end_matches('/');
        if authority.is_empty() || authority.contains('/') {
            return None;
        }
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
        let port = if has_port { "" } else { ":80" };
        Some(Self { authority: format!("{authority}{port}"), path: path.to_owned() })
    }

    /// Ask, and return the status code of the answer.
    ///
    /// # Errors
    /// When nobody answers, or not in HTTP.
    pub async fn ask(&self) -> io::Result<u16> {
        let mut stream = TcpStream::connect(&self.authority).await?;
        let Self { authority, path } = self;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).await?;
        status(&line).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not HTTP"))
    }
}

/// The code in `HTTP/1.1 200 OK`.
fn status(line: &str) -> Option<u16> {
    line.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.trim_end().parse().ok()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::{Target, status};
    use crate::pages::router;

    #[test]
    fn a_url_is_a_host_and_a_port() {
        let authority = |url| Target::new(url, "/healthz").map(|target| target.authority);
        assert_eq!(authority("http://127.0.0.1:4000"), Some("127.0.0.1:4000".into()));
        assert_eq!(authority("http://localhost/"), Some("localhost:80".into()));
        assert_eq!(authority("http://[::1]"), Some("[::1]:80".into()));
        assert_eq!(authority("https://localhost"), None);
        assert_eq!(authority("http://"), None);
        assert_eq!(authority("http://localhost/a"), None);
    }

    #[test]
    fn a_status_line_has_a_code() {
        assert_eq!(status("HTTP/1.1 200 OK\r\n"), Some(200));
        assert_eq!(status("HTTP/1.0 503\r\n"), Some(503));
        assert_eq!(status("SSH-2.0-x\r\n"), None);
        assert_eq!(status(""), None);
    }

    #[tokio::test]
    async fn a_running_service_answers() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = axum::serve(listener, router("web.1".to_owned())).into_future();
        let well = Target::new(&url, "/healthz").unwrap();
        let lost = Target::new(&url, "/lost").unwrap();
        tokio::select! {
            ended = server => panic!("{ended:?}"),
            codes = async { (well.ask().await.unwrap(), lost.ask().await.unwrap()) } => {
                assert_eq!(codes, (200, 404));
            }
        }
    }
}
