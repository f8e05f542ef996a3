//! Whoever wants to attach to the terminal of a run: to whose.

use super::Loop;
use crate::control::Attach;
use crate::formation::{RunName, Target};
use crate::narrate::attach::{unknown, which, without_terminal};
use crate::world::control::Replies;
use crate::world::pty::Size;

impl Loop {
    /// Attach a client, or say why not.
    pub(super) fn attach(&mut self, wish: &Attach, replies: &Replies) -> Result<(), String> {
        if self.supervise.is_ending() {
            return Err("the formation ends".into());
        }
        let name = self.meant(&wish.instance)?;
        let size = Size { rows: wish.rows.max(1), columns: wish.columns.max(1) };
        let console = self.runs.consoles().of(&name);
        replies.attach(console.attach(&name.to_string(), size));
        Ok(())
    }

    /// Who is called so and has a terminal, or why nobody has.
    fn meant(&self, text: &str) -> Result<RunName, String> {
        let all: Vec<(RunName, bool)> = self.terminals().collect();
        let with_terminal = || -> Vec<String> {
            all.iter().filter(|(_, pty)| *pty).map(|(name, _)| name.to_string()).collect()
        };
        let Ok(target) = text.parse::<Target>() else {
            return Err(unknown(text, &with_terminal()));
        };
        let found: Vec<_> = all.iter().filter(|(name, _)| target.means(name)).collect();
        match &*found {
            [] => Err(unknown(text, &with_terminal())),
            [(name, true)] => Ok(name.clone()),
            [(name, false), ..] => Err(without_terminal(text, name.process().as_str())),
            several => {
                let names: Vec<String> = several.iter().map(|(name, _)| name.to_string()).collect();
                Err(which(text, &names))
            }
        }
    }

    /// Everybody who may run here, and whether he has a terminal.
    fn terminals(&self) -> impl Iterator<Item = (RunName, bool)> {
        let plan = &self.shape.plan;
        let instances = plan.release.iter().chain(&plan.instances);
        let instances = instances.map(|planned| (planned.name.clone().into(), planned.pty));
        let services = plan.services.iter();
        let services =
            services.map(|planned| (RunName::Service(planned.name.clone()), planned.pty));
        instances.chain(services)
    }
}
