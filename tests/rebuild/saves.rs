//! The ways in which editors and people write files.

use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::shop::{Shop, source};

/// Saves in this style are a build each, and the new code runs.
#[track_caller]
fn check(save: impl Fn(&Path, &str)) {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    dev.knows_what_is_read(&shop);
    for own in 2..5 {
        save(&shop.path("web/src/main.rs"), &source("web", own));
        dev.settles("Rebuilt web, restarted web.1; worker unchanged");
        dev.says(&format!("web {own} 1 1"));
    }
    assert_eq!(shop.cargos("build"), 4, "{}", dev.tool.transcript());
    dev.end(&shop);
}

fn create(path: &Path, text: &str) {
    let mut file = File::options().write(true).create_new(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Save with a program that is told the new text on its standard input.
#[track_caller]
fn with_program(path: &Path, text: &str, command: &mut Command) {
    let mut child = command
        .current_dir(path.parent().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

/// Save with vim, or what understands its words.
fn vim(program: &str, path: &Path, text: &str, backup: &str) {
    if Command::new(program).arg("--version").stdout(Stdio::null()).status().is_err() {
        harness::skipped(&format!("there is no {program}"));
        return fs::write(path, text).unwrap();
    }
    let mut command = Command::new(program);
    command.args(["-u", "NONE", "-i", "NONE", "-es", "-c", backup, "-c"]);
    command.arg(format!("call setline(1, {:?})", text.trim_end()).replace("\\\"", "\\\""));
    command.args(["-c", "wq"]).arg(path);
    with_program(path, "", &mut command);
}

#[test]
fn in_place() {
    check(|path, text| fs::write(path, text).unwrap());
}

#[test]
fn as_vs_code() {
    check(|path, text| {
        let mut file = File::options().write(true).truncate(true).open(path).unwrap();
        let (first, second) = text.split_at(text.len() / 2);
        file.write_all(first.as_bytes()).unwrap();
        file.write_all(second.as_bytes()).unwrap();
    });
}

#[test]
fn vim_that_renames_to_a_backup() {
    check(|path, text| vim("vim", path, text, "set backup backupcopy=no"));
}

#[test]
fn vim_that_copies_to_a_backup() {
    check(|path, text| vim("vim", path, text, "set writebackup backupcopy=yes"));
}

#[test]
fn neovim_as_it_comes() {
    check(|path, text| vim("nvim", path, text, ""));
}

#[test]
fn neovim_that_renames_to_a_backup() {
    // Beside the file, not where it keeps its own.
    check(|path, text| vim("nvim", path, text, "set backup backupcopy=no backupdir=."));
}

#[test]
fn as_jetbrains() {
    check(|path, text| {
        let new = path.with_file_name("main.rs___jb_tmp___");
        let old = path.with_file_name("main.rs___jb_old___");
        create(&new, text);
        fs::rename(path, &old).unwrap();
        fs::rename(&new, path).unwrap();
        fs::remove_file(&old).unwrap();
    });
}

#[test]
fn sed_in_place() {
    check(|path, text| {
        // A source is one line.
        let script = format!("c\\\n{}", text.trim_end());
        with_program(path, "", Command::new("sed").arg("-i").arg(script).arg(path));
    });
}

#[test]
fn a_module_in_new_directories_that_was_declared_before() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let main = source("web", 2)
        .replace("\"web 2 ", "\"web {} ")
        .replace(", shared::of_all()", ", a::b::OWN, shared::of_all()");
    shop.workspace.write("web/src/main.rs", &format!("mod a;\n{main}"));
    dev.tool.wait_for("file not found for module");
    fs::create_dir_all(shop.path("web/src/a/b")).unwrap();
    shop.workspace.write("web/src/a/b/mod.rs", "pub const OWN: u32 = 7;\n");
    shop.workspace.write("web/src/a/mod.rs", "pub mod b;\n");
    dev.says("web 7 1 1");
    shop.workspace.write("web/src/a/b/mod.rs", "pub const OWN: u32 = 8;\n");
    dev.says("web 8 1 1");
    dev.end(&shop);
}

#[test]
fn a_directory_of_modules_goes_away_and_comes_back() {
    let shop = Shop::new();
    shop.workspace.write("web/src/main.rs", &format!("mod a;\n{}", source("web", 1)));
    shop.workspace.write("web/src/a/mod.rs", "mod b;\n");
    shop.workspace.write("web/src/a/b.rs", "");
    let dev = shop.dev(&[]);
    let aside = shop.workspace.beside("aside");
    fs::rename(shop.path("web/src/a"), &aside).unwrap();
    dev.tool.wait_for("file not found for module");
    fs::rename(&aside, shop.path("web/src/a")).unwrap();
    dev.settles("Up to date; web, worker unchanged");
    assert_eq!(dev.starts("web"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn an_older_file_that_takes_the_place_of_a_newer_one_is_built() {
    let shop = Shop::new();
    let dev = shop.dev(&[]);
    let main = shop.path("web/src/main.rs");
    let old = shop.workspace.beside("old.rs");
    fs::write(&old, source("web", 2)).unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let times = FileTimes::new().set_modified(long_ago);
    File::options().write(true).open(&old).unwrap().set_times(times).unwrap();
    fs::rename(&old, &main).unwrap();
    dev.says("web 2 1 1");
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    let touched = dev.tool.wait_for("Touched ").text();
    assert!(touched.contains("web/src/main.rs"), "{touched}");
    assert_eq!(dev.tool.count("Touched"), 1, "{}", dev.tool.transcript());
    dev.end(&shop);
}

#[test]
fn a_module_that_comes_back_as_old_as_it_was_is_built() {
    let shop = Shop::new();
    let module = shop.path("web/src/own.rs");
    let main = source("web", 1)
        .replace("\"web 1 ", "\"web {} ")
        .replace(", shared::of_all()", ", own::OWN, shared::of_all()");
    shop.workspace.write("web/src/own.rs", "pub const OWN: u32 = 1;\n");
    shop.workspace.write("web/src/main.rs", &format!("mod own;\n{main}"));
    let dev = shop.dev(&[]);
    let aside = shop.workspace.beside("own.rs");
    fs::copy(&module, &aside).unwrap();
    let times = FileTimes::new().set_modified(fs::metadata(&module).unwrap().modified().unwrap());
    File::options().write(true).open(&aside).unwrap().set_times(times).unwrap();
    fs::write(&module, "pub const OWN: u32 = 2;\n").unwrap();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.says("web 2 1 1");
    fs::rename(&aside, &module).unwrap();
    dev.settles("Rebuilt web, restarted web.1; worker unchanged");
    dev.tool.wait_for_nth(2, "| web 1 1 1 in process ");
    dev.end(&shop);
}
