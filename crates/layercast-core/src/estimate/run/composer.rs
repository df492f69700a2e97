//! PHP: composer install, and the extensions that PHP's images compile.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::Estimator;

const SOURCES: [f64; 3] = [0.15, 0.22, 0.35];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "composer" | "composer.phar" => composer,
        "docker-php-ext-install" => extensions,
        "docker-php-ext-configure" | "docker-php-ext-enable" | "docker-php-source" => nothing,
        "pecl" => pecl,
        _ => return None,
    })
}

fn nothing(_call: &Call, _machine: &mut Machine<'_>) -> Outcome {
    Outcome::done()
}

fn composer(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if !matches!(call.verb(), "install" | "update" | "require" | "create-project") {
        return Outcome::done();
    }
    let folder = machine.absolute(call.value(&["-d", "--working-dir"]).unwrap_or("."));
    let without_dev = call.has(&["--no-dev"]);
    let n = machine.text_of(&format!("{folder}/composer.lock")).map(|text| {
        let (packages, dev) = text.split_once("\"packages-dev\"").unwrap_or((&text, ""));
        let count = |text: &str| text.matches("\"dist\":").count() as u64;
        count(packages) + if without_dev { 0 } else { count(dev) }
    });
    let size = match n {
        Some(n) => Span::around(n * 550_000, 0.4, 2.5),
        None => Span { low: 1_000_000, likely: 30_000_000, high: 200_000_000 },
    };
    machine.write(Part::by_rule(
        "PHP packages",
        "packages of the lock file",
        format!("{folder}/vendor/"),
        size,
        SOURCES,
    ));
    let cache = format!("{}/.composer/cache", machine.home().trim_end_matches('/'));
    machine.write(Part::by_rule(
        "composer's cache",
        "composer's cache",
        format!("{cache}/"),
        size.scaled(0.25),
        [0.95, 1.0, 1.0],
    ));
    Outcome::done()
}

fn extensions(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    for name in call.operands(&["-j"]) {
        let size = Span { low: 50_000, likely: 500_000, high: 9_000_000 };
        machine.write(Part::by_rule(
            "PHP extensions",
            name,
            "/usr/local/lib/php/extensions/",
            size,
            [0.3, 0.4, 0.5],
        ));
    }
    Outcome::done()
}

fn pecl(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if call.verb() == "install" {
        for name in call.operands(&[]).iter().skip(1) {
            let size = Span { low: 200_000, likely: 2_500_000, high: 15_000_000 };
            machine.write(Part::by_rule(
                "PHP extensions",
                *name,
                "/usr/local/lib/php/extensions/",
                size,
                [0.3, 0.4, 0.5],
            ));
        }
    }
    Outcome::done()
}
