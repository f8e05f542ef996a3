//! The life of a backing service that is really used, whichever it is.

use std::time::Duration;

use harness::Workspace;
use rustix::process::Signal;

use crate::{Which, dev, formation, position};

/// What is promised of `kill -9`: after this long nothing is alive.
const PROMISE: Duration = Duration::from_secs(2);

/// A program as a backing service.
pub(crate) struct Program<'a> {
    /// Its name in the table.
    pub(crate) name: &'a str,
    /// Its line there.
    pub(crate) line: &'a str,
    /// What `client` speaks to it.
    pub(crate) protocol: &'a str,
    /// What `client` hears.
    pub(crate) answer: &'a str,
    /// The last that it says when it stops.
    pub(crate) farewell: Option<&'a str>,
    /// Puts into the workspace what it needs.
    pub(crate) prepare: &'a dyn Fn(&Workspace),
}

impl Program<'_> {
    /// Everything that is promised of a backing service.
    pub(crate) fn lives_well(&self) {
        self.is_up_first_and_stops_last();
        self.ends_with_the_second_request();
        self.ends_with_the_tool();
    }

    /// It is up before cargo runs, answers a process, and still does when that is to stop.
    pub(crate) fn is_up_first_and_stops_last(&self) {
        let workspace = self.workspace("");
        let tool = dev(&workspace, &[]);
        let heard = format!("heard {}", self.answer);
        tool.wait_for(&heard);
        let ready = position(&tool, Which::First, &format!("Ready {}", self.name));
        let built = position(&tool, Which::First, "Compiling app");
        assert!(ready < built, "{}", tool.transcript());
        tool.signal(Signal::TERM);
        tool.ends_with(143);
        assert_eq!(tool.count(&heard), 2, "{}", tool.transcript());
        if let Some(farewell) = self.farewell {
            let last = position(&tool, Which::Last, &heard);
            assert!(last < position(&tool, Which::Last, farewell), "{}", tool.transcript());
        }
        for word in ["Crashed", "Killed", "Left", "Daemonized", "Late"] {
            assert_eq!(tool.count(&format!("{word} ")), 0, "{}", tool.transcript());
        }
        workspace.assert_nothing_alive();
    }

    fn ends_with_the_second_request(&self) {
        let deaf = "deaf = { bin = \"zoo\", args = [\"stubborn\"], stop = { timeout = \"10m\" } }";
        let workspace = self.workspace(deaf);
        let tool = dev(&workspace, &[]);
        tool.wait_for(&format!("heard {}", self.answer));
        tool.wait_for("| ready");
        tool.signal(Signal::INT);
        tool.wait_for("Waiting for deaf.1");
        tool.signal(Signal::INT);
        tool.ends_with(130);
        workspace.assert_nothing_alive();
    }

    fn ends_with_the_tool(&self) {
        let workspace = self.workspace("");
        let tool = dev(&workspace, &[]);
        tool.wait_for(&format!("heard {}", self.answer));
        tool.signal(Signal::KILL);
        workspace.assert_nothing_alive_within(PROMISE);
    }

    fn workspace(&self, types: &str) -> Workspace {
        let variable = format!("FORMATION_{}_URL", self.name.to_uppercase());
        let client = format!(
            "app = {{ bin = \"client\", args = [\"{}\", \"{variable}\"] }}\n{types}",
            self.protocol
        );
        let workspace = formation(&client, &[self.line]);
        (self.prepare)(&workspace);
        workspace
    }
}
