//! The life of one connection of a client: a run, another run, and a proper end.

mod seeking;

use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use self::seeking::{Hurry, Seeker, Sought};
use super::Limits;
use super::dial::Link;
use super::page::{Page, Status, answer};
use super::pump::{Client, Outcome, Pump, Scratch};
use super::roster::Roster;

/// How long a client that was told everything may take to hang up. Whatever it still sends is
/// read: otherwise the kernel would throw away what it has not read of the answer.
const FAREWELL: Duration = Duration::from_secs(2);

/// What all connections of a process type share.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) roster: Arc<Roster>,
    pub(super) limits: Limits,
    pub(super) scratch: Scratch,
}

/// Serve a client until one of the two has enough.
pub(super) async fn serve(stream: TcpStream, place: Rc<Place>) {
    // Without it everything works, a little later.
    let _ = stream.set_nodelay(true);
    let mut client = Client::new(stream);
    let mut changes = place.roster.changes();
    let mut hurry = Hurry::AtOnce;
    loop {
        let seeker = Seeker { client: &mut client, place: &place, changes: &mut changes };
        let link = match seeker.seek(hurry).await {
            Sought::Link(link) => link,
            Sought::Nobody(Some(asked)) => {
                let answer = answer(Status::ServiceUnavailable, &place.roster.page(), asked);
                return say(client, &place.scratch, &answer).await;
            }
            Sought::Nobody(None) | Sought::Gone => return,
        };
        let name = link.lease.name().clone();
        hurry = match connect(&mut client, link, &place, &mut changes).await {
            Outcome::Change if client.is_new() => Hurry::AtOnce,
            Outcome::Change | Outcome::Left => Hurry::WhenAsked,
            Outcome::Done => return say(client, &place.scratch, &[]).await,
            Outcome::Unanswered(asked) => {
                let page =
                    Page { title: format!("{name} ended before it answered"), ..Page::default() };
                return say(client, &place.scratch, &answer(Status::BadGateway, &page, asked))
                    .await;
            }
            Outcome::Broken => return client.abort(),
        };
    }
}

/// Connect a client with a run for as long as that is right. The connection to the run is closed
/// when this returns.
async fn connect(
    client: &mut Client,
    link: Link,
    place: &Place,
    changes: &mut watch::Receiver<()>,
) -> Outcome {
    let mut pump = Pump::new(client, link);
    loop {
        let mut news = std::pin::pin!(changes.changed());
        let outcome = poll_fn(|cx| {
            if let Poll::Ready(outcome) = place.scratch.lend(|scratch| pump.poll(cx, scratch)) {
                return Poll::Ready(Some(outcome));
            }
            news.as_mut().poll(cx).map(|_| None)
        });
        if let Some(outcome) = outcome.await {
            return outcome;
        }
    }
}

/// Say the last that a client hears, and wait until it hangs up, or long enough.
async fn say(mut client: Client, scratch: &Scratch, last: &[u8]) {
    let mut last = Some(last);
    let said = poll_fn(|cx| {
        if let Some(last) = last.take()
            && client.send(cx, last).is_err()
        {
            return Poll::Ready(());
        }
        client.poll_flush(cx).map(|_| client.shut(cx))
    });
    said.await;
    let hung_up = poll_fn(|cx| scratch.lend(|scratch| client.poll_silence(cx, scratch)));
    // Whichever comes first is the end.
    let _ = timeout(FAREWELL, hung_up).await;
}
