//! YAML as nodes that know their lines.
//!
//! Nodes lie side by side and refer to each other by position, so an alias costs nothing: ten
//! levels of ten aliases each are a hundred nodes, and nobody ever walks them all.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle};

/// A document.
#[derive(Debug, Default)]
pub(super) struct Yaml {
    nodes: Vec<Node>,
    root: Option<usize>,
}

#[derive(Debug)]
struct Node {
    line: usize,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A text, and whether it was quoted.
    Scalar(String, Quoted),
    List(Vec<usize>),
    /// Keys and values, one after the other.
    Map(Vec<usize>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quoted {
    Yes,
    No,
}

/// Why a text is no YAML, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotYaml {
    /// The line, counted from 1.
    pub line: usize,
    /// Why, in the words of the parser.
    pub why: String,
}

/// How far maps are followed that take over the keys of others, and how many each may name.
/// Nobody means more, and a document must not make a reader walk for ever.
const MERGED: (usize, usize) = (3, 8);

impl Yaml {
    /// Read the first document of a text.
    ///
    /// # Errors
    /// When it is not YAML.
    pub(super) fn parse(text: &str) -> Result<Self, NotYaml> {
        let mut builder = Builder::default();
        for event in Parser::new_from_str(text) {
            let (event, span) = event
                .map_err(|error| NotYaml { line: error.marker().line(), why: error.info() })?;
            if event == Event::DocumentEnd {
                break;
            }
            builder.event(event, span.start.line());
        }
        Ok(builder.yaml)
    }

    /// What the document is.
    pub(super) fn root(&self) -> Option<Value<'_>> {
        self.root.map(|at| Value { yaml: self, at })
    }
}

/// A node of a document.
#[derive(Clone, Copy)]
pub(super) struct Value<'y> {
    yaml: &'y Yaml,
    at: usize,
}

impl<'y> Value<'y> {
    fn node(self) -> Option<&'y Node> {
        self.yaml.nodes.get(self.at)
    }

    /// The line it starts in, counted from 1.
    pub(super) fn line(self) -> usize {
        self.node().map_or(1, |node| node.line)
    }

    /// A text, a number or a boolean, as it was written.
    pub(super) fn text(self) -> Option<&'y str> {
        match &self.node()?.kind {
            Kind::Scalar(text, _) => Some(text),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Whether it is nothing at all.
    pub(super) fn is_null(self) -> bool {
        let null = |text: &str| matches!(text, "" | "~" | "null" | "Null" | "NULL");
        matches!(self.node().map(|node| &node.kind),
            Some(Kind::Scalar(text, Quoted::No)) if null(text))
    }

    /// `true` or `false`, in the words of YAML 1.2 and 1.1.
    pub(super) fn boolean(self) -> Option<bool> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        }
    }

    /// The values of a list.
    pub(super) fn list(self) -> Option<Vec<Self>> {
        match &self.node()?.kind {
            Kind::List(items) => Some(items.iter().map(|at| self.other(*at)).collect()),
            Kind::Scalar(..) | Kind::Map(_) => None,
        }
    }

    /// The keys and values of a map, those that it takes over from others behind its own. A
    /// key that stands there twice is there twice.
    pub(super) fn map(self) -> Option<Vec<(Self, Self)>> {
        self.merged(MERGED.0)
    }

    /// The value of a key.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        let found = self.map()?.into_iter().find(|(name, _)| name.text() == Some(key));
        found.map(|(_, value)| value)
    }

    fn merged(self, depth: usize) -> Option<Vec<(Self, Self)>> {
        let Kind::Map(flat) = &self.node()?.kind else { return None };
        let pairs = flat.chunks_exact(2).map(|pair| (self.other(pair[0]), self.other(pair[1])));
        let (merges, mut own): (Vec<_>, Vec<_>) =
            pairs.partition(|(key, _)| key.text() == Some("<<"));
        let left = depth.checked_sub(1);
        for (_, from) in merges.into_iter().filter(|_| left.is_some()) {
            let sources = from.list().unwrap_or_else(|| vec![from]);
            for source in sources.into_iter().take(MERGED.1) {
                let known: HashSet<_> = own.iter().map(|(key, _)| key.text()).collect();
                let theirs = source.merged(left.unwrap_or_default()).unwrap_or_default();
                let new = theirs.into_iter().filter(|(key, _)| !known.contains(&key.text()));
                let new: Vec<_> = new.collect();
                own.extend(new);
            }
        }
        Some(own)
    }

    fn other(self, at: usize) -> Self {
        Self { at, ..self }
    }
}

/// What becomes a document, event by event.
#[derive(Default)]
struct Builder {
    yaml: Yaml,
    /// The lists and maps that have begun.
    open: Vec<usize>,
    anchors: HashMap<usize, usize>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, line: usize) {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let quoted = if style == ScalarStyle::Plain { Quoted::No } else { Quoted::Yes };
                self.node(line, anchor, Kind::Scalar(text.into_owned(), quoted));
            }
            Event::SequenceStart(_, anchor, _) => {
                let at = self.node(line, anchor, Kind::List(Vec::new()));
                self.open.push(at);
            }
            Event::MappingStart(_, anchor, _) => {
                let at = self.node(line, anchor, Kind::Map(Vec::new()));
                self.open.push(at);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
            }
            Event::Alias(anchor) => {
                if let Some(at) = self.anchors.get(&anchor).copied() {
                    self.place(at);
                }
            }
            // No document has more than nodes; what comes with them is not asked for.
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..)
            | Event::UnresolvedAlias(_)
            | _ => {}
        }
    }

    fn node(&mut self, line: usize, anchor: usize, kind: Kind) -> usize {
        let at = self.yaml.nodes.len();
        self.yaml.nodes.push(Node { line, kind });
        // 0 is no anchor.
        if anchor != 0 {
            self.anchors.insert(anchor, at);
        }
        self.place(at);
        at
    }

    /// Put a node where the document has got to.
    fn place(&mut self, at: usize) {
        let open = self.open.last().and_then(|open| self.yaml.nodes.get_mut(*open));
        match open.map(|node| &mut node.kind) {
            Some(Kind::List(items) | Kind::Map(items)) => items.push(at),
            Some(Kind::Scalar(..)) => {}
            None => self.yaml.root = Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::{NotYaml, Yaml};

    #[test]
    fn nodes_know_their_lines() {
        let yaml = Yaml::parse("a: 1\nb:\n  - x\n  - 'y'\nc: {d: null}\n").unwrap();
        let root = yaml.root().unwrap();
        let b = root.get("b").unwrap().list().unwrap();
        assert_eq!(
            b.iter().map(|v| (v.text().unwrap(), v.line())).collect::<Vec<_>>(),
            [("x", 3), ("y", 4)]
        );
        assert_eq!(root.get("a").unwrap().text(), Some("1"));
        assert!(root.get("c").unwrap().get("d").unwrap().is_null());
        assert_eq!(root.map().unwrap()[2].0.line(), 5);
    }

    #[test]
    fn what_is_merged_comes_behind_and_loses() {
        let yaml = Yaml::parse("x: &x {a: 1, b: 2}\ny: {b: 3, <<: *x}\n").unwrap();
        let y = yaml.root().unwrap().get("y").unwrap();
        let said: Vec<_> =
            y.map().unwrap().into_iter().map(|(k, v)| (k.text(), v.text())).collect();
        assert_eq!(said, [(Some("b"), Some("3")), (Some("a"), Some("1"))]);
    }

    #[test]
    fn a_bomb_of_aliases_is_a_few_nodes() {
        let mut text = "a0: &a0 [x]\n".to_owned();
        for level in 1..30 {
            let _ = writeln!(
                text,
                "a{level}: &a{level} [{}]",
                vec![format!("*a{}", level - 1); 10].join(", ")
            );
        }
        let yaml = Yaml::parse(&text).unwrap();
        assert!(yaml.nodes.len() < 100, "{}", yaml.nodes.len());
        let mut merges = "m0: &m0 {k: 1}\n".to_owned();
        for level in 1..30 {
            let _ = writeln!(
                merges,
                "m{level}: &m{level} {{<<: [{}]}}",
                vec![format!("*m{}", level - 1); 10].join(", ")
            );
        }
        let yaml = Yaml::parse(&merges).unwrap();
        assert!(yaml.root().unwrap().get("m2").unwrap().get("k").is_some());
    }

    #[test]
    fn what_refers_to_itself_ends() {
        let yaml = Yaml::parse("a: &a {<<: *a, b: 1}\n").unwrap();
        assert!(yaml.root().unwrap().get("a").unwrap().get("b").is_some());
    }

    #[test]
    fn what_is_no_yaml_says_where() {
        let NotYaml { line, why } = Yaml::parse("a: 1\nb: [\n").unwrap_err();
        assert!(line >= 2 && !why.is_empty(), "{line} {why}");
        assert!(Yaml::parse("a:\n\t- b\n").is_err());
        assert!(Yaml::parse("").unwrap().root().is_none());
        assert!(
            Yaml::parse("\u{feff}a: 1\r\nb: 2\r\n").unwrap().root().unwrap().get("b").is_some()
        );
        let deep = "[".repeat(200_000);
        assert!(Yaml::parse(&deep).is_err());
    }
}
