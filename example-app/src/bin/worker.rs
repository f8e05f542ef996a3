//! `worker`: asks `web` every few seconds how it is, and says how long the answer took.

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use example_app::config::variable;
use example_app::health::Target;
use example_app::logging;
use example_app::shutdown::Shutdown;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How long to wait between two questions.
const INTERVAL: Duration = Duration::from_secs(5);

/// How long `web` may take to start.
const GRACE: Duration = Duration::from_secs(1);

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> ExitCode {
    logging::start();
    logging::outcome(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut shutdown = Shutdown::listen()?;
    // The formation says where `web` is; the worker also starts where nobody does.
    let url = variable("FORMATION_WEB_URL").unwrap_or_else(|| "http://127.0.0.1:4000".to_owned());
    let target = Target::new(&url, "/healthz")
        .ok_or_else(|| format!("`{url}` is not of the form http://host:port"))?;
    tracing::info!("watching {url}");

    let mut ticks = interval(INTERVAL);
    // The first question comes when `web` has had the time to start.
    ticks.reset_after(GRACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.asked() => return Ok(()),
            now = ticks.tick() => {
                let answer = timeout(PATIENCE, target.ask()).await;
                report(answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())), now.elapsed());
            }
        }
    }
}

fn report(answer: io::Result<u16>, took: Duration) {
    match answer {
        Ok(200) => tracing::info!("web is well, {took:.1?}"),
        Ok(code) => tracing::warn!("web answers {code}, {took:.1?}"),
        Err(error) => tracing::warn!("web does not answer: {error}"),
    }
}
