//! `cargo xtask test`: everything that a change must pass, what fails soonest first.

use super::build;
use crate::lab::{Bases, Lab};
use crate::program::Program;
use crate::project::{cargo, root};
use crate::stamp::Stamp;
use crate::step::Failed;
use crate::tally::{Counts, Tally};
use crate::tools::{self, WASM};
use crate::{budget, system};
use std::path::PathBuf;
use std::time::Instant;

pub(crate) fn run() -> Result<(), Failed> {
    let start = Instant::now();
    let mut tally = Tally::default();
    tally.check("formatting", || cargo(["fmt", "--all", "--check"]).run());
    // Elsewhere than on Debian as root this installs nothing: what is missing is named where it is needed.
    tally.check("programs of the system", system::install);
    clippy(&mut tally);
    // A lab that was up before stays up.
    let lab = Lab::of_this_project();
    let was_up = lab.is_up();
    let lab = lab_up(&mut tally, &lab).then_some(lab);
    native_tests(&mut tally, lab.as_ref());
    let built = tally.check("build: page and companion", build::run);
    if built {
        tally.check("first load within its budget", budget::check);
    } else {
        tally.not_run("first load within its budget", "the build failed");
    }
    browser_tests(&mut tally, built);
    end_to_end_tests(&mut tally, built, lab.as_ref());
    if let Some(lab) = lab.filter(|_| !was_up) {
        tally.check("lab: nothing is left behind", || lab.down());
    }

    println!("\n{tally}");
    println!("in {:.0} s", start.elapsed().as_secs_f64());
    verdict(&tally)
}

fn clippy(tally: &mut Tally) {
    tally.check("clippy, native", || {
        cargo(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]).run()
    });
    // Unit tests are native; on wasm32 there are those of tests/browser alone.
    let page: &[&str] = &["--package", "layercast", "--lib", "--bins", "--test", "browser"];
    for args in [&["--package", "layercast-core", "--lib"], page] {
        let work = || {
            if !tools::has_wasm_target() {
                tools::add_wasm_target()?;
            }
            cargo(["clippy", "--target", WASM, "--locked"]).args(args).args(["--", "-D", "warnings"]).run()
        };
        tally.check(&format!("clippy, wasm32: {}", args[1]), work);
    }
}

/// Brings up the lab for the tests that build for real; none where it cannot be.
fn lab_up(tally: &mut Tally, lab: &Lab) -> bool {
    let title = "lab: a Docker with base images";
    match Lab::why_not() {
        Some(why) => {
            tally.not_run(title, &why);
            false
        }
        None if !lab.is_up() && Lab::is_forbidden() => {
            // Nothing that could be installed would help: the tests that build say so too, one by one.
            println!("-> {title}\n   LEFT OUT: this machine lets nobody mount, so nothing is built for real");
            false
        }
        None => tally.check(title, || lab.up(Bases::Plain)),
    }
}

fn native_tests(tally: &mut Tally, lab: Option<&Lab>) {
    tally.tests("native tests", || {
        let tests = cargo(["test", "--workspace", "--locked", "--no-fail-fast"]);
        let tests = if let Some(lab) = lab { tests.env("LAYERCAST_LAB", lab.folder()) } else { tests };
        tests.run_and_read()
    });
}

/// The tests of `tests/browser`, compiled to wasm32, in a headless browser.
fn browser_tests(tally: &mut Tally, built: bool) {
    let title = "browser tests";
    if let Some(why) = why_not(built, &["chromium", "chromedriver"]) {
        return tally.not_run(title, &why);
    }
    tally.tests(title, || {
        cargo(["test", "--package", "layercast", "--target", WASM, "--test", "browser", "--locked"])
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", tools::wasm_bindgen_test_runner())
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", root().join("tests/browser/webdriver.json"))
            .env("CHROMEDRIVER", system::chromedriver().unwrap_or_default())
            .run_and_read()
    });
}

/// The tests of `tests/e2e`: the built program, the built page, a real registry, a real browser.
fn end_to_end_tests(tally: &mut Tally, built: bool, lab: Option<&Lab>) {
    let title = "end-to-end tests";
    if let Some(why) = why_not(built, &["chromium", "docker-registry", "node", "npm"]) {
        return tally.not_run(title, &why);
    }
    tally.tests(title, || {
        if let Err(failed) = install_node_packages() {
            return (String::new(), Err(failed));
        }
        let tests = Program::new("node");
        let tests = if let Some(lab) = lab { tests.env("LAYERCAST_LAB", lab.folder()) } else { tests };
        tests
            .args(["--test", "--test-reporter=spec"])
            .folder(end_to_end_folder())
            .env("CHROMIUM", system::chromium().unwrap_or_default())
            .run_and_read()
    });
}

fn why_not(built: bool, programs: &[&str]) -> Option<String> {
    if built { system::missing(programs) } else { Some("the build failed".to_owned()) }
}

fn install_node_packages() -> Result<(), Failed> {
    let stamp = Stamp::new(
        "node-packages",
        &["tests/e2e/package.json", "tests/e2e/package-lock.json"],
        &[],
        &["tests/e2e/node_modules/.package-lock.json"],
    );
    if stamp.holds() {
        return Ok(());
    }
    Program::new("npm").args(["ci"]).folder(end_to_end_folder()).run()?;
    stamp.press()
}

fn end_to_end_folder() -> PathBuf {
    root().join("tests/e2e")
}

/// Prints the closing line. What did not run is a failure where nobody is there to read that it did not.
fn verdict(tally: &Tally) -> Result<(), Failed> {
    let Counts { passed, failed } = tally.total();
    let n_not_run = tally.n_not_run();
    let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true" || value == "1");
    let outcome = match (failed, n_not_run) {
        (0, 0) => Ok(()),
        (0, _) if !in_ci => Ok(()),
        (0, _) => Err(Failed(format!("{n_not_run} steps did not run"))),
        _ => Err(Failed(format!("{failed} failed"))),
    };
    match n_not_run {
        0 => println!("{passed} passed, {failed} failed"),
        _ => println!("{passed} passed, {failed} failed, {n_not_run} skipped"),
    }
    outcome
}
