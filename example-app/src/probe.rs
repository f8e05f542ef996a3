//! Ask an address over HTTP whether it is well.

use std::error::Error;
use std::time::Duration;

use reqwest::Client;

use crate::check::{Outcome, State};
use crate::moment::Stopwatch;

/// How long an answer may take. Less than a process has to stop, so that nobody is
/// killed while it waits for one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whoever asks. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Probe {
    client: Client,
}

impl Probe {
    /// Prepare to ask, over HTTP and HTTPS, and through no proxy: what is measured is the
    /// way from here.
    ///
    /// # Errors
    /// When the certificates of this machine cannot be read.
    pub fn new() -> Result<Self, reqwest::Error> {
        // It fails where a provider was chosen before, and that one will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let agent = concat!("example-app/", env!("CARGO_PKG_VERSION"));
        // A new connection each time, as a visitor would need.
        let builder = Client::builder().user_agent(agent).timeout(PATIENCE);
        Ok(Self { client: builder.no_proxy().pool_max_idle_per_host(0).build()? })
    }

    /// Ask, and say how it went. What cannot be reached is an outcome and no error.
    pub async fn ask(&self, url: &str) -> Outcome {
        let watch = Stopwatch::start();
        let answer = self.client.get(url).send().await;
        let took_ms = i64::try_from(watch.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (state, detail) = match answer {
            Ok(answer) if answer.status().is_success() => (State::Up, answer.status().to_string()),
            Ok(answer) => (State::Down, answer.status().to_string()),
            Err(error) => (State::Down, reason(&error)),
        };
        Outcome { state, detail, took_ms }
    }
}

/// Why there is no answer, without the layers around it.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", PATIENCE.as_secs());
    }
    let mut reason: &dyn Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    reason.to_string()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::Probe;
    use crate::check::State;

    /// Ask a server of these pages for one of them.
    async fn check(path: &str, expected: (State, &str)) {
        let pages = Router::new()
            .route("/well", get(|| async { "yes" }))
            .route("/ill", get(|| async { StatusCode::SERVICE_UNAVAILABLE }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{path}", listener.local_addr().unwrap());
        let server = axum::serve(listener, pages).into_future();
        let probe = Probe::new().unwrap();
        let outcome = tokio::select! {
            ended = server => panic!("{ended:?}"),
            outcome = probe.ask(&url) => outcome,
        };
        assert_eq!((outcome.state, &*outcome.detail), expected);
    }

    #[tokio::test]
    async fn the_status_of_an_answer_says_whether_all_is_well() {
        check("/well", (State::Up, "200 OK")).await;
        check("/ill", (State::Down, "503 Service Unavailable")).await;
        check("/lost", (State::Down, "404 Not Found")).await;
    }

    #[tokio::test]
    async fn who_cannot_be_reached_is_down() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let outcome = Probe::new().unwrap().ask(&url).await;
        assert_eq!(outcome.state, State::Down);
        assert!(outcome.detail.contains("Connection refused"), "{outcome:?}");
    }
}
