//! The first line of an emitted Procfile: the command that made it, so that it can be repeated.
//!
//! There is no colon in it: the crudest readers split every line at the first one.

use super::consumer::{BinDir, Consumer};
use super::word::breaks;
use super::{Options, USUAL_NAME};

const BEFORE: &str = "# Emitted by `";
const AFTER: &str = "` from Cargo.toml, to be changed there.";

/// The line of a file that is emitted with these options, without its end.
pub(super) fn header(options: &Options) -> String {
    match options.bin_dir.typed_as() {
        Some(dir) if dir.contains(|c: char| c == ':' || c == '`' || breaks(c)) => {
            "# Emitted by `cargo formation procfile` with another `--bin-dir`, to be changed in \
             Cargo.toml."
                .to_owned()
        }
        Some(_) | None => format!("{BEFORE}{}{AFTER}", shell_words::join(words(options))),
    }
}

/// With which options a Procfile was emitted. `None` of one that is somebody's own, and of one
/// whose directory of binaries could not stand in the line.
#[must_use]
pub fn emitted_with(text: &str) -> Option<Options> {
    let command = text.lines().next()?.strip_prefix(BEFORE)?.strip_suffix(AFTER)?;
    let words = shell_words::split(command).ok()?;
    let mut words = words.iter().map(String::as_str);
    if !["cargo", "formation", "procfile"].iter().all(|known| words.next() == Some(known)) {
        return None;
    }
    let mut options = Options::default();
    while let Some(flag) = words.next() {
        match (flag, words.next()?) {
            ("--for", consumer) => options.consumer = consumer.parse().ok()?,
            ("--bin-dir", dir) => options.bin_dir = BinDir::typed(dir),
            _ => return None,
        }
    }
    Some(options)
}

/// The command that writes such a file to its usual place.
#[must_use]
pub fn command(options: &Options) -> String {
    let mut words = words(options);
    words.extend(["--output", USUAL_NAME]);
    shell_words::join(words)
}

fn words(options: &Options) -> Vec<&str> {
    let mut words = vec!["cargo", "formation", "procfile"];
    if options.consumer != Consumer::Portable {
        words.extend(["--for", options.consumer.word()]);
    }
    if let Some(dir) = options.bin_dir.typed_as() {
        words.extend(["--bin-dir", dir]);
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

    use super::{emitted_with, header};
    use crate::emit::procfile::{BinDir, Consumer, Options};

    fn check(consumer: Consumer, bin_dir: BinDir, expected: &str) {
        let options = Options { consumer, bin_dir };
        assert_eq!(header(&options), expected);
        assert_eq!(emitted_with(&header(&options)), Some(options));
    }

    #[test]
    fn it_says_what_was_typed() {
        check(
            Consumer::Portable,
            BinDir::Usual,
            "# Emitted by `cargo formation procfile` from Cargo.toml, to be changed there.",
        );
        check(
            Consumer::Heroku,
            BinDir::typed("/app/it's here"),
            "# Emitted by `cargo formation procfile --for heroku --bin-dir '/app/it'\\''s here'` \
             from Cargo.toml, to be changed there.",
        );
        check(
            Consumer::Portable,
            BinDir::SearchPath,
            "# Emitted by `cargo formation procfile --bin-dir ''` from Cargo.toml, to be changed \
             there.",
        );
    }

    #[test]
    fn what_cannot_be_repeated_is_not_guessed() {
        for text in [
            "",
            "web: ./web\n",
            "# Emitted by `cargo formation export fly` from Cargo.toml, to be changed there.",
            "# Emitted by `cargo formation procfile --for mars` from Cargo.toml, to be changed there.",
            "# Emitted by `cargo formation procfile --for` from Cargo.toml, to be changed there.",
            "# Emitted by `cargo formation procfile --new` from Cargo.toml, to be changed there.",
            "# Emitted by `cargo formation procfile '` from Cargo.toml, to be changed there.",
        ] {
            assert_eq!(emitted_with(text), None, "{text}");
        }
        let options = Options { bin_dir: BinDir::typed("/a:b"), ..Options::default() };
        assert_eq!(emitted_with(&header(&options)), None);
    }

    fn options() -> impl Strategy<Value = Options> {
        let dir = prop_oneof![any::<String>(), "[ -~]{0,9}"];
        let bin_dir = proptest::option::of(dir)
            .prop_map(|dir| dir.map_or(BinDir::Usual, |dir| BinDir::typed(&dir)));
        (0..Consumer::ALL.len(), bin_dir).prop_map(|(consumer, bin_dir)| Options {
            consumer: Consumer::ALL[consumer].0,
            bin_dir,
        })
    }

    proptest! {
        #[test]
        fn what_it_says_is_read_back_or_nothing_is(options in options()) {
            let line = header(&options);
            prop_assert!(!line.contains(':') && line.lines().count() == 1, "{}", line);
            let dir = options.bin_dir.typed_as().unwrap_or_default();
            let is_sayable = !dir.contains([':', '`']) && !dir.contains(super::breaks);
            prop_assert_eq!(emitted_with(&line), is_sayable.then_some(options));
        }
    }
}
