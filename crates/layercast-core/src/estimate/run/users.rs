//! Accounts: the files that useradd, adduser and their like write anew, and a new user's folder.

use super::super::Basis;
use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::{Part, Span};
use super::super::system::Distribution;
use super::super::tree::FileContent;
use super::Estimator;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "useradd" | "adduser" => add_user,
        "groupadd" | "addgroup" | "usermod" | "groupmod" | "gpasswd" | "chpasswd" | "passwd" | "userdel"
        | "deluser" | "groupdel" | "delgroup" | "chsh" => change_account,
        _ => return None,
    })
}

/// passwd, group, shadow, gshadow, subuid and subgid, each with its backup: measured on Debian's small images.
fn change_account(_call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let unpacked = Span { low: 1_000, likely: 4_400, high: 9_000 };
    machine.write(Part {
        name: "account files".to_owned(),
        path: "/etc/".to_owned(),
        unpacked,
        download: unpacked.scaled(0.25),
        basis: Basis::Heuristic { name: "account files".to_owned() },
    });
    Outcome::done()
}

fn add_user(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let outcome = change_account(call, machine);
    let is_debian = matches!(
        machine.state.system.distribution,
        Some(Distribution::Debian { .. } | Distribution::Ubuntu { .. })
    );
    let is_system = call.has(&["-r", "--system", "-S"]);
    let makes_home = match call.program.as_str() {
        "adduser" => !call.has(&["--no-create-home", "-H"]) && !is_system,
        _ => call.has(&["-m", "--create-home"]),
    };
    let with_value = [
        "-u",
        "--uid",
        "-g",
        "--gid",
        "-G",
        "--groups",
        "-d",
        "--home-dir",
        "--home",
        "-s",
        "--shell",
        "-c",
        "--comment",
        "--gecos",
        "-p",
        "--password",
        "-k",
        "--skel",
        "-K",
        "-b",
        "--ingroup",
        "-h",
        "-D",
    ];
    if let (true, Some(user)) = (makes_home, call.operands(&with_value).first()) {
        let home = call
            .value(&["-d", "--home-dir", "--home"])
            .map_or_else(|| format!("/home/{user}"), str::to_owned);
        let home = machine.absolute(&home);
        machine.make_folder(&home);
        // Debian's /etc/skel.
        let skeleton: &[(&str, u64)] =
            if is_debian { &[(".bash_logout", 220), (".bashrc", 3_526), (".profile", 807)] } else { &[] };
        for (name, bytes) in skeleton {
            machine.write_file(&format!("{home}/{name}"), *bytes, FileContent::ByName);
        }
    }
    outcome
}
