//! Somebody goes in the middle.

use super::site::{GET, OK, Run, Site};

#[test]
fn a_run_that_ends_before_it_answers_is_named() {
    for repeat in [0, 1] {
        let (site, run) = (Site::new(), Run::new(3));
        site.route(&[&run]);
        let mut client = site.client();
        let mut behind = run.accept();
        for _ in 0..repeat {
            client.exchange(&mut behind);
        }
        client.say(GET);
        behind.hears(GET);
        drop(behind);
        let page = client.rest();
        assert!(page.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{page}");
        assert!(page.contains("web.3 ended before it answered"), "{page}");
    }
}

#[test]
fn a_run_that_ends_in_an_upload_is_named() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    client.say("POST / HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n");
    behind.hears("POST ");
    behind.breaks();
    let _ = std::io::Write::write(&mut client.stream, &vec![b'x'; 100_000]);
    assert!(client.rest().starts_with("HTTP/1.1 502 "));
}

#[test]
fn an_answer_before_the_end_of_the_upload_arrives() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    client.say("POST / HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n");
    behind.hears("POST ");
    let answer = "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    behind.say(answer);
    drop(behind);
    assert_eq!(client.rest(), answer);
}

#[test]
fn what_was_said_of_a_cut_answer_arrives_and_no_more() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    client.say(GET);
    behind.hears(GET);
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab";
    behind.say(cut);
    drop(behind);
    assert_eq!(client.rest(), cut);
}

#[test]
fn a_body_whose_end_is_the_close_ends_with_a_reset_if_the_run_breaks() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    for ends_well in [true, false] {
        let mut client = site.client();
        let mut behind = run.accept();
        client.say(GET);
        behind.hears(GET);
        behind.say("HTTP/1.1 200 OK\r\n\r\nab");
        client.hears("HTTP/1.1 200 OK\r\n\r\nab");
        if ends_well {
            drop(behind);
            client.hears_end();
        } else {
            behind.breaks();
            client.hears_reset();
        }
    }
}

#[test]
fn the_run_notices_that_its_client_has_gone() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    // In the middle of a download, of which it has taken some.
    let mut client = site.client();
    let mut behind = run.accept();
    client.say(GET);
    behind.hears(GET);
    behind.say("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    client.hears("HTTP/1.1 200 OK\r\n");
    drop(client);
    let block = vec![b'x'; 64 * 1024];
    while std::io::Write::write_all(&mut behind.stream, &block).is_ok() {}
    // Before the answer.
    let mut client = site.client();
    let mut behind = run.accept();
    client.say(GET);
    behind.hears(GET);
    client.breaks();
    behind.hears_end();
    // Between requests.
    let mut client = site.client();
    let mut behind = run.accept();
    client.exchange(&mut behind);
    drop(client);
    behind.hears_end();
    // Before it said anything.
    let client = site.client();
    let mut behind = run.accept();
    drop(client);
    behind.hears_end();
    site.route(&[]);
    site.is_idle(&run);
}

#[test]
fn the_answer_after_which_a_run_closes_is_the_last() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    for request in [GET, "GET / HTTP/1.0\r\n\r\n"] {
        let mut client = site.client();
        let mut behind = run.accept();
        client.say(request);
        behind.hears(request);
        let answer = OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        behind.say(&answer);
        drop(behind);
        assert_eq!(client.rest(), answer);
    }
}

#[test]
fn a_run_is_idle_after_its_last_answer_even_if_it_does_not_close() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    client.say("GET / HTTP/1.0\r\n\r\n");
    behind.hears("GET / HTTP/1.0\r\n\r\n");
    behind.say(OK);
    client.hears(OK);
    site.route(&[]);
    site.is_idle(&run);
    behind.hears_end();
    client.hears_end();
}
