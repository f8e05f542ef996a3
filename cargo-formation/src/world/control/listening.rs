//! A client that reads the history: what is kept of it, and what comes.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;

use super::super::clock;
use super::super::history::{Block, Count, Ends, History, Subscription};
use crate::control::{Line, Listen, Reply, Told};

/// A client that reads the history.
#[derive(Debug)]
pub struct Listening {
    subscription: Subscription,
    wish: Listen,
}

impl Listening {
    /// Read what is wished for.
    #[must_use]
    pub fn start(history: &History, mut wish: Listen) -> Self {
        if let Some(last) = wish.last {
            wish.from = wish.from.max(history.last(last, |name| wish.wants(name)));
        }
        Self { subscription: history.subscribe(wish.from), wish }
    }

    /// Tell everything, as fast as the client takes it: what it does not take in time is counted.
    pub(super) async fn tell(mut self, write: &mut OwnedWriteHalf) -> io::Result<()> {
        let mut count = Count::from(self.wish.from);
        while let Some(block) = self.next().await {
            let missing = count.missing(&block);
            let mut text = String::new();
            if missing > 0 {
                text += &line(&Told::Missing { lines: missing });
            }
            if self.wish.wants(&block.by.name) {
                text += &lines(&block, self.wish.from);
            }
            write.write_all(text.as_bytes()).await?;
        }
        let end = if self.wish.follow {
            Reply::Ending { pid: std::process::id() }
        } else {
            Reply::Done { became: Vec::new() }
        };
        write.write_all((end.text() + "\n").as_bytes()).await
    }

    async fn next(&mut self) -> Option<Arc<Block>> {
        if self.wish.follow { self.subscription.next().await } else { self.subscription.kept() }
    }
}

/// The lines of a block, from that of this number on.
fn lines(block: &Block, from: u64) -> String {
    let time = clock::rfc_3339(block.at);
    let (numbers, texts) = (block.first.., block.text.split_inclusive(|byte| *byte == b'\n'));
    let wanted = numbers.zip(texts).filter(|(number, _)| *number >= from);
    let all = wanted.map(|(number, text)| {
        let is_whole = text.ends_with(b"\n");
        let text = String::from_utf8_lossy(text.strip_suffix(b"\n").unwrap_or(text));
        line(&Told::Line(Line {
            number,
            time: &time,
            name: &block.by.name,
            run: block.by.run,
            pid: block.by.pid,
            text: &text,
            part: !is_whole && block.ends == Ends::Middle,
        }))
    });
    all.collect()
}

fn line(told: &Told<'_>) -> String {
    told.text() + "\n"
}
