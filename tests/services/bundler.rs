//! An asset bundler: `npm run dev`, which is a tree of npm, a shell, a server and its helper.

use harness::{Workspace, skipped};
use rustix::process::Signal;

use crate::life::Program;
use crate::{IDLE, dev, formation, program};

const PACKAGE: &str =
    r#"{ "name": "assets", "private": true, "scripts": { "dev": "node serve.js" } }"#;

/// As those of real life do, it ends when its input does, and leaves work to a helper.
const SERVER: &str = r#"
const { spawn } = require('node:child_process');
const { createServer } = require('node:http');
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000) // helper'], { stdio: 'ignore' });
process.stdin.on('end', () => { console.log('end of input'); process.exit(0) }).resume();
const server = createServer((request, response) => {
    if (request.url !== '/app.css') response.statusCode = 404;
    response.end('body { color: teal }');
});
server.listen(process.env.PORT, '127.0.0.1', () => console.log('serving assets'));
"#;

fn is_missing() -> bool {
    let missing = ["node", "npm"].into_iter().find(|name| program(name).is_none());
    if let Some(name) = missing {
        skipped(&format!("`{name}` is not installed; Debian has it in the package of this name"));
    }
    missing.is_some()
}

fn prepare(workspace: &Workspace) {
    workspace.write("assets/package.json", PACKAGE);
    workspace.write("assets/serve.js", SERVER);
}

/// npm keeps its logs in the home directory unless it is told otherwise.
const LINE: &str = "assets = { command = \"npm run dev\", dir = \"assets\", port = true, \
                    env = { npm_config_logs_max = \"0\", npm_config_update_notifier = \"false\" }";

fn bundler(line: &str) -> Program<'_> {
    Program {
        name: "assets",
        line,
        protocol: "http",
        answer: "body { color: teal }",
        farewell: None,
        prepare: &prepare,
    }
}

#[test]
fn the_whole_tree_of_npm_lives_as_long_as_somebody_may_need_it() {
    if !is_missing() {
        bundler(&format!("{LINE} }}")).lives_well();
    }
}

#[test]
fn a_line_of_it_or_an_answer_is_a_sign() {
    if !is_missing() {
        for ready in ["log = \"serving assets\"", "http = \"/app.css\""] {
            bundler(&format!("{LINE}, ready = {{ {ready} }} }}")).is_up_first_and_stops_last();
        }
    }
}

#[test]
fn an_answer_that_is_no_success_is_no_sign() {
    if is_missing() {
        return;
    }
    let workspace = formation(IDLE, &[&format!("{LINE}, ready = {{ http = \"/app.js\" }} }}")]);
    prepare(&workspace);
    let tool = dev(&workspace, &[]);
    tool.wait_for("Late assets is not ready after 30s: `http://127.0.0.1:");
    assert_eq!(tool.count("Compiling"), 0, "{}", tool.transcript());
    tool.signal(Signal::TERM);
    tool.ends_with(143);
    workspace.assert_nothing_alive();
}
