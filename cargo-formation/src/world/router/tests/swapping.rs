//! Another run takes the place of one, under open connections.

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any};
use proptest::proptest;

use super::site::{GET, OK, Run, Site};
use crate::world::router::framing::tests::{exchange, pieces};

#[test]
fn the_next_request_goes_to_the_run_that_is_routed_then() {
    let (site, one, two) = (Site::new(), Run::new(1), Run::new(2));
    site.route(&[&one]);
    let mut client = site.client();
    let mut behind = one.accept();
    client.exchange(&mut behind);
    site.route(&[&two]);
    behind.hears_end();
    site.is_idle(&one);
    two.is_left_alone();
    client.say(GET);
    let mut behind = two.accept();
    behind.hears(GET);
    behind.say(OK);
    client.hears(OK);
    site.no_news();
}

#[test]
fn a_run_is_idle_when_its_last_answer_is_given() {
    let (site, one, two) = (Site::new(), Run::new(1), Run::new(2));
    site.route(&[&one]);
    let mut client = site.client();
    let mut behind = one.accept();
    client.say(GET);
    behind.hears(GET);
    site.route(&[&two]);
    let (first, last) = OK.split_at(10);
    behind.say(first);
    client.hears(first);
    site.no_news();
    behind.say(last);
    client.hears(last);
    behind.hears_end();
    site.is_idle(&one);
}

#[test]
fn a_run_that_nobody_is_connected_to_is_idle_at_once() {
    let (site, one, two) = (Site::new(), Run::new(1), Run::new(2));
    site.route(&[&one]);
    site.route(&[&one, &two]);
    site.route(&[&two]);
    site.is_idle(&one);
    site.route(&[]);
    site.is_idle(&two);
    site.no_news();
}

#[test]
fn a_client_that_has_said_nothing_is_connected_to_the_run_that_is_routed() {
    let (site, one, two) = (Site::new(), Run::new(1), Run::new(2));
    site.route(&[&one]);
    let mut client = site.client();
    let mut behind = one.accept();
    site.route(&[&two]);
    behind.hears_end();
    site.is_idle(&one);
    two.accept().say("hello");
    client.hears("hello");
}

#[test]
fn a_request_sent_ahead_goes_to_the_new_run() {
    let (site, one, two) = (Site::new(), Run::new(1), Run::new(2));
    site.route(&[&one]);
    let mut client = site.client();
    let mut behind = one.accept();
    let (begin, end) = GET.split_at(9);
    client.say(begin);
    behind.hears(begin);
    site.route(&[&two]);
    let next = "GET /next HTTP/1.1\r\n\r\n";
    client.say(format!("{end}{next}"));
    behind.hears(end);
    behind.say(OK);
    client.hears(OK);
    behind.hears_end();
    let mut behind = two.accept();
    behind.hears(next);
    behind.say(OK);
    client.hears(OK);
}

#[test]
fn what_is_under_way_stays_until_its_run_ends() {
    let upgrade = "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
    let events = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    for (asked, answer) in [(upgrade, "HTTP/1.1 101 Switching\r\n\r\n"), (GET, events)] {
        let (site, one, two) = (Site::new(), Run::new(1), Run::new(2));
        site.route(&[&one]);
        let mut client = site.client();
        let mut behind = one.accept();
        client.say(asked);
        behind.hears(asked);
        behind.say(answer);
        client.hears(answer);
        site.route(&[&two]);
        for _ in 0..3 {
            behind.say("data: 1\n\n");
            client.hears("data: 1\n\n");
        }
        site.no_news();
        drop(behind);
        client.hears_end();
        drop(client);
        site.is_idle(&one);
    }
}

#[test]
fn a_run_that_closes_between_requests_costs_nobody_anything() {
    let (site, run) = (Site::new(), Run::new(1));
    site.route(&[&run]);
    let mut client = site.client();
    for _ in 0..20 {
        let mut behind = run.accept();
        client.exchange(&mut behind);
        drop(behind);
        client.say(GET);
        let mut behind = run.accept();
        behind.hears(GET);
        behind.say(OK);
        client.hears(OK);
        // The next one: a run that breaks the connection.
        behind.breaks();
        client.say("\r\nGET /2 HTTP/1.1\r\n\r\n");
        let mut behind = run.accept();
        behind.hears("\r\nGET /2 HTTP/1.1\r\n\r\n");
        behind.say(OK);
        client.hears(OK);
        drop(behind);
        client = site.client();
    }
}

#[test]
fn line_ends_after_a_request_keep_no_run_busy() {
    let (site, one, two) = (Site::new(), Run::new(1), Run::new(2));
    site.route(&[&one]);
    let mut client = site.client();
    let mut behind = one.accept();
    client.exchange(&mut behind);
    client.say("\r\n");
    behind.hears("\r\n");
    site.route(&[&two]);
    behind.hears_end();
    site.is_idle(&one);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn each_side_sees_exactly_what_the_other_sent(
        rounds in vec((vec(exchange(), 1..4), any::<bool>()), 1..6),
        lengths in vec(1..200_usize, 1..6),
    ) {
        let (site, runs) = (Site::new(), [Run::new(1), Run::new(2)]);
        let mut turn = 0;
        site.route(&[&runs[turn]]);
        let mut client = site.client();
        let mut behind = runs[turn].accept();
        for (exchanges, swaps) in rounds {
            let sent: Vec<u8> = exchanges.iter().flat_map(|(request, _)| request.clone()).collect();
            let said: Vec<u8> = exchanges.iter().flat_map(|(_, response)| response.clone()).collect();
            for piece in pieces(&sent, &lengths) {
                client.say(piece);
            }
            behind.hears(&sent);
            for piece in pieces(&said, &lengths) {
                behind.say(piece);
            }
            client.hears(&said);
            if swaps {
                turn = 1 - turn;
                site.route(&[&runs[turn]]);
                behind.hears_end();
                site.is_idle(&runs[1 - turn]);
                client.say(GET);
                behind = runs[turn].accept();
                behind.hears(GET);
                behind.say(OK);
                client.hears(OK);
            }
        }
        site.no_news();
    }
}
