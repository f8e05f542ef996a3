//! What is written into an app.json, and what becomes of one that is there.

use std::time::Duration;

use proptest::prelude::{prop_assert_eq, proptest};
use serde_json::{Value, json};
use snapbox::{Data, assert_data_eq, str};

use crate::emit::sample::{formation, process, shop};
use crate::emit::{Exported, Platform, Refusal, export};
use crate::formation::{ConfigItem, Formation, Health, Port, StopSignal};

fn exported(platform: Platform, formation: &Formation) -> Exported {
    export(platform, &shop(formation)).unwrap()
}

/// The file, the warnings, and what is not in it.
fn check(platform: Platform, formation: &Formation, expected: impl Into<Data>) {
    let Exported { files, unsaid, warnings } = exported(platform, formation);
    let mut text = files[0].text.clone();
    text.extend(warnings.iter().map(|warning| format!("warning: {warning}\n")));
    text.extend(unsaid.iter().map(|unsaid| format!("unsaid: {unsaid}\n")));
    assert_data_eq!(text, expected.into());
}

fn variable(name: &str) -> ConfigItem {
    ConfigItem {
        name: name.to_owned(),
        required: true,
        secret: false,
        default: None,
        description: None,
    }
}

/// A formation with everything that one of the two dialects has a word for, or none.
fn full() -> Formation {
    let mut shop = formation(&["web", "worker: --queue 'a b'", "clock", "nightly", "release"]);
    shop.processes[0].quantity = 2;
    shop.processes[0].stop.timeout = Some(Duration::from_mins(1));
    shop.processes[0].health = Some(Health {
        path: "/healthz".into(),
        startup: Duration::from_secs(30),
        interval: Duration::from_millis(2500),
        timeout: Duration::from_millis(500),
    });
    shop.processes[1].quantity = 3;
    shop.processes[1].resources.memory = Some(600 * 1024 * 1024);
    shop.processes[1].resources.cpu = Some(500);
    shop.processes[1].stop.signal = StopSignal::Int;
    shop.processes[1].port = Port::Assigned;
    shop.processes[2].singleton = true;
    shop.processes[3].schedule = Some("0 3 * * *".into());
    let secret = ConfigItem { secret: true, ..variable("SECRET") };
    let level = ConfigItem {
        required: false,
        default: Some("info".into()),
        description: Some("how much is \"logged\"".into()),
        ..variable("RUST_LOG")
    };
    shop.settings.config = vec![secret, level, variable("http_proxy")];
    shop
}

#[test]
fn heroku_gets_quantities_and_variables() {
    check(
        Platform::AppJson,
        &full(),
        str![[r#"
{
  "formation": {
    "web": {
      "quantity": 2
    },
    "worker": {
      "quantity": 3
    },
    "clock": {
      "quantity": 1
    }
  },
  "env": {
    "SECRET": {
      "required": true
    },
    "RUST_LOG": {
      "description": "how much is /"logged/"",
      "value": "info",
      "required": false
    }
  }
}
warning: `web` has 30 s to stop and no more: Heroku's app.json cannot say a longer time
warning: `worker` is asked to stop with `SIGTERM`: Heroku's app.json cannot say another signal for it
unsaid: how many run, once the app is there: `heroku ps:scale web=2 worker=3 clock=1`
unsaid: how much memory `worker` has: `heroku ps:type worker=standard-2x`
unsaid: when `nightly` runs (`0 3 * * *`): `heroku addons:create scheduler && heroku addons:open scheduler`
unsaid: `http_proxy`, whose name has other than capital letters: `heroku config:set http_proxy=…`

"#]],
    );
}

#[test]
fn dokku_gets_checks_and_schedules_too() {
    check(
        Platform::Dokku,
        &full(),
        str![[r#"
{
  "formation": {
    "web": {
      "quantity": 2
    },
    "worker": {
      "quantity": 3,
      "service": {
        "exposed": true
      }
    },
    "clock": {
      "quantity": 1
    }
  },
  "healthchecks": {
    "web": [
      {
        "type": "startup",
        "name": "formation",
        "path": "/healthz",
        "attempts": 10,
        "wait": 3,
        "timeout": 1
      }
    ]
  },
  "cron": [
    {
      "command": "nightly",
      "schedule": "0 3 * * *",
      "concurrency_policy": "forbid"
    }
  ],
  "env": {
    "SECRET": {
      "required": true
    },
    "RUST_LOG": {
      "description": "how much is /"logged/"",
      "value": "info",
      "required": false
    }
  }
}
unsaid: how long a stop may take: `dokku ps:set shop stop-timeout-seconds 60`
unsaid: that new code of `clock` starts after the old has ended: `dokku checks:disable shop clock`
unsaid: what `worker` may use: `dokku resource:limit --process-type worker --memory 600m --cpu 0.500 shop`
unsaid: what the schedules run: `cargo formation procfile --for dokku --output Procfile`
unsaid: that schedules are in UTC, on Dokku's machine: `timedatectl set-timezone Etc/UTC`

"#]],
    );
}

#[test]
fn what_cannot_be_is_refused() {
    let empty = Formation::default();
    for platform in [Platform::AppJson, Platform::Dokku] {
        assert_eq!(export(platform, &shop(&empty)), Err(vec![Refusal::Empty { platform }]));
    }
    let formation = formation(&["worker"]);
    let app = crate::emit::App { formation: &formation, package: None, place: None };
    for platform in [Platform::AppJson, Platform::Dokku] {
        let unsaid = export(platform, &app).unwrap().unsaid;
        assert!(unsaid.iter().all(|unsaid| !unsaid.command.contains("shop")), "{unsaid:?}");
    }
}

/// What becomes of this file.
fn over(platform: Platform, formation: &Formation, found: &str) -> String {
    exported(platform, formation).files[0].over(found).unwrap()
}

const THEIRS: &str = r#"{
  "name": "my shop", "addons": ["heroku-postgresql"],
  "formation": { "worker": { "size": "standard-2x", "quantity": 9 }, "old": { "quantity": 1 } },
  "env": { "SECRET": "short form", "MINE": { "required": false } },
  "healthchecks": {
    "web": [{ "name": "mine", "path": "/" }, { "name": "formation", "path": "/old" }],
    "old": [{ "name": "formation", "path": "/" }]
  },
  "cron": [{ "command": "curl x", "schedule": "@daily" },
    { "command": "nightly", "schedule": "@daily", "maintenance": true }]
}"#;

#[test]
fn what_is_there_stays_but_for_what_the_table_says() {
    assert_data_eq!(
        over(Platform::Dokku, &full(), THEIRS),
        str![[r#"
{
  "name": "my shop",
  "addons": [
    "heroku-postgresql"
  ],
  "formation": {
    "worker": {
      "size": "standard-2x",
      "quantity": 3,
      "service": {
        "exposed": true
      }
    },
    "web": {
      "quantity": 2
    },
    "clock": {
      "quantity": 1
    }
  },
  "env": {
    "SECRET": {
      "required": true
    },
    "MINE": {
      "required": false
    },
    "RUST_LOG": {
      "description": "how much is /"logged/"",
      "value": "info",
      "required": false
    }
  },
  "healthchecks": {
    "web": [
      {
        "name": "mine",
        "path": "/"
      },
      {
        "type": "startup",
        "name": "formation",
        "path": "/healthz",
        "attempts": 10,
        "wait": 3,
        "timeout": 1
      }
    ]
  },
  "cron": [
    {
      "command": "curl x",
      "schedule": "@daily"
    },
    {
      "command": "nightly",
      "schedule": "0 3 * * *",
      "maintenance": true,
      "concurrency_policy": "forbid"
    }
  ]
}
"#]],
    );
}

#[test]
fn a_type_that_has_lost_its_port_is_no_service() {
    let mut shop = formation(&["web", "worker", "api"]);
    shop.processes[1].port = Port::Assigned;
    shop.processes[2].port = Port::Assigned;
    let before = over(Platform::Dokku, &shop, "");
    assert_eq!(before.matches("exposed").count(), 2, "{before}");
    let before = before.replace("\"exposed\": true", "\"exposed\": true, \"mine\": 1");
    shop.processes[1].port = Port::None;
    let service = |text: &str, name: &str| {
        let file: Value = serde_json::from_str(text).unwrap();
        file["formation"][name].get("service").cloned()
    };
    let after = over(Platform::Dokku, &shop, &before);
    assert_eq!(service(&after, "worker"), Some(json!({ "mine": 1 })));
    assert_eq!(service(&after, "api"), Some(json!({ "exposed": true, "mine": 1 })));
    let after = over(Platform::Dokku, &shop, &before.replace(", \"mine\": 1", ""));
    assert_eq!(service(&after, "worker"), None);
    assert_eq!(over(Platform::Dokku, &shop, &after), after);
    let theirs = before.replace("\"web\": {", "\"web\": { \"service\": { \"exposed\": true },");
    let after = over(Platform::Dokku, &shop, &theirs);
    assert_eq!(service(&after, "web"), Some(json!({ "exposed": true })));
    assert_eq!(over(Platform::AppJson, &shop, &before), before, "it is nothing of Heroku's");
}

#[test]
fn a_secret_loses_the_value_that_it_had() {
    let mut shop = formation(&["web"]);
    let item = |name: &str, secret: bool, default: &str| ConfigItem {
        secret,
        default: (!secret).then(|| default.to_owned()),
        ..variable(name)
    };
    shop.settings.config =
        vec![item("DB", false, "postgres://u:SECRET@h"), item("LEVEL", false, "info")];
    for platform in [Platform::AppJson, Platform::Dokku] {
        let told = over(platform, &shop, "");
        assert!(told.contains("SECRET"), "{told}");
        let generated = "\"DB\": { \"generator\": \"secret\",";
        let told = told.replace("\"DB\": {", generated);
        let short = "{\"env\":{\"DB\":\"SECRET\",\"lower_db\":\"SECRET\",\"MINE\":\"SECRETLESS\"}}";
        let mut shop = shop.clone();
        shop.settings.config[0] = item("DB", true, "");
        shop.settings.config.push(item("lower_db", true, ""));
        let kept: Value = serde_json::from_str(&over(platform, &shop, &told)).unwrap();
        assert_eq!(kept["env"]["DB"], json!({ "generator": "secret", "required": true }));
        assert_eq!(kept["env"]["LEVEL"]["value"], "info");
        let kept: Value = serde_json::from_str(&over(platform, &shop, short)).unwrap();
        assert_eq!(kept["env"]["DB"], json!({ "required": true }));
        assert_eq!(kept["env"]["lower_db"], json!({}), "whatever it is called");
        assert_eq!(kept["env"]["MINE"], "SECRETLESS", "it is none of the table's");
    }
}

#[test]
fn heroku_says_nothing_of_what_is_dokkus() {
    let mut before: Value = serde_json::from_str(THEIRS).unwrap();
    let after: Value = serde_json::from_str(&over(Platform::AppJson, &full(), THEIRS)).unwrap();
    for key in ["healthchecks", "cron", "addons", "name"] {
        assert_eq!(after[key], before[key].take());
    }
    assert_eq!(after["formation"]["worker"], json!({ "size": "standard-2x", "quantity": 3 }));
    assert_eq!(after["formation"].get("old"), None);
}

#[test]
fn a_file_that_says_it_already_keeps_every_space() {
    let formation = formation(&["web"]);
    let found = "{\"formation\" :\t{\"web\":{\"quantity\":1}},\n\n \"name\":\"x\"}";
    assert_eq!(over(Platform::AppJson, &formation, found), found);
    assert_eq!(over(Platform::Dokku, &formation, found), found);
    let new = exported(Platform::AppJson, &formation).files[0].text.clone();
    assert_eq!(over(Platform::AppJson, &formation, ""), new);
}

#[test]
fn numbers_stay_as_they_are_written() {
    let theirs = r#"{"formation": {"web": {"quantity": 2.0}},
      "a": [1.10, 12345678901234567890123456789, {"b": 1e2}, 1]}"#;
    let text = over(Platform::Dokku, &formation(&["web"]), theirs);
    for kept in ["1.10,\n", "12345678901234567890123456789,\n", "\"b\": 1e2\n", "    1\n"] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert!(text.contains("\"quantity\": 1\n"), "{text}");
    assert_eq!(over(Platform::Dokku, &formation(&["web"]), &text), text);
}

#[test]
fn a_file_that_is_not_understood_is_left_alone() {
    let formation = full();
    for (found, why) in [
        ("{ // mine\n}", "it is no JSON: "),
        ("[]", "it is no object of JSON"),
        (
            "{\"env\":{\"A\":\"1\"},\"env\":{}}",
            "it has the key `env` for the second time at line 1",
        ),
        ("{\"formation\": 3}", "its `formation` is no object"),
        ("{\"healthchecks\": {\"web\": {}}}", "its `healthchecks.web` is no list"),
        ("{\"cron\": {}}", "its `cron` is no list"),
        ("{", "it is no JSON: "),
    ] {
        let said = exported(Platform::Dokku, &formation).files[0].over(found).unwrap_err();
        assert!(said.to_string().starts_with(why), "{found}: {said}");
    }
}

proptest! {
    /// Twice is once; every text is a text of JSON; a secret has no value, whatever it is.
    #[test]
    fn every_text_arrives_and_no_secret_does(
        description: String, default: String, path: String, quantity: u16, secret: bool,
    ) {
        let mut formation = Formation { processes: vec![process("web")], ..Formation::default() };
        formation.processes[0].quantity = quantity;
        let second = Duration::from_secs(1);
        let health = Health { path: path.clone(), startup: second, interval: second, timeout: second };
        formation.processes[0].health = Some(health);
        formation.settings.config = vec![ConfigItem {
            secret,
            description: Some(description.clone()),
            default: Some(default.clone()),
            ..variable("A")
        }];
        let text = exported(Platform::Dokku, &formation).files[0].text.clone();
        let read: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read["env"]["A"]["description"], &description);
        let expected = if secret { None } else { Some(&default) };
        let value = read["env"]["A"].get("value").map(|value| value.as_str().unwrap());
        prop_assert_eq!(value, expected.map(String::as_str));
        prop_assert_eq!(&read["healthchecks"]["web"][0]["path"], &path);
        prop_assert_eq!(&read["formation"]["web"]["quantity"], quantity);
        prop_assert_eq!(text.chars().last(), Some('\n'));
        let once = over(Platform::Dokku, &formation, THEIRS);
        prop_assert_eq!(over(Platform::Dokku, &formation, &once), once);
    }
}

#[test]
fn limits_of_a_type_called_build_are_those_of_the_build() {
    let mut shop = formation(&["web", "build"]);
    assert_eq!(exported(Platform::Dokku, &shop).warnings, []);
    shop.processes[1].resources.memory = Some(1 << 30);
    let warnings = exported(Platform::Dokku, &shop).warnings;
    let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    let limits =
        "`build` means something to Dokku's app.json: its limits are also those of the build";
    assert_eq!(said, [limits]);
    assert_eq!(exported(Platform::AppJson, &shop).warnings, []);
}

#[test]
fn a_schedule_that_dokkus_cron_reads_otherwise_is_refused() {
    let mut shop = formation(&["web", "nightly"]);
    let mut refused = |schedule: &str| {
        shop.processes[1].schedule = Some(schedule.to_owned());
        let refusals = export(Platform::Dokku, &crate::emit::sample::shop(&shop)).err();
        refusals.map(|refusals| refusals[0].to_string())
    };
    assert_eq!(refused("0 3 * * mon"), None);
    assert_eq!(
        refused("0 3 L * *").unwrap(),
        "`nightly` runs at `0 3 L * *`, which Dokku's app.json has no words for: `L`, which is the \
         end of a month"
    );
    assert!(refused("0 3 */5 * mon").unwrap().ends_with("it would take only days that are both"));
}

#[test]
fn the_line_ends_of_a_file_are_its_own() {
    for platform in [Platform::AppJson, Platform::Dokku] {
        let theirs = format!("\u{feff}{}", THEIRS.replace('\n', "\r\n"));
        let text = over(platform, &full(), &theirs);
        let expected = over(platform, &full(), THEIRS);
        assert_eq!(text, format!("\u{feff}{}", expected.replace('\n', "\r\n")));
        assert_eq!(over(platform, &full(), &text), text);
        assert!(over(platform, &full(), "\u{feff}{}\r\n").ends_with("}\r\n"));
    }
}
