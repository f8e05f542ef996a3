//! The picture of the README: `cargo run -p cargo-formation --example picture`.
//!
//! It types `cargo formation dev` at a terminal, in this repository; kills `web` when the example
//! has done something, and presses Ctrl-C when `web` is back. What stood on the terminal then is
//! `docs/picture/dev.svg`.
#![expect(clippy::unwrap_used, reason = "who takes the picture reads why there is none")]

use std::path::Path;
use std::process::{Command, ExitCode};

use anstyle::RgbColor;
use anstyle_svg::{Palette, Term};
use harness::{Stream, Terminal};
use rustix::process::{Pid, Signal, kill_process};

/// What is typed.
const COMMAND: &str = "cargo formation dev";

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    // Building is no sight.
    let built = Command::new("cargo").args(["formation", "build"]).current_dir(&root).status();
    if !built.unwrap().success() {
        return ExitCode::FAILURE;
    }
    let shown = format!("$ {COMMAND}\n{}", take(&root).trim_end());
    let svg = Term::new().palette(palette()).render_svg(&shown);
    std::fs::write(root.join("docs/picture/dev.svg"), svg).unwrap();
    ExitCode::SUCCESS
}

/// What stands on the terminal in the end.
fn take(root: &Path) -> String {
    let (program, flags) = Terminal::WRAPPER.split_first().unwrap();
    let mut command = Command::new(program);
    command.args(flags).args(COMMAND.split(' ')).current_dir(root);
    // Cargo draws how far it is, and says what it runs where the tool is an alias.
    command.env("CARGO_TERM_QUIET", "true").env("TERM", "xterm-256color");
    let terminal = Terminal::open(command);
    let tool = &terminal.tool;
    let web = tool.wait_until("start of web", |lines| {
        let mut lines = lines.iter().map(harness::Line::text);
        // There are colours in between.
        lines.find(|line| line.contains("Started") && line.contains("web.1"))
    });
    tool.wait_for(": up, ");
    let (_, id) = web.split_once("(process ").unwrap();
    let id = id.split(')').next().unwrap().parse().unwrap();
    kill_process(Pid::from_raw(id).unwrap(), Signal::KILL).unwrap();
    tool.wait_for_nth(2, "listening at");
    tool.wait_for_nth(2, ": up, ");
    terminal.press(b"\x03");
    tool.finish();
    tool.text(Stream::Out).replace('\r', "")
}

/// The eight colours and their bright ones, all of them readable on black.
fn palette() -> Palette {
    let colors = [
        0x28_2c34, 0xe0_6c75, 0x98_c379, 0xe5_c07b, 0x61_afef, 0xc6_78dd, 0x56_b6c2, 0xab_b2bf,
        0x5c_6370, 0xff_7b86, 0xa9_db86, 0xff_d68a, 0x7a_c3ff, 0xdc_8ff2, 0x6c_cfdb, 0xff_ffff,
    ];
    let color = |[_, red, green, blue]: [u8; 4]| RgbColor(red, green, blue);
    Palette::from(colors.map(|bits: u32| color(bits.to_be_bytes())))
}
