//! Blanks of templates, such as `__name__`, and what is put into them.

/// A blank and what is put into it.
pub(super) type Blank<'v> = (&'static str, &'v str);

/// A template with its blanks filled. What is put in is not looked at again: a name may look
/// like a blank.
pub(super) fn fill(template: &str, blanks: &[Blank<'_>]) -> String {
    let (mut filled, mut rest) = (String::new(), template);
    while let Some((at, blank, value)) = next(rest, blanks) {
        filled.push_str(&rest[..at]);
        filled.push_str(value);
        rest = &rest[at + blank.len()..];
    }
    filled + rest
}

/// The first blank of a text: where, which, and what is put into it.
fn next<'v>(text: &str, blanks: &[Blank<'v>]) -> Option<(usize, &'static str, &'v str)> {
    let found =
        blanks.iter().filter_map(|(blank, value)| Some((text.find(blank)?, *blank, *value)));
    found.min_by_key(|(at, ..)| *at)
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn blanks_are_filled_once() {
        let blanks = [("__name__", "__type__"), ("__type__", "web")];
        assert_eq!(fill("__name__ and EXE___type__", &blanks), "__type__ and EXE_web");
        assert_eq!(fill("none", &blanks), "none");
    }
}
