//! A backing service whose image the table names.

use super::PLATFORM;
use super::service::length;
use super::text::{NOT_THE_SAME, Text, is_of_its_own};
use crate::emit::notice::Refusal;
use crate::emit::yaml::Node;
use crate::formation::{BackingService, Piece, Port, Template};

/// A backing service, and what is known of its image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backing<'f> {
    /// The service.
    pub(super) service: &'f BackingService,
    image: &'f str,
    known: Option<Known>,
}

/// What is the same in every version of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    name: &'static str,
    port: u16,
    /// What asks whether it is up. The image has it.
    question: &'static [&'static str],
}

const KNOWN: [Known; 5] = [
    Known { name: "postgres", port: 5432, question: &["pg_isready"] },
    Known { name: "redis", port: 6379, question: &["redis-cli", "ping"] },
    Known { name: "valkey", port: 6379, question: &["valkey-cli", "ping"] },
    Known { name: "mysql", port: 3306, question: &["mysqladmin", "ping"] },
    Known {
        name: "mariadb",
        port: 3306,
        question: &["healthcheck.sh", "--connect", "--innodb_initialized"],
    },
];

impl<'f> Backing<'f> {
    /// The service, if there is an image for it.
    pub(super) fn of(service: &'f BackingService) -> Option<Self> {
        let image = service.image.as_deref()?;
        let last = image.rsplit('/').next().unwrap_or_default();
        let name = last.split([':', '@']).next().unwrap_or_default();
        let known = KNOWN.into_iter().find(|known| known.name == name);
        Some(Self { service, image, known })
    }

    /// Where it is reached inside: where its image listens, or where the table says.
    pub(super) fn port(&self) -> Option<u16> {
        match (self.known, self.service.port) {
            (Some(known), _) => Some(known.port),
            (None, Port::Exact(port)) => Some(port),
            (None, Port::None | Port::Assigned) => None,
        }
    }

    /// When it is up, as far as an engine can know.
    pub(super) fn condition(&self) -> &'static str {
        if self.known.is_some() { "service_healthy" } else { "service_started" }
    }
}

/// The service of an image. The program of development is not its.
pub(super) fn backing(backing: &Backing<'_>) -> Result<Node, Vec<Refusal>> {
    let mut keys = vec![("image".to_owned(), Text::literal(backing.image).node())];
    if !backing.service.env.is_empty() {
        keys.push(("environment".to_owned(), Node::Map(environment(backing.service)?)));
    }
    if let Some(known) = backing.known {
        let question = std::iter::once("CMD").chain(known.question.iter().copied());
        keys.push((
            "healthcheck".to_owned(),
            Node::map([
                ("test", Node::texts(question)),
                ("interval", Node::text("5s")),
                ("timeout", Node::text("5s")),
                ("retries", Node::Number(12)),
            ]),
        ));
    }
    keys.push(("restart".to_owned(), Node::text("unless-stopped")));
    let stop = backing.service.stop;
    keys.push(("stop_signal".to_owned(), Node::text(stop.signal.name())));
    if let Some(timeout) = stop.timeout {
        keys.push(("stop_grace_period".to_owned(), Node::text(length(timeout))));
    }
    Ok(Node::Map(keys))
}

fn environment(service: &BackingService) -> Result<Vec<(String, Node)>, Vec<Refusal>> {
    let mut pairs = Vec::new();
    let mut refusals = Vec::new();
    for (name, template) in &service.env {
        match value(service, template) {
            Ok(text) => pairs.push((name.clone(), text.node())),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() { Ok(pairs) } else { Err(refusals) }
}

/// A text of the table. All its variables are those of who starts the engine.
fn value(service: &BackingService, template: &Template) -> Result<Text, Refusal> {
    let refusal = |text: &str, why| Refusal::Text {
        process: service.name.clone(),
        platform: PLATFORM,
        text: text.escape_debug().to_string(),
        why,
    };
    let mut text = Text::default();
    for piece in template.pieces() {
        text = match piece {
            Piece::Text(literal) if literal.contains('\0') => {
                return Err(refusal(literal, "nothing that is started can have it"));
            }
            Piece::Text(literal) => text.and(literal),
            Piece::Variable(name) if is_of_its_own(name) => {
                return Err(refusal(&format!("${name}"), NOT_THE_SAME));
            }
            Piece::Variable(name) => text.needed(name),
        };
    }
    Ok(text)
}
