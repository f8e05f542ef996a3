//! `__type__`: prepares what the others need, before they start.

use __crate__::logging;

fn main() {
    logging::start();
    tracing::info!("nothing to prepare");
}
