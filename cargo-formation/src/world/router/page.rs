//! What the router itself answers, because no run did.

use std::fmt::Write as _;

use super::framing::{Asked, Kind, Look};
use crate::world::ansi;

/// What a client is told that waited in vain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What is wrong: `web.1 is down`.
    pub title: String,
    /// What is known of it, in lines: the last ones it wrote, the errors of the compiler. Escape
    /// sequences are left out.
    pub text: String,
    /// Whether it is worth waiting.
    pub outlook: Outlook,
}

/// Whether somebody may come who answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outlook {
    /// Somebody may: a client waits.
    #[default]
    Open,
    /// Nobody does before a person has done something: a client is told at once.
    Vain,
}

/// Why the router answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// The run ended before it answered.
    BadGateway,
    /// There is no run.
    ServiceUnavailable,
}

impl Status {
    fn line(self) -> &'static str {
        match self {
            Self::BadGateway => "502 Bad Gateway",
            Self::ServiceUnavailable => "503 Service Unavailable",
        }
    }
}

/// An answer to who asked this, after which the connection is closed.
pub(super) fn answer(status: Status, page: &Page, asked: Asked) -> Vec<u8> {
    let title = if page.title.is_empty() { status.line() } else { &page.title };
    let (title, text) = (readable(title), readable(&page.text));
    let (kind, body) = match asked.look {
        Look::Html => ("text/html", html(status, &title, &text)),
        Look::Text => ("text/plain", format!("{title}\n\n{text}").trim_end().to_owned() + "\n"),
    };
    let mut answer = format!(
        "HTTP/1.1 {}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n\
         Retry-After: 1\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
        status.line(),
        body.len()
    );
    if asked.kind != Kind::Head {
        answer += &body;
    }
    answer.into_bytes()
}

/// Without what a terminal would obey.
fn readable(text: &str) -> String {
    let plain = ansi::plain(text.as_bytes());
    let plain = String::from_utf8_lossy(&plain);
    plain.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// A page of its own, with nothing to load. One that says that nobody is there asks again by
/// itself; one that says what broke stays, to be read.
fn html(status: Status, title: &str, text: &str) -> String {
    let (title, text) = (escape(title), escape(text));
    let again = match status {
        Status::ServiceUnavailable => "<meta http-equiv=\"refresh\" content=\"1\">\n",
        Status::BadGateway => "",
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n{again}<title>{title}</title>\n\
         <style>\nbody {{ font: 1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 60rem; \
         padding: 0 1rem; color-scheme: light dark; }}\n\
         pre {{ font-size: 0.875rem; overflow-x: auto; }}\n</style>\n</head>\n<body>\n\
         <h1>{title}</h1>\n<pre>{text}</pre>\n<p>This is what <code>cargo formation dev</code> \
         answers.</p>\n</body>\n</html>\n"
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        let name = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            c => {
                escaped.push(c);
                continue;
            }
        };
        // Writing to a string does not fail.
        let _ = escaped.write_str(name);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::super::framing::asked;
    use super::{Page, Status, answer};

    fn check(request: &[u8]) -> String {
        let page = Page {
            title: "web.1 is <down>".into(),
            text: "\x1b[31merror\x1b[0m: `a` & \"b\"\x07 isn't\n".into(),
            ..Page::default()
        };
        let answer = answer(Status::ServiceUnavailable, &page, asked(request).unwrap());
        String::from_utf8(answer).unwrap().replace('\r', "")
    }

    #[test]
    fn a_program_gets_text() {
        assert_data_eq!(
            check(b"GET / HTTP/1.1\r\n\r\n"),
            str![[r#"
HTTP/1.1 503 Service Unavailable
Content-Type: text/plain; charset=utf-8
Content-Length: 40
Retry-After: 1
Cache-Control: no-store
Connection: close

web.1 is <down>

error: `a` & "b" isn't

"#]]
        );
    }

    #[test]
    fn a_browser_gets_a_page_with_nothing_to_obey() {
        let page = check(b"GET / HTTP/1.1\r\nAccept: Text/HTML,*/*;q=0.1\r\n\r\n");
        assert!(page.contains("Content-Type: text/html"), "{page}");
        assert!(page.contains("<h1>web.1 is &lt;down&gt;</h1>"), "{page}");
        assert!(page.contains("error: `a` &amp; &quot;b&quot; isn&#39;t\n"), "{page}");
        assert!(page.contains("http-equiv=\"refresh\""), "it looks again when nobody was there");
    }

    #[test]
    fn a_head_is_answered_with_one() {
        let head = check(b"HEAD / HTTP/1.1\r\n\r\n");
        assert!(head.contains("Content-Length: 40\n") && head.ends_with("close\n\n"), "{head}");
    }

    #[test]
    fn half_a_request_is_answered_too() {
        assert!(check(b"GET / HTTP/1.1\r\nAcc").ends_with("isn't\n"));
    }
}
