//! The carriage return that a terminal sends before each end of a line.
//!
//! It is the terminal's, not the program's: what came through one is to be as what came
//! through a pipe. See `ONLCR` in `termios(3)`.

/// Takes them out of what comes, however the reads cut it.
#[derive(Debug, Default)]
pub(super) struct Returns {
    held: Held,
}

/// Whether the last read ended with a return that may belong to an end of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Held {
    #[default]
    Nothing,
    Return,
}

impl Returns {
    /// These bytes, without the return before each end of a line: one, where there are more.
    pub(super) fn strip(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut stripped = Vec::with_capacity(bytes.len() + 1);
        if self.held == Held::Return && bytes.first().is_some_and(|byte| *byte != b'\n') {
            stripped.push(b'\r');
            self.held = Held::Nothing;
        }
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let line = &rest[..end];
            stripped.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
            stripped.push(b'\n');
            rest = &rest[end + 1..];
            self.held = Held::Nothing;
        }
        if let Some(before) = rest.strip_suffix(b"\r") {
            stripped.extend_from_slice(before);
            self.held = Held::Return;
        } else {
            stripped.extend_from_slice(rest);
        }
        stripped
    }
}

#[cfg(test)]
mod tests {
    use super::Returns;

    /// What is left of these bytes, and that it makes no difference how they are cut.
    #[track_caller]
    fn check(bytes: &str, expected: &str) {
        for size in 1..=bytes.len().max(1) {
            let mut returns = Returns::default();
            let reads = bytes.as_bytes().chunks(size);
            let stripped: Vec<u8> = reads.flat_map(|read| returns.strip(read)).collect();
            assert_eq!(String::from_utf8(stripped).unwrap(), expected, "by {size}: {bytes:?}");
        }
    }

    #[test]
    fn one_return_goes_with_each_end_of_a_line() {
        check("one\r\n\r\ntwo\r\n", "one\n\ntwo\n");
        check("plain\n\n", "plain\n\n");
        check("", "");
    }

    #[test]
    fn what_the_program_wrote_itself_stays() {
        check("dos\r\r\n", "dos\r\n");
        check("10%\r20%\rdone\r\n", "10%\r20%\rdone\n");
        check("\r\rup\r\n", "\r\rup\n");
        check("a\rb", "a\rb");
    }
}
