//! How a new workspace is deployed, for its README and its CI: the commands that the files of the
//! platforms have no words for, in their order.

use std::path::Path;

use super::workspace::Design;
use super::{Database, Kind};
use crate::emit::{Exported, Platform};

/// What is done, and the command that does it.
type Step = (String, String);

/// The platforms that a workspace is exported to, an image above all; each once.
fn platforms(design: &Design) -> impl Iterator<Item = Platform> {
    let asked = design.deploy.iter().copied().filter(|asked| *asked != Platform::Dockerfile);
    std::iter::once(Platform::Dockerfile).chain(asked)
}

/// The commands that bring the files up to date.
pub(super) fn exports(design: &Design) -> String {
    let export = |platform: Platform| {
        let directory = platform.directory();
        let directory = if directory == Path::new("") { Path::new(".") } else { directory };
        let word = platform.word();
        format!("cargo formation export {word} --output {}\n", directory.display())
    };
    platforms(design).map(export).collect()
}

/// The steps of the CI that look whether they are.
pub(super) fn checks(design: &Design) -> String {
    let check = |platform: Platform| {
        format!("      - run: cargo formation export {} --check\n", platform.word())
    };
    platforms(design).map(check).collect()
}

/// A section for each platform, behind what has to be known for several.
pub(super) fn sections(design: &Design, exported: &[(Platform, Exported)]) -> String {
    let section = |(platform, exported): &(Platform, Exported)| {
        let unsaid = exported.unsaid.iter();
        let unsaid = unsaid.map(|unsaid| (unsaid.what.clone(), unsaid.command.clone()));
        let steps: Vec<Step> =
            before(design, *platform).into_iter().chain(unsaid).chain(after(*platform)).collect();
        let lines: Vec<String> =
            steps.iter().map(|(what, how)| format!("# {what}\n{how}\n")).collect();
        format!("\n### {}\n\n```sh\n{}```\n", title(*platform), lines.concat())
    };
    let file = if losing(design).is_empty() { "" } else { FILE };
    std::iter::once(file.to_owned()).chain(exported.iter().map(section)).collect()
}

/// What has to be known where the state is a file.
const FILE: &str = "
Containers share no files, and SQLite is one: all of them need one volume, and its place in `DATABASE_URL`,
or the service another database.
";

/// The platforms asked for whose containers would not share what the service stores.
pub(super) fn losing(design: &Design) -> Vec<Platform> {
    let is_file = design.database == Some(Database::Sqlite);
    let asked = design.deploy.iter().copied();
    asked.filter(|platform| is_file && *platform != Platform::Systemd).collect()
}

/// What a platform is called.
fn title(platform: Platform) -> &'static str {
    match platform {
        Platform::Dockerfile => "An image",
        Platform::Systemd => "systemd",
        Platform::Compose => "Compose",
        Platform::AppJson => "Heroku",
        Platform::Dokku => "Dokku",
        Platform::Fly => "Fly",
        Platform::Kubernetes => "Kubernetes",
    }
}

/// What comes before an export can be used, as the pages of `docs/deploy` have it.
fn before(design: &Design, platform: Platform) -> Vec<Step> {
    let name = design.name.as_str();
    let step = |what: &str, how: String| (what.to_owned(), how);
    match platform {
        Platform::AppJson => {
            let create = format!("heroku create {name} --buildpack emk/rust");
            let mut steps = vec![step("the app, once", create)];
            if design.kinds.contains(&Kind::Web) {
                let open = "heroku config:set HOST=0.0.0.0".to_owned();
                steps.push(step("that `web` is reached", open));
            }
            steps.push(step("the code, each time", "git push heroku main".to_owned()));
            steps
        }
        Platform::Fly => {
            let launch = "fly launch --no-deploy --copy-config".to_owned();
            vec![step("the name and the region, once", launch)]
        }
        Platform::Kubernetes => {
            let push = format!("docker build --tag {name} . && docker push {name}");
            let what = "the image, of which `image` in the settings says from where it is pulled";
            vec![step(what, push)]
        }
        Platform::Dockerfile | Platform::Systemd | Platform::Compose | Platform::Dokku => {
            Vec::new()
        }
    }
}

/// What comes last.
fn after(platform: Platform) -> Option<Step> {
    let push = ("the code, each time".to_owned(), "git push dokku main".to_owned());
    (platform == Platform::Dokku).then_some(push)
}
