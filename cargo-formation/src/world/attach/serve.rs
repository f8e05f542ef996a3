//! The side of the formation, while a guest is attached: lines both ways.

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::console::Guest;
use super::lines::{Said, Seen};

/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 1024 * 1024;

/// Serve a guest until it leaves, or until nothing more will come.
pub async fn serve(guest: Guest, read: impl AsyncBufRead + Unpin, write: impl AsyncWrite + Unpin) {
    tokio::select! {
        () = tell(&guest, write) => {}
        () = hear(&guest, read) => {}
    }
}

/// Until there is nothing more to be told, or nobody listens.
async fn tell(guest: &Guest, mut write: impl AsyncWrite + Unpin) {
    loop {
        let news = guest.next().await;
        // Nothing in it has no text.
        let line = serde_json::to_string(&news).unwrap_or_default() + "\n";
        if write.write_all(line.as_bytes()).await.is_err() || news == Seen::Done {
            return;
        }
    }
}

/// Until it has left. A line that is not understood is of a newer client.
async fn hear(guest: &Guest, mut read: impl AsyncBufRead + Unpin) {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut read).take(LONGEST_LINE).read_until(b'\n', &mut line).await;
        if !read.is_ok_and(|length| length > 0) {
            return;
        }
        if let Ok(said) = serde_json::from_slice::<Said>(&line) {
            guest.says(said);
        }
    }
}
