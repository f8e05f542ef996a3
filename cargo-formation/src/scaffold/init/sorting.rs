//! Sorts what was found into process types, backing services, and what becomes neither.

use std::collections::HashMap;
use std::path::PathBuf;

use super::Ground;
use super::claims::{Claims, Holder};
use super::directory::directory;
use super::remark::Remark;
use crate::formation::{MAX_QUANTITY, Port, ProcessName, Restart, Template};
use crate::manifest::Target;
use crate::scaffold::found::{At, Command, Found};
use crate::scaffold::meaning::{Meaning, meaning};
use crate::scaffold::reason::Reason;
use crate::scaffold::table::{CommonKeys, NewService, NewSource};

/// A process type that is to be declared.
#[derive(Clone, Debug)]
pub(super) struct Chosen<'w> {
    pub(super) name: ProcessName,
    pub(super) target: Target<'w>,
    pub(super) args: Vec<Template>,
    pub(super) quantity: Option<u16>,
    pub(super) keys: CommonKeys,
}

/// What everything has been sorted into so far.
#[derive(Debug)]
pub(super) struct Sorting<'w> {
    ground: &'w Ground<'w>,
    /// The entries of all files, by their names.
    named: HashMap<&'w str, Vec<&'w Found>>,
    pub(super) claims: Claims<'w>,
    pub(super) types: Vec<Chosen<'w>>,
    pub(super) services: Vec<NewService>,
    pub(super) remarks: Vec<Remark>,
}

/// The file that platforms read; the others are for development.
const DEPLOYED: &str = "Procfile";

impl<'w> Sorting<'w> {
    pub(super) fn begin(ground: &'w Ground<'w>) -> Self {
        let (types, services, remarks) = Default::default();
        let mut named: HashMap<&str, Vec<&Found>> = HashMap::new();
        for found in ground.found {
            named.entry(&found.name).or_default().push(found);
        }
        Self { ground, named, claims: Claims::declared(ground), types, services, remarks }
    }

    /// Sort an entry of a file.
    pub(super) fn entry(&mut self, found: Found) {
        let (at, name) = (found.at.clone(), found.name.clone());
        if let Err(why) = self.try_entry(found) {
            self.remarks.push(Remark::NotTaken { at, name, why });
        }
    }

    /// Propose a type of a binary that has every default.
    pub(super) fn binary(&mut self, name: &str, target: Target<'w>) {
        let free = self.claims.free(name);
        let free = free.and_then(|name| self.claims.room(&target).map(|()| name));
        match free {
            Ok(name) => {
                self.claims.hold(&name, Holder::Guessed(name.to_string()));
                let (args, quantity, keys) = Default::default();
                self.choose(Chosen { name, target, args, quantity, keys });
            }
            Err(why) => self.remarks.push(Remark::NotProposed {
                binary: target.binary.name.clone(),
                package: target.package.name.clone(),
                why,
            }),
        }
    }

    fn try_entry(&mut self, found: Found) -> Result<(), Reason> {
        if self.is_known(&found) {
            return Ok(());
        }
        let Found { name, at, command, quantity, restart, pty, left } = found;
        let mut command = command?;
        let name = self.claims.free(&name)?;
        let mut entry = Entry { name, at, quantity, left, keys: CommonKeys::default() };
        let dir = command.dir.as_deref().map(|dir| directory(dir, self.ground));
        entry.keys.dir = dir.transpose()?.flatten();
        command.dir = entry.keys.dir.as_deref().map(PathBuf::from);
        entry.keys.restart = restart.filter(|restart| *restart != Restart::OnFailure);
        entry.keys.pty = pty;
        match meaning(&command, self.ground.workspace)? {
            Meaning::Binary(target, args, left) => {
                self.claims.room(&target)?;
                entry.left.extend(left);
                self.process(entry, &command, target, args);
            }
            _ if self.is_better_later(&entry) => {}
            _ if entry.name.is_release() => return Err(Reason::Release),
            Meaning::Program => self.program(entry, command)?,
            Meaning::Compose(names) => self.compose(entry, &command, &names)?,
        }
        Ok(())
    }

    /// Whether an entry has nothing new to say: its name is taken. If what is taken is another
    /// thing, and not the table's, that is said.
    fn is_known(&mut self, found: &Found) -> bool {
        match self.claims.holder(&found.name) {
            None => false,
            // Who writes a name twice into one file has made a mistake.
            Some(Holder::Taken(_, taken, _)) if taken.file == found.at.file => false,
            Some(Holder::Taken(_, taken, command)) => {
                if !found.command.as_ref().is_ok_and(|other| self.same(command, other)) {
                    let (at, name) = (found.at.clone(), found.name.clone());
                    self.remarks.push(Remark::Differs { at, name, taken: taken.clone() });
                }
                true
            }
            Some(Holder::Declared(_) | Holder::Guessed(_)) => true,
        }
    }

    /// Whether a later file runs a binary under that name. Then it is no backing service, which
    /// is said.
    fn is_better_later(&mut self, entry: &Entry) -> bool {
        let named = self.named.get(entry.name.as_str()).into_iter().flatten();
        let later = named.filter(|found| found.at.file != entry.at.file);
        let better = later.copied().find(|found| {
            let command = found.command.as_ref().ok();
            let meaning = command.map(|command| meaning(command, self.ground.workspace));
            matches!(meaning, Some(Ok(Meaning::Binary(..))))
        });
        let Some(Found { at: taken, .. }) = better else { return false };
        let (at, name, taken) = (entry.at.clone(), entry.name.to_string(), taken.clone());
        self.remarks.push(Remark::Differs { at, name, taken });
        true
    }

    /// Whether two commands run the same with the same arguments.
    fn same(&self, first: &Command, second: &Command) -> bool {
        let of = |command: &Command| match meaning(command, self.ground.workspace) {
            Ok(Meaning::Binary(target, args, _)) => Some((target, args)),
            Ok(Meaning::Program | Meaning::Compose(_)) | Err(_) => None,
        };
        first == second || of(first).is_some_and(|one| of(second) == Some(one))
    }

    fn process(
        &mut self,
        mut entry: Entry,
        command: &Command,
        target: Target<'w>,
        args: Vec<Template>,
    ) {
        self.hold(&entry, command);
        self.environment(&mut entry, command);
        let is_release = entry.name.is_release();
        let uses_port =
            args.iter().chain(command.env.iter().map(|(_, value)| value)).any(names_port);
        if entry.keys.port.is_none() && uses_port && !entry.name.is_web() && !is_release {
            entry.keys.port = Some(Port::Assigned);
        }
        let most = if is_release { 0 } else { MAX_QUANTITY };
        let quantity = entry.quantity.filter(|quantity| *quantity != 1);
        if let Some(quantity) = quantity.filter(|quantity| *quantity > most) {
            entry.left.push(format!("quantity {quantity}"));
        }
        let quantity = quantity.filter(|quantity| *quantity <= most);
        if is_release && entry.keys.restart.take_if(|it| *it == Restart::Always).is_some() {
            entry.left.push("restart always".to_owned());
        }
        self.told(&entry);
        let Entry { name, keys, .. } = entry;
        self.choose(Chosen { name, target, args, quantity, keys });
    }

    fn program(&mut self, mut entry: Entry, command: Command) -> Result<(), Reason> {
        let program = command.words.first().map(ToString::to_string).unwrap_or_default();
        if program.trim().is_empty() {
            return Err(Reason::NoProgram);
        }
        self.hold(&entry, &command);
        self.environment(&mut entry, &command);
        let mut texts = command.words.iter().chain(command.env.iter().map(|(_, value)| value));
        if entry.keys.port.is_none() && texts.any(names_port) {
            entry.keys.port = Some(Port::Assigned);
        }
        if let Some(quantity) = entry.quantity.filter(|quantity| *quantity != 1) {
            entry.left.push(format!("quantity {quantity}"));
        }
        self.told(&entry);
        let Entry { name, keys, at, .. } = entry;
        if at.file == DEPLOYED {
            self.remarks.push(Remark::OnlyHere { at, name: name.to_string() });
        }
        self.services.push(NewService { name, source: NewSource::Command(command.words), keys });
        Ok(())
    }

    /// One service of a compose file has the name that it has here; several have their own.
    fn compose(
        &mut self,
        mut entry: Entry,
        command: &Command,
        names: &[String],
    ) -> Result<(), Reason> {
        let names = match names {
            [one] => vec![(entry.name.clone(), one.clone())],
            several => self.own_names(several)?,
        };
        if names.is_empty() {
            return Ok(());
        }
        entry.left.extend(command.env.iter().map(|(name, _)| format!("env.{name}")));
        entry.left.extend(entry.keys.dir.take().map(|dir| format!("dir {dir}")));
        entry.keys = CommonKeys::default();
        self.told(&entry);
        for (name, service) in names {
            let holder = Holder::Taken(name.to_string(), entry.at.clone(), command.clone());
            self.claims.hold(&name, holder);
            let (source, keys) = (NewSource::Compose(service), CommonKeys::default());
            self.services.push(NewService { name, source, keys });
        }
        Ok(())
    }

    /// The names of services of a compose file, once each, without those that are taken over.
    fn own_names(&self, services: &[String]) -> Result<Vec<(ProcessName, String)>, Reason> {
        let mut names: Vec<(ProcessName, String)> = Vec::new();
        for service in services {
            let is_new = names.iter().all(|(_, known)| known != service);
            if is_new && self.claims.holder(service).is_none() {
                names.push((self.claims.free(service)?, service.clone()));
            }
        }
        Ok(names)
    }

    /// Take over variables: `PORT` is the table's own word for it, and others are the tool's.
    fn environment(&mut self, entry: &mut Entry, command: &Command) {
        for (name, value) in &command.env {
            match name.as_str() {
                "PORT" if entry.name.is_release() => entry.left.push(format!("PORT={value}")),
                "PORT" => match self.claims.port(value) {
                    Some(port) => entry.keys.port = Some(Port::Exact(port)),
                    None => entry.left.push(format!("PORT={value}")),
                },
                name if !is_variable(name) => entry.left.push(format!("{name}={value}")),
                name => entry.keys.env.push((name.to_owned(), value.clone())),
            }
        }
    }

    fn hold(&mut self, entry: &Entry, command: &Command) {
        let holder = Holder::Taken(entry.name.to_string(), entry.at.clone(), command.clone());
        self.claims.hold(&entry.name, holder);
    }

    fn told(&mut self, entry: &Entry) {
        if !entry.left.is_empty() {
            let Entry { at, name, left, .. } = entry;
            let (at, name, left) = (at.clone(), name.to_string(), left.clone());
            self.remarks.push(Remark::Without { at, name, left });
        }
    }

    fn choose(&mut self, chosen: Chosen<'w>) {
        self.claims.run(&chosen.target, &chosen.name);
        self.types.push(chosen);
    }
}

/// An entry of a file whose name is free.
struct Entry {
    name: ProcessName,
    at: At,
    quantity: Option<u16>,
    left: Vec<String>,
    keys: CommonKeys,
}

fn names_port(template: &Template) -> bool {
    template.variables().any(|name| name == "PORT")
}

/// Whether the table may set this variable.
fn is_variable(name: &str) -> bool {
    let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    letters && begins && name != "PS" && !name.starts_with("FORMATION_")
}
