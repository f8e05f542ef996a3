//! Clients wait while there is no run.

use std::time::Duration;

use super::site::{DEADLINE, GET, Mute, OK, Peer, Run, Site};
use crate::world::router::{Limits, News, Outlook};

/// A wait that ends before anybody looks.
const SHORT: Limits = Limits { hold: Duration::from_millis(30), held: 1024 };

#[test]
fn a_request_waits_for_a_run() {
    let (site, run) = (Site::new(), Run::new(1));
    let mut client = site.client();
    client.say(GET);
    let mut later = site.client();
    site.route(&[&run]);
    let mut behind = run.accept();
    let mut other = run.accept();
    later.say(GET);
    for behind in [&mut behind, &mut other] {
        behind.hears(GET);
        behind.say(OK);
    }
    client.hears(OK);
    later.hears(OK);
}

#[test]
fn a_request_between_two_runs_waits() {
    let (site, one, two) = (Site::new(), Run::new(1), Run::new(2));
    site.route(&[&one]);
    let mut client = site.client();
    let mut behind = one.accept();
    client.exchange(&mut behind);
    site.route(&[]);
    behind.hears_end();
    client.say(GET);
    site.route(&[&two]);
    let mut behind = two.accept();
    behind.hears(GET);
    behind.say(OK);
    client.hears(OK);
}

#[test]
fn who_waits_in_vain_is_told_why() {
    let site = Site::with(SHORT);
    site.explain("web.1 is down", "error: \x1b[1mno\x1b[0m <b>");
    let mut client = site.client();
    client.say("GET / HTTP/1.1\r\nAccept: text/html\r\n\r\n");
    let page = client.rest();
    assert!(page.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{page}");
    for part in ["Retry-After: 1", "Cache-Control: no-store", "Connection: close", "text/html"] {
        assert!(page.contains(part), "{page}");
    }
    assert!(page.contains("web.1 is down") && page.contains("error: no &lt;b&gt;"), "{page}");
    let mut client = site.client();
    client.say("GE");
    assert!(client.rest().ends_with("\r\n\r\nweb.1 is down\n\nerror: no <b>\n"));
}

#[test]
fn nobody_waits_for_who_does_not_come_by_itself() {
    let (site, run) = (Site::new(), Run::new(1));
    let mut waits = site.client();
    waits.say(GET);
    site.explain_with("web does not answer", "error: no", Outlook::Vain);
    let mut late = site.client();
    late.say(GET);
    for client in [&mut waits, &mut late] {
        assert!(client.rest().starts_with("HTTP/1.1 503 "));
    }
    // Somebody has come, whatever was said before.
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    client.exchange(&mut behind);
    // And what may change is waited for again.
    site.route(&[]);
    behind.hears_end();
    site.explain("web does not answer", "it is being built");
    client.say(GET);
    site.route(&[&run]);
    let mut behind = run.accept();
    behind.hears(GET);
    behind.say(OK);
    client.hears(OK);
}

#[test]
fn who_waits_in_vain_while_it_sends_a_large_body_reads_why() {
    let site = Site::with(SHORT);
    let mut client = site.client();
    client.say("POST / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n");
    client.say(vec![b'x'; 300_000]);
    assert!(client.rest().starts_with("HTTP/1.1 503 "));
}

#[test]
fn what_is_not_http_is_closed() {
    let site = Site::with(SHORT);
    for text in ["\x16\x03\x01", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut client = site.client();
        client.say(text);
        // Closed with what it said unread, or in good order.
        let mut heard = Vec::new();
        let _ = std::io::Read::read_to_end(&mut client.stream, &mut heard);
        assert_eq!(heard, b"");
    }
}

#[test]
fn only_so_many_wait() {
    let site = Site::with(Limits { hold: DEADLINE, held: 2 });
    let run = Run::new(1);
    let mut waiting: Vec<_> = (0..3).map(|_| site.client()).collect();
    for client in &mut waiting {
        client.say(GET);
    }
    // Which of them is one too many is not said.
    let (sender, refused) = std::sync::mpsc::channel();
    for mut client in waiting {
        let sender = sender.clone();
        std::thread::spawn(move || sender.send(client.rest()));
    }
    assert!(refused.recv_timeout(DEADLINE).unwrap().starts_with("HTTP/1.1 503 "));
    site.route(&[&run]);
    for _ in 0..2 {
        let mut behind = run.accept();
        behind.hears(GET);
        behind.say(OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        drop(behind);
        assert!(refused.recv_timeout(DEADLINE).unwrap().ends_with("ok"));
    }
}

#[test]
fn who_goes_while_it_waits_makes_room() {
    let site = Site::with(Limits { hold: DEADLINE, held: 1 });
    let run = Run::new(1);
    for _ in 0..3 {
        let mut client = site.client();
        client.say(GET);
        client.says_its_last();
        assert!(client.rest().starts_with("HTTP/1.1 503 "));
    }
    // So there is room for one of two.
    let (sender, told) = std::sync::mpsc::channel();
    for _ in 0..2 {
        let (sender, mut client) = (sender.clone(), site.client());
        client.say(GET);
        std::thread::spawn(move || sender.send(client.rest()));
    }
    assert!(told.recv_timeout(DEADLINE).unwrap().starts_with("HTTP/1.1 503 "));
    site.route(&[&run]);
    let mut behind = run.accept();
    behind.hears(GET);
    behind.say(OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    drop(behind);
    assert!(told.recv_timeout(DEADLINE).unwrap().ends_with("ok"));
}

#[test]
fn who_goes_while_it_waits_is_forgotten() {
    let (site, run) = (Site::new(), Run::new(1));
    let mut client = site.client();
    client.say(GET);
    client.breaks();
    let mut client = site.client();
    client.say("\r\n");
    client.says_its_last();
    client.hears_end();
    site.route(&[&run]);
    run.is_left_alone();
    site.no_news();
}

#[test]
fn a_run_that_refuses_is_said_once_and_another_is_taken() {
    let (site, run) = (Site::new(), Run::new(2));
    let dead = Mute::new(1);
    site.routers.route(&site.name, vec![dead.backend.clone(), run.backend()]);
    for _ in 0..4 {
        let mut client = site.client();
        client.say(GET);
        let mut behind = run.accept();
        behind.hears(GET);
        behind.say(OK);
        client.hears(OK);
    }
    assert!(matches!(site.news(), News::Refused(id, _) if id == dead.backend.run));
    site.no_news();
}

#[test]
fn when_all_refuse_clients_wait_for_who_does_not() {
    let (site, run) = (Site::new(), Run::new(2));
    let dead = Mute::new(1);
    site.routers.route(&site.name, vec![dead.backend.clone()]);
    let mut client = site.client();
    client.say(GET);
    assert!(matches!(site.news(), News::Refused(id, _) if id == dead.backend.run));
    site.route(&[&run]);
    let mut behind = run.accept();
    behind.hears(GET);
    behind.say(OK);
    client.hears(OK);
    assert!(matches!(site.news(), News::Idle(id) if id == dead.backend.run));
}

#[test]
fn a_run_that_listens_late_is_found_without_being_told() {
    let site = Site::new();
    let dead = Mute::new(1);
    site.routers.route(&site.name, vec![dead.backend.clone()]);
    let mut client = site.client();
    client.say(GET);
    assert!(matches!(site.news(), News::Refused(id, _) if id == dead.backend.run));
    let mut behind = dead.accept();
    behind.hears(GET);
    behind.say(OK);
    client.hears(OK);
}

#[test]
fn at_the_end_what_is_under_way_is_finished_and_nothing_begins() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut at_rest = site.client();
    let mut behind = run.accept();
    at_rest.exchange(&mut behind);
    let mut asking = site.client();
    let mut answering = run.accept();
    asking.say(GET);
    answering.hears(GET);
    site.routers.end(&site.name);
    assert_eq!(at_rest.rest(), "");
    answering.say(OK);
    asking.hears(OK);
    assert_eq!(asking.rest(), "");
    site.is_idle(&run);
    // Whoever comes now is refused, or has been let in just before and hears nothing.
    while let Ok(stream) = std::net::TcpStream::connect(site.address) {
        Peer::new(stream).hears_nothing();
    }
}

#[test]
fn nobody_waits_beyond_the_end() {
    let site = Site::new();
    let mut client = site.client();
    client.say(GET);
    site.routers.end(&site.name);
    client.hears_nothing();
}
