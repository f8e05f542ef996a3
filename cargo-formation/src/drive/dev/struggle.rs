//! A run that finds its address in use: by whom, told before its end.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use crate::drive::Incoming;
use crate::formation::RunName;
use crate::supervise::RunId;
use crate::world::children::{ChildId, Mark};
use crate::world::output::Life;
use crate::world::ready::elsewhere::listens_at;

/// How the system calls it, whatever the language: see `strerror(3)`. The first letter may be
/// small.
pub(super) const ADDRESS_IN_USE: &str = "ddress already in use";

/// Tells that the text has come.
pub(super) type Said = oneshot::Receiver<()>;

/// The runs that have a process, and where each is to listen.
pub(super) type Marks = Rc<RefCell<BTreeMap<RunId, Place>>>;

/// Who it is, how it is known, and where it is to listen.
pub(super) type Place = (RunName, Mark, Vec<u16>);

/// What is to be known of a run that may find its address in use.
pub(super) struct Struggle {
    child: ChildId,
    address: Said,
    marks: Marks,
    sender: UnboundedSender<Incoming>,
    /// While it is found out by whom: how far its life has come meanwhile.
    meanwhile: Rc<Cell<Option<Life>>>,
}

impl Struggle {
    /// A run begins that says, through the receiver, when its address is in use.
    pub(super) fn new(
        child: ChildId,
        address: Said,
        marks: Marks,
        sender: UnboundedSender<Incoming>,
    ) -> Self {
        Self { child, address, marks, sender, meanwhile: Rc::default() }
    }

    /// What it wrote until its life had come so far has been read. That an address is in use is
    /// told first, because it says what its end means.
    pub(super) fn drained(&mut self, life: Life) {
        let (child, sender, meanwhile) =
            (self.child, self.sender.clone(), Rc::clone(&self.meanwhile));
        if let Some(earlier) = meanwhile.get() {
            meanwhile.set(Some(earlier.max(life)));
            return;
        }
        if self.address.try_recv().is_err() {
            let _ = sender.send(Incoming::Drained(child, life));
            return;
        }
        let beside = self.beside();
        meanwhile.set(Some(life));
        tokio::task::spawn_local(async move {
            let look = tokio::task::spawn_blocking(move || untold(&beside));
            let ports = look.await.unwrap_or_default();
            let _ = sender.send(Incoming::AddressInUse(child, ports));
            let life = meanwhile.take().unwrap_or(life);
            let _ = sender.send(Incoming::Drained(child, life));
        });
    }

    /// The other runs of its instance.
    fn beside(&self) -> Vec<Place> {
        let marks = self.marks.borrow();
        let own = marks.values().find(|(_, mark, _)| mark.child == self.child);
        let Some((name, ..)) = own else { return Vec::new() };
        let beside =
            marks.values().filter(|(other, mark, _)| other == name && mark.child != self.child);
        beside.cloned().collect()
    }
}

/// Where they listen without having been told to.
fn untold(places: &[Place]) -> Vec<u16> {
    let found = places.iter().flat_map(|(_, mark, told)| {
        let found = listens_at(mark).unwrap_or_default();
        found.into_iter().filter(|port| !told.contains(port))
    });
    found.collect()
}
