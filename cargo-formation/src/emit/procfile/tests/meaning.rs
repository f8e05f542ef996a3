//! Names that mean something to a reader, and who gets the requests there.

use super::{check, emit, formation};
use crate::emit::procfile::Consumer;
use crate::formation::{Port, StopSignal};
use snapbox::{assert_data_eq, str};

#[test]
fn a_name_that_scalingo_has_something_else_for_is_told() {
    check(
        &["web", "tcp"],
        Consumer::Scalingo,
        str![[r#"
# Emitted by `cargo formation procfile --for scalingo` from Cargo.toml, to be changed there.
web: ./target/release/web
tcp: ./target/release/tcp
warning: `tcp` means something to Scalingo: it is the type behind the TCP gateway, and runs for nothing else

"#]],
    );
    check(
        &["web", "postdeploy"],
        Consumer::Scalingo,
        str![[r#"
error: `postdeploy` is no name for Scalingo: a process of this name runs once, at every deployment

"#]],
    );
    check(
        &["web", "postdeploy"],
        Consumer::Heroku,
        str![[r#"
# Emitted by `cargo formation procfile --for heroku` from Cargo.toml, to be changed there.
web: ./target/release/web
postdeploy: ./target/release/postdeploy

"#]],
    );
}

#[test]
fn requests_come_to_web_alone_where_nobody_can_say_it() {
    let mut shop = formation(&["web", "api", "worker"]);
    shop.processes[1].port = Port::Exact(4000);
    let warning = |consumer| {
        let text = emit(&shop, consumer);
        text.lines().find_map(|line| line.strip_prefix("warning: ")).map(str::to_owned)
    };
    let said = |whom: &str| {
        format!("`api` has a port, and for {whom} requests from outside come to `web` alone")
    };
    assert_eq!(warning(Consumer::Heroku), Some(said("Heroku")));
    assert_eq!(warning(Consumer::Scalingo), Some(said("Scalingo")));
    assert_eq!(warning(Consumer::Portable), Some(said("some readers of Procfiles")));
    for elsewhere in [Consumer::Dokku, Consumer::Paketo, Consumer::Google, Consumer::Local] {
        assert_eq!(warning(elsewhere), None, "{elsewhere:?}");
    }
}

#[test]
fn web_has_to_listen() {
    let mut shop = formation(&["web"]);
    shop.processes[0].port = Port::None;
    assert_data_eq!(
        emit(&shop, Consumer::Heroku),
        str![[r#"
# Emitted by `cargo formation procfile --for heroku` from Cargo.toml, to be changed there.
web: ./target/release/web
warning: `web` has no port, and for Heroku it has to listen at `PORT`: requests come to it, and it is ended if it does not answer; give it another name, or a port

"#]]
    );
    assert!(!emit(&shop, Consumer::Local).contains("warning"));
    // What is said of a type does not hide what is said of its port.
    shop.processes[0].stop.signal = StopSignal::Int;
    assert_eq!(emit(&shop, Consumer::Heroku).matches("warning: ").count(), 2);
}
