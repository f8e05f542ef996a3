//! What is written into a Dockerfile, and whether its readers read the same.

use proptest::prelude::{prop_assert_eq, proptest};
use snapbox::{Data, assert_data_eq, str};

use crate::emit::sample::{formation, shop};
use crate::emit::{Exported, Platform, Refusal, export};
use crate::formation::{ConfigItem, Formation, Port, StopSignal, Template};

fn exported(formation: &Formation) -> Exported {
    export(Platform::Dockerfile, &shop(formation)).unwrap()
}

/// The Dockerfile, the warnings, and what is not in it.
fn said(formation: &Formation) -> String {
    let Exported { files, unsaid, warnings } = exported(formation);
    let mut text = files[0].text.clone();
    text.extend(warnings.iter().map(|warning| format!("warning: {warning}\n")));
    text.extend(unsaid.iter().map(|unsaid| format!("unsaid: {unsaid}\n")));
    text
}

fn check(formation: &Formation, expected: impl Into<Data>) {
    assert_data_eq!(said(formation), expected.into());
}

#[test]
fn one_image_has_every_binary_and_runs_web() {
    let mut shop = formation(&["web", "worker: --queue 'a b'", "release: --yes"]);
    shop.processes[2].binary.name = "migrate".into();
    check(
        &shop,
        str![[r##"
# Emitted by `cargo formation export dockerfile` from Cargo.toml, to be changed there.
ARG RUST_VERSION=1
FROM rust:${RUST_VERSION}-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/src/target,sharing=locked /
    --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked /
    --mount=type=cache,target=/usr/local/cargo/git,sharing=locked /
    cargo build --locked --release --target-dir target --package shop --bin migrate --bin web --bin worker /
 && mkdir -p /out /
 && cp target/release/migrate target/release/web target/release/worker /out/

FROM gcr.io/distroless/cc-debian12:nonroot
WORKDIR /app
COPY --from=build /out/ /app/target/release/
ENV PATH=/app/target/release:$PATH
EXPOSE 8080
STOPSIGNAL SIGTERM
USER 65532:65532
CMD ["web"]
unsaid: what the image is called: `docker build --tag shop .`
unsaid: how `web` runs: `docker run --init --rm --env PORT=8080 shop web`
unsaid: how `worker` runs: `docker run --init --rm shop worker --queue 'a b'`
unsaid: how `release` runs: `docker run --init --rm shop migrate --yes`

"##]],
    );
}

#[test]
fn what_the_build_needs_is_said_to_cargo() {
    let mut formation = formation(&["worker", "admin"]);
    formation.processes[0].binary.package = "jobs".into();
    formation.processes[0].binary.required_features = vec!["queue".into()];
    formation.processes[1].binary.name = "worker-admin".into();
    formation.settings.features = vec!["shop/metrics".into()];
    formation.settings.no_default_features = true;
    formation.settings.image = Some("registry.example.com/shop".into());
    formation.processes[0].port = Port::Exact(9000);
    formation.processes[0].stop.signal = StopSignal::Int;
    check(
        &formation,
        str![[r##"
# Emitted by `cargo formation export dockerfile` from Cargo.toml, to be changed there.
ARG RUST_VERSION=1
FROM rust:${RUST_VERSION}-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/src/target,sharing=locked /
    --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked /
    --mount=type=cache,target=/usr/local/cargo/git,sharing=locked /
    cargo build --locked --release --target-dir target --package jobs --package shop --bin worker --bin worker-admin --features jobs/queue,shop/metrics --no-default-features /
 && mkdir -p /out /
 && cp target/release/worker target/release/worker-admin /out/

FROM gcr.io/distroless/cc-debian12:nonroot
WORKDIR /app
COPY --from=build /out/ /app/target/release/
ENV PATH=/app/target/release:$PATH
EXPOSE 9000
STOPSIGNAL SIGINT
USER 65532:65532
CMD ["worker"]
unsaid: what the image is called: `docker build --tag registry.example.com/shop .`
unsaid: how `worker` runs: `docker run --init --rm --env PORT=9000 registry.example.com/shop worker`
unsaid: how `admin` runs: `docker run --init --rm registry.example.com/shop worker-admin`

"##]],
    );
}

#[test]
fn what_an_image_cannot_do_is_told() {
    let mut formation = formation(&["web: --listen 0.0.0.0:$PORT", "worker"]);
    formation.processes[1].dir = Some("ui".into());
    let text = said(&formation);
    assert!(!text.contains("\nCMD"), "{text}");
    assert!(text.contains("warning: the image has no `CMD`: `web` uses `$PORT`"), "{text}");
    assert!(text.contains("no directory `ui`"), "{text}");
    let empty = Formation::default();
    let platform = Platform::Dockerfile;
    assert_eq!(export(platform, &shop(&empty)), Err(vec![Refusal::Empty { platform }]));
}

#[test]
fn an_image_has_a_command_only_where_somebody_runs_all_the_time() {
    let text = said(&formation(&["release"]));
    assert!(!text.contains("\nCMD") && !text.contains("STOPSIGNAL"), "{text}");
}

/// `formation` with what only the image knows.
fn with_wishes(mut formation: Formation, wishes: serde_json::Value) -> Formation {
    let settings = crate::formation::Platform { name: "dockerfile".into(), settings: wishes };
    formation.settings.platforms = vec![settings];
    formation
}

#[test]
fn what_only_the_image_knows_is_in_it() {
    let wishes = serde_json::json!({
        "rust": "1.95",
        "base": "debian:bookworm-slim",
        "build-packages": ["libpq-dev", "g++"],
        "include": ["ui/dist", "my styles"],
    });
    let mut formation = with_wishes(formation(&["web"]), wishes);
    formation.processes[0].dir = Some("ui/dist/de".into());
    let text = said(&formation);
    for line in [
        "ARG RUST_VERSION=1.95",
        " && apt-get install --yes --no-install-recommends libpq-dev g++ \\",
        "FROM debian:bookworm-slim",
        "COPY [\"ui/dist\",\"/app/ui/dist\"]",
        "COPY [\"my styles\",\"/app/my styles\"]",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert!(!text.contains("no directory"), "{text}");
}

#[test]
fn a_wish_that_cannot_be_is_refused_with_what_could() {
    let wishes = serde_json::json!({
        "rust": "1 95", "base": 1, "build-packages": ["a; b"], "include": ["../x"],
    });
    let refused = with_wishes(formation(&["web"]), wishes);
    let refusals = export(Platform::Dockerfile, &shop(&refused)).unwrap_err();
    assert_eq!(refusals.len(), 4, "{refusals:?}");
    let said = refusals[3].to_string();
    assert!(said.starts_with("`platform.dockerfile.include`: expected paths of"), "{said}");
    let unknown = with_wishes(formation(&["web"]), serde_json::json!({ "bsae": "x" }));
    let refusals = export(Platform::Dockerfile, &shop(&unknown)).unwrap_err();
    let said = refusals[0].to_string();
    assert_eq!(said, "`platform.dockerfile.bsae`: there is no such key; did you mean `base`?");
}

#[test]
fn what_every_container_has_is_in_the_image() {
    let env = serde_json::json!({ "HOST": "0.0.0.0", "GREETING": "say \"$HOME\"", "DIR": "C:\\" });
    let formation = with_wishes(formation(&["web"]), serde_json::json!({ "env": env }));
    let text = said(&formation);
    let lines = "ENV PATH=/app/target/release:$PATH\nENV HOST=\"0.0.0.0\"\n\
                 ENV GREETING=\"say \\\"\\$HOME\\\"\"\nENV DIR=\"C:\"\\\\\"\"\nEXPOSE 8080\n";
    assert!(text.contains(lines), "{text}");
}

#[test]
fn a_variable_that_no_image_should_have_is_refused_without_its_value() {
    let check = |name: &str, value: serde_json::Value, expected: &str| {
        let env = serde_json::json!({ "OTHER": "", name: value });
        let mut formation = with_wishes(formation(&["web"]), serde_json::json!({ "env": env }));
        let secret = ConfigItem {
            name: "KEY".into(),
            required: false,
            secret: true,
            default: None,
            description: None,
        };
        formation.settings.config = vec![secret];
        let refusals = export(Platform::Dockerfile, &shop(&formation)).unwrap_err();
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        let said = refusals[0].to_string();
        assert!(
            said.starts_with(&format!("`platform.dockerfile.env.{name}`: {expected}")),
            "{said}"
        );
        assert!(!said.contains("hunter2"), "{said}");
    };
    check("KEY", "hunter2".into(), "`config` calls it a secret");
    check("KEY", 1.into(), "`config` calls it a secret");
    check("PATH", "/bin".into(), "the image has its own");
    for name in ["PORT", "PORT_ADMIN", "PS", "FORMATION_WEB_URL"] {
        check(name, "1".into(), "it is another in each container");
    }
    for name in ["", "1A", "A B", "A-B", "É"] {
        check(name, "hunter2".into(), "the name of a variable is letters, digits");
    }
    check("A", 80.into(), "expected a text");
    check("A", "hunter2\nUSER 0".into(), "expected a text without control characters");
    let formation = with_wishes(formation(&["web"]), serde_json::json!({ "env": ["A=1"] }));
    let refusals = export(Platform::Dockerfile, &shop(&formation)).unwrap_err();
    let said = refusals[0].to_string();
    assert!(
        said.starts_with("`platform.dockerfile.env`: expected a table of variables, as"),
        "{said}"
    );
}

/// The value of an `ENV`, by the reference of the Dockerfile: `$` begins a variable unless it is
/// escaped, also in quotes. What readers do not agree on, two backslashes in quotes, is no value.
fn value(instruction: &str) -> Option<String> {
    let (mut value, mut quoted) = (String::new(), false);
    let mut rest = instruction.split_once('=')?.1.chars();
    while let Some(c) = rest.next() {
        match (c, quoted) {
            ('"', _) => quoted = !quoted,
            ('\\', true) => value.push(rest.next().filter(|next| ['"', '$'].contains(next))?),
            ('\\', false) => value.push(rest.next()?),
            ('$', _) | (' ' | '\'', false) => return None,
            (c, _) => value.push(c),
        }
    }
    // One at the end would make the next line a part of this.
    (!quoted && !instruction.ends_with('\\')).then_some(value)
}

proptest! {
    #[test]
    fn every_variable_has_its_value(text in r#"(\PC|[\\"'$ {}])*"#) {
        let env = serde_json::json!({ "env": { "A": &text, "B": "" } });
        let formation = with_wishes(formation(&["web"]), env);
        let dockerfile = exported(&formation).files[0].text.clone();
        let lines: Vec<&str> = dockerfile.split('\n').filter(|line| line.starts_with("ENV ")).collect();
        prop_assert_eq!(lines.len(), 3);
        prop_assert_eq!(value(lines[1]), Some(text));
        prop_assert_eq!(lines[2], "ENV B=\"\"");
    }

    /// A line of `CMD` is JSON, by the reference of the Dockerfile; nothing is expanded in it.
    #[test]
    fn every_argument_arrives_as_it_is(args: Vec<String>) {
        let mut formation = formation(&["web"]);
        formation.processes[0].args = args.iter().map(|arg| Template::literal(arg)).collect();
        let text = exported(&formation).files[0].text.clone();
        let lines: Vec<&str> = text.split('\n').filter(|line| line.starts_with("CMD ")).collect();
        let words: Vec<String> = serde_json::from_str(&lines[0][4..]).unwrap();
        prop_assert_eq!(&words[1..], &args[..]);
        prop_assert_eq!(lines.len(), 1);
    }
}
