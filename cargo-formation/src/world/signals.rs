//! Signals that the tool receives.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use crate::supervise::StopReason;

/// What a signal means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Somebody wants the formation to end.
    Stop(StopReason),
    /// Some child has changed its state.
    Child,
}

/// Report every signal, until the runtime ends.
///
/// To be called inside of the runtime, before the first child is started: as process 1 a
/// signal without a handler would not arrive at all.
///
/// # Errors
/// When a handler cannot be installed.
pub fn listen(report: impl Fn(Heard) + Clone + 'static) -> io::Result<()> {
    let meanings = [
        (SignalKind::interrupt(), Heard::Stop(StopReason::Interrupt)),
        (SignalKind::terminate(), Heard::Stop(StopReason::Terminate)),
        (SignalKind::hangup(), Heard::Stop(StopReason::Hangup)),
        (SignalKind::child(), Heard::Child),
    ];
    for (kind, meaning) in meanings {
        let mut signals = signal(kind)?;
        let report = report.clone();
        tokio::task::spawn_local(async move {
            while signals.recv().await.is_some() {
                report(meaning);
            }
        });
    }
    Ok(())
}
