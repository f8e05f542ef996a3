//! Signals that the tool receives.

use std::io;

use rustix::process::Signal;
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

/// Report every signal, until the runtime ends. A `SIGHUP` that is ignored stays so: that is
/// what `nohup` is for.
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
        if kind == SignalKind::hangup() && is_hangup_ignored() {
            continue;
        }
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

/// Report whenever the tool was stopped, as by Ctrl-Z, and goes on.
///
/// # Errors
/// When a handler cannot be installed.
pub fn listen_for_continuing(report: impl Fn() + 'static) -> io::Result<()> {
    let mut signals = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
    tokio::task::spawn_local(async move {
        while signals.recv().await.is_some() {
            report();
        }
    });
    Ok(())
}

/// Report whenever the terminal that the tool runs at gets another size.
///
/// # Errors
/// When a handler cannot be installed.
pub fn listen_for_resizing(report: impl Fn() + 'static) -> io::Result<()> {
    let mut signals = signal(SignalKind::window_change())?;
    tokio::task::spawn_local(async move {
        while signals.recv().await.is_some() {
            report();
        }
    });
    Ok(())
}

/// Whether whoever started us has seen to it that `SIGHUP` is ignored; see `proc_pid_status(5)`.
#[cfg(target_os = "linux")]
fn is_hangup_ignored() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & HANGUP != 0)
}

/// Nothing safe tells.
#[cfg(not(target_os = "linux"))]
fn is_hangup_ignored() -> bool {
    false
}
