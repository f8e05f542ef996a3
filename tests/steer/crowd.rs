//! Many commands in random order from many clients, while processes crash and code is saved.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use harness::{DEADLINE, eventually};
use serde_json::Value;

use crate::client::Client;
use crate::stage::{Stage, formation, lines};

/// How many commands; `STEER_COMMANDS` in the environment says another number.
const COMMANDS: u32 = 200;

/// So many clients, each with a type of its own, so that it knows what it has asked for last.
const CLIENTS: u32 = 8;

/// So many instances of a type there are at most.
const MOST: usize = 3;

/// The same throws for the same seed; `STEER_SEED` says another.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        // xorshift64*, after Vigna, "An experimental exploration of Marsaglia's xorshift generators".
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// What a client has asked of its type, and so what is wanted.
#[derive(Clone, Debug)]
struct Asked {
    process: String,
    quantity: usize,
    held: [bool; MOST],
    said: Vec<String>,
}

impl Asked {
    /// Something to ask for, and what is wanted then.
    fn throw(&mut self, dice: &mut Dice) -> String {
        let process = &self.process;
        let number = usize::try_from(dice.below(MOST as u64)).unwrap();
        let one = number < self.quantity && dice.below(2) == 0;
        let name = if one { format!("{process}.{}", number + 1) } else { process.clone() };
        // Who was stopped and is not of the formation now is still of the type.
        let whom = if one { number..number + 1 } else { 0..MOST };
        let request = match dice.below(7) {
            // Nobody to be named.
            _ if self.quantity == 0 => self.rescale(1 + number),
            0 | 1 => {
                self.held[whom].fill(false);
                format!(r#""restart","names":["{name}"]"#)
            }
            2 | 3 => {
                self.held[whom.start..whom.end.min(self.quantity)].fill(true);
                format!(r#""stop","names":["{name}"]"#)
            }
            4 => {
                self.held[whom].fill(false);
                format!(r#""start","names":["{name}"]"#)
            }
            _ => {
                let wanted = number + usize::from(dice.below(2) == 0);
                self.rescale(wanted)
            }
        };
        self.said.push(request.clone());
        request
    }

    fn rescale(&mut self, wanted: usize) -> String {
        let before = self.quantity;
        self.quantity = wanted;
        let process = &self.process;
        match (wanted.checked_sub(before), before - wanted.min(before)) {
            (Some(more), _) if more > 0 => {
                format!(r#""scale","quantities":["{process}=+{more}"]"#)
            }
            (None, fewer) => format!(r#""scale","quantities":["{process}=-{fewer}"]"#),
            (Some(_), _) => format!(r#""scale","quantities":["{process}={wanted}"]"#),
        }
    }
}

/// A client that asks for so much, one after the other.
fn client(socket: &Path, mut asked: Asked, mut dice: Dice, commands: u32) -> Asked {
    for _ in 0..commands {
        let mut client = Client::connect(socket).unwrap();
        match dice.below(12) {
            0 => {
                client.ask(r#"{"command":"ps"}"#);
                assert_eq!(client.only_answer()["kind"], "status");
            }
            // It goes before it is answered.
            1 => client.ask(r#"{"command":"wait","until":"ready"}"#),
            2 => client.ask(r#"{"command":"wait","until":"idle"}"#),
            waits => {
                let request = asked.throw(&mut dice);
                client.ask(&format!(r#"{{"command":{request},"wait":{}}}"#, waits < 8));
                let answer = client.only_answer();
                let kind = answer["kind"].as_str().unwrap();
                assert!(["done", "failed"].contains(&kind), "{request}: {answer}\n{asked:?}");
                assert!(no_stranger(&answer, &asked.process), "{request}: {answer}");
            }
        }
    }
    asked
}

/// Whether all that is said is of this type.
fn no_stranger(answer: &Value, process: &str) -> bool {
    let became = answer["became"].as_array().unwrap().iter();
    let names = became.map(|became| became["name"].as_str().unwrap());
    let mut types = names.map(|name| name.split('.').next().unwrap());
    types.all(|name| name == process)
}

const TYPES: &str = r#"
c0 = { bin = "zoo", args = ["polite"] }
c1 = { bin = "zoo", args = ["listen"], port = true }
c2 = { bin = "zoo", args = ["stubborn"], stop = { timeout = "50ms" } }
c3 = { bin = "zoo", args = ["crash-after", "30", "3"] }
c4 = { bin = "zoo", args = ["slow-stop", "100"] }
c5 = { bin = "zoo", args = ["exit", "0"] }
c6 = { bin = "other" }
c7 = { bin = "zoo", args = ["listen-late", "50"], port = true, overlap = false }
keeper = { bin = "zoo", args = ["idle"] }
"#;

const OTHER: &str = "fn main() {\n    \
    loop { std::thread::sleep(std::time::Duration::from_secs(VERSION)); }\n}\n";

#[test]
fn the_formation_ends_where_the_last_commands_said() {
    let number = |name| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let commands = number("STEER_COMMANDS").map_or(COMMANDS, |all| u32::try_from(all).unwrap());
    let seed = number("STEER_SEED").unwrap_or(20_110_911);
    let workspace = formation(TYPES);
    let save = |version: &str| {
        let text = format!("const VERSION: u64 = {version};\n{OTHER}");
        workspace.write("src/bin/other.rs", &text);
    };
    save("1000");
    let stage = Stage::in_workspace(workspace, &["--isolated"]);
    stage.is("c6.1", "ready");
    let over = Arc::new(AtomicBool::new(false));
    let watcher = watch(stage.socket(), Arc::clone(&over));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let process = format!("c{number}");
            let asked = Asked { process, quantity: 1, held: [false; MOST], said: Vec::new() };
            let dice = Dice(seed.wrapping_mul(u64::from(number) + 1) | 1);
            let socket = stage.socket();
            thread::spawn(move || client(&socket, asked, dice, commands / CLIENTS))
        })
        .collect();
    for version in ["1001", "a mistake", "1002"] {
        let text = format!("const VERSION: u64 = {version};\n{OTHER}");
        stage.workspace.write("src/bin/other.rs", &text);
        let builds = stage.dev.count("could not compile") + stage.dev.count("Finished `dev`");
        let built = || stage.dev.count("could not compile") + stage.dev.count("Finished `dev`");
        eventually("a build", DEADLINE, || (built() > builds).then_some(()));
    }
    let asked: Vec<Asked> = clients
        .into_iter()
        .map(|client| client.join().unwrap_or_else(|_| panic!("{}", stage.dev.transcript())))
        .collect();
    over.store(true, Ordering::SeqCst);
    watcher.join().unwrap();
    stage.answer(r#"{"command":"wait","until":"idle"}"#);
    for asked in &asked {
        ends_as_asked(&stage, asked);
    }
    for process in ["c3", "c5"] {
        // One that crashes for ever would be seen between two crashes.
        stage.answer(&format!(r#"{{"command":"stop","names":["{process}"]}}"#));
    }
    stage.comes_to_rest();
    stage.end();
}

/// Look all the time, and see that no instance is up twice.
fn watch(socket: PathBuf, over: Arc<AtomicBool>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        while !over.load(Ordering::SeqCst) {
            let mut client = Client::connect(&socket).unwrap();
            client.ask(r#"{"command":"ps"}"#);
            let seen = lines(&client.only_answer());
            let up = |name: &str| {
                seen.iter().filter(|seen| seen.name == name && seen.state == "ready").count()
            };
            assert!(seen.iter().all(|seen| up(&seen.name) <= 1), "{seen:?}");
        }
    })
}

/// The type has come to what was asked for last.
#[track_caller]
fn ends_as_asked(stage: &Stage, asked: &Asked) {
    let Asked { process, quantity, held, said } = asked;
    let free: &[&str] = match process.as_str() {
        "c3" => &["ready", "backoff", "failed"],
        "c5" => &["finished", "ready", "stopping"],
        _ => &["ready"],
    };
    let is_so = || {
        let seen = lines(&stage.status());
        let of: Vec<_> =
            seen.iter().filter(|seen| seen.name.starts_with(&format!("{process}."))).collect();
        let is = |number: usize| {
            let name = format!("{process}.{}", number + 1);
            let mut states = of.iter().filter(|seen| seen.name == name).map(|seen| &*seen.state);
            if held[number] {
                states.all(|state| state == "stopped")
            } else {
                states.all(|state| free.contains(&state))
            }
        };
        ((0..*quantity).all(is) && of.len() == *quantity).then_some(())
    };
    let came = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eventually("what was asked for", DEADLINE / 4, is_so);
    }));
    assert!(
        came.is_ok(),
        "{process}: {quantity}, held {held:?}, after {said:#?}: {:?}\n{}",
        lines(&stage.status()),
        stage.dev.transcript()
    );
}
