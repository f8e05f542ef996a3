//! What services read and write.

use rustix::process::Signal;

use crate::{IDLE, dev, formation, shell};

#[test]
fn the_input_of_a_service_is_silent_and_does_not_end() {
    // The process of a formation has an input that ends at once.
    let types = format!("{IDLE}\nreads = {{ bin = \"zoo\", args = [\"stdin\"] }}");
    let script = "echo waits; cat; echo end of input";
    let workspace = formation(&types, &[&shell("tailwind", script, "")]);
    let tool = dev(&workspace, &[]);
    tool.wait_for("app.1     | ready");
    tool.wait_for("reads.1   | end of file");
    workspace.wait_for_process("cat");
    assert_eq!(tool.count("end of input"), 0, "{}", tool.transcript());
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn lines_of_services_are_whole_and_each_behind_its_name() {
    let script = "seq --format '%0100g' 20000; echo up; exec sleep 7040";
    let up = "ready = { log = \"up\" }";
    let workspace = formation(IDLE, &[&shell("one", script, up), &shell("two", script, up)]);
    let tool = dev(&workspace, &[]);
    tool.wait_for("app.1  | ready");
    for name in ["one", "two"] {
        let prefix = format!("{name}    | ");
        let lines = tool.lines();
        let said =
            lines.iter().filter_map(|line| line.text().strip_prefix(&prefix).map(String::from));
        let expected = (1..=20_000).map(|number| format!("{number:0100}"));
        assert!(said.eq(expected.chain(["up".into()])), "{name}");
    }
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}

#[test]
fn every_service_has_a_colour_of_its_own() {
    let script = "echo hello; exec sleep 7041";
    let workspace = formation(IDLE, &[&shell("one", script, ""), &shell("two", script, "")]);
    let tool = dev(&workspace, &["--color=always"]);
    let colours = ["app.1", "one", "two"].map(|name| {
        let line = tool.wait_until(&format!("coloured line of {name}"), |lines| {
            let said = if name == "app.1" { "ready" } else { "hello" };
            lines
                .iter()
                .map(harness::Line::text)
                .find(|line| line.contains(name) && line.ends_with(said))
        });
        let (colour, _) = line.split_once(name).unwrap();
        assert!(colour.starts_with("\x1b["), "{line:?}");
        colour.to_owned()
    });
    assert!(
        colours[0] != colours[1] && colours[1] != colours[2] && colours[0] != colours[2],
        "{colours:?}"
    );
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}
