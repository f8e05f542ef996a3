//! Bytes pass as they are.

use std::io::Read;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};

use super::site::{GET, OK, Run, Site};
use crate::world::router::{Limits, Routers};

#[test]
fn many_requests_go_over_one_connection() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    for _ in 0..3 {
        client.exchange(&mut behind);
    }
    run.is_left_alone();
    site.no_news();
}

#[test]
fn who_connects_goes_to_the_runs_in_turn() {
    let (site, one, two) = (Site::new(), Run::new(1), Run::new(2));
    site.route(&[&one, &two]);
    let mut clients: Vec<_> = (0..4)
        .map(|turn| {
            let client = site.client();
            (client, if turn % 2 == 0 { one.accept() } else { two.accept() })
        })
        .collect();
    for (client, behind) in &mut clients {
        client.exchange(behind);
    }
}

#[test]
fn a_run_may_speak_first() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    behind.say("220 hello\r\n");
    client.hears("220 hello\r\n");
    client.say("EHLO\r\n");
    behind.hears("EHLO\r\n");
}

#[test]
fn requests_are_passed_on_before_they_are_answered() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    client.say(GET.repeat(3));
    behind.hears(GET.repeat(3));
    behind.say(OK.repeat(3));
    client.hears(OK.repeat(3));
    client.exchange(&mut behind);
}

#[test]
fn an_upgrade_passes_whatever_follows() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    let upgrade = "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    let switch = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x01first";
    client.say(upgrade);
    behind.hears(upgrade);
    behind.say(switch);
    client.hears(switch);
    for text in ["GET / HTTP/1.1\r\n\r\n", "\0\x01\x02", "\r\n\r\n"] {
        client.say(text);
        behind.hears(text);
        behind.say(text);
        client.hears(text);
    }
}

#[test]
fn what_is_not_http_passes_both_ways_until_both_have_ended() {
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for first in [preface, "\x16\x03\x01", "hello\n", "GET / HTTP/1.1\nHost: a\n\n"] {
        let (site, run) = (Site::new(), Run::new(1));
        site.route(&[&run]);
        let mut client = site.client();
        let mut behind = run.accept();
        client.say(first);
        behind.hears(first);
        behind.say("answer");
        client.hears("answer");
        client.says_its_last();
        behind.hears_end();
        behind.say("more");
        client.hears("more");
        behind.says_its_last();
        client.hears_end();
        site.route(&[]);
        site.is_idle(&run);
    }
}

#[test]
fn the_end_of_a_run_is_passed_on_and_the_client_may_go_on() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    let mut behind = run.accept();
    client.say("hello\n");
    behind.hears("hello\n");
    behind.say("answer");
    behind.says_its_last();
    assert_eq!(client.rest(), "answer");
    client.say("more");
    behind.hears("more");
    client.says_its_last();
    behind.hears_end();
}

#[test]
fn a_client_that_has_said_its_last_is_answered() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    client.say(GET);
    client.says_its_last();
    let mut behind = run.accept();
    behind.hears(GET);
    behind.hears_end();
    behind.say(OK);
    assert_eq!(client.rest(), OK);
    site.route(&[]);
    site.is_idle(&run);
}

#[test]
fn hostile_bytes_pass_like_others() {
    let header = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(50_000_000));
    let fields = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(1_000_000));
    let smuggled =
        "POST / HTTP/1.1\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG";
    let nul = "GET /\0 HTTP/1.1\r\n\0: \0\r\n\r\n";
    for text in [&header, &fields, smuggled, nul] {
        let (site, run) = (Site::new(), Run::new(1));
        site.route(&[&run]);
        let mut client = site.client();
        let mut behind = run.accept();
        std::thread::scope(|scope| {
            scope.spawn(|| client.say(text));
            behind.hears(text);
        });
        behind.say(OK);
        client.hears(OK);
        // Nothing is known of it, so it stays where it is.
        site.route(&[]);
        client.say("more");
        behind.hears("more");
        site.no_news();
    }
}

#[test]
fn a_byte_at_a_time_is_a_request() {
    let (site, one, two) = (Site::new(), Run::new(1), Run::new(2));
    site.route(&[&one]);
    let mut client = site.client();
    let mut behind = one.accept();
    let text = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(2000));
    for byte in text.bytes() {
        client.say([byte]);
        behind.hears([byte]);
    }
    for byte in OK.bytes() {
        behind.say([byte]);
        client.hears([byte]);
    }
    site.route(&[&two]);
    behind.hears_end();
    client.say(GET);
    two.accept().hears(GET);
}

#[test]
fn both_loopbacks_lead_to_the_runs() {
    let routers = Routers::start(Limits::default(), |_, _| {}).unwrap();
    let both = |port| [(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()];
    let bound = (20_000..30_000).find_map(|port| {
        let addresses: [SocketAddr; 2] = both(port);
        routers.listen("web".parse().unwrap(), &addresses).ok()
    });
    let bound = bound.expect("a free port");
    if bound.len() == 1 {
        eprintln!("SKIPPED for ::1: this machine does not have the address");
    }
    let run = Run::new(1);
    routers.route(&"web".parse().unwrap(), vec![run.backend()]);
    for address in bound {
        let client = TcpStream::connect(address).unwrap();
        let mut behind = run.accept();
        behind.say("hello");
        let mut heard = [0; 5];
        (&client).read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"hello");
    }
}

#[test]
fn a_taken_port_is_an_error_and_a_closed_one_is_free() {
    let (site, other) = (Site::new(), Site::new());
    let name = || "api".parse().unwrap();
    let error = other.routers.listen(name(), &[site.address]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    let mut client = site.client();
    site.routers.close(&site.name);
    client.stream.read_to_end(&mut Vec::new()).ok();
    other.routers.listen(name(), &[site.address]).unwrap();
}
