//! The page, in a browser.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::{Command, Output};

use example_app::check::{Monitor, Outcome, State};
use harness::skipped;
use tempfile::TempDir;

use crate::app::{App, DAY};

/// What the page paints a bar with in the light scheme, as in `page.html`.
const UP: [u8; 3] = [0x1f, 0x8a, 0x4c];
const DOWN: [u8; 3] = [0xc8, 0x34, 0x2b];

#[test]
fn the_history_is_drawn() {
    let app = App::sqlite();
    let name = "<b>docs</b>".to_owned();
    let monitor = Monitor { name, url: "http://127.0.0.1:9/".to_owned(), every: DAY };
    app.on_database(async |database| {
        database.save(&monitor).await.unwrap();
        for due in 0..30 {
            let state = if due % 10 == 9 { State::Down } else { State::Up };
            let outcome = Outcome { state, detail: "so".to_owned(), took_ms: 10 + due };
            let is_news = database.record((&monitor.name, due), &outcome, "worker.1").await;
            assert!(is_news.unwrap());
        }
    });
    let web = app.web();
    let directory = tempfile::tempdir().unwrap();
    let Some(dom) = browse(&directory, "--dump-dom", &web) else { return };
    let dom = String::from_utf8(dom.stdout).unwrap();
    let bars = |state: &str| dom.matches(&format!(r#"<rect class="{state}""#)).count();
    assert_eq!((bars("up"), bars("down"), bars("missed")), (27, 3, 0), "{dom}");
    assert!(dom.contains("<h2>&lt;b&gt;docs&lt;/b&gt;</h2>"), "{dom}");
    assert!(dom.contains("up in 90.0 % of the last 30 checks, slowest answer 38 ms"), "{dom}");

    let picture = directory.path().join("page.png");
    browse(&directory, &format!("--screenshot={}", picture.display()), &web).unwrap();
    let pixels = pixels(&picture);
    let painted = |colour| pixels.iter().filter(|pixel| **pixel == colour).count();
    // 27 bars, none less than 3 by 6; the three that are down are as high as the chart.
    assert!(painted(UP) > 27 * 3 * 6, "only {} pixels of up", painted(UP));
    assert!(painted(DOWN) > 3 * 60 * 5, "only {} pixels of down", painted(DOWN));
}

/// Load a page, without a window, and do this with it.
fn browse(directory: &TempDir, action: &str, url: &str) -> Option<Output> {
    let profile = format!("--user-data-dir={}", directory.path().join("profile").display());
    let mut chromium = Command::new("chromium");
    // Without a sandbox it also runs as root; without a proxy it finds this machine.
    chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-proxy-server"]);
    chromium.args(["--disable-dev-shm-usage", "--force-device-scale-factor=1"]);
    chromium.args(["--window-size=900,900", "--hide-scrollbars", &profile, action, url]);
    // What it keeps beside its profile goes with the test, too.
    chromium.env("HOME", directory.path()).env("XDG_CONFIG_HOME", directory.path());
    match chromium.output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{text}");
            Some(output)
        }
        Err(error) => {
            skipped(&format!("there is no chromium (Debian: chromium): {error}"));
            None
        }
    }
}

fn pixels(picture: &Path) -> Vec<[u8; 3]> {
    let decoder = png::Decoder::new(BufReader::new(File::open(picture).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let samples = info.color_type.samples();
    bytes.chunks_exact(samples).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
}
