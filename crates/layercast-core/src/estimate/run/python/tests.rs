//! What Python's tools leave, over a made-up index and build context.

use crate::facts::python::{PythonArchive, PythonFile, PythonProject, PythonVersion};
use crate::facts::{BuildContext, ContextFile, Facts, ImageConfig, ImageFact, ImageLayer};
use crate::image_ref::Platform;
use crate::packages::python::wheel::Archive;

/// A wheel of 1 MB with 0.8 MB in 100 modules; its list has 50 KB.
fn add(facts: &mut Facts, file: &str, requires: &[&str]) {
    let archive = Archive::parse(file).expect("the test's file is a wheel");
    let version = PythonVersion {
        version: archive.version.to_string(),
        files: vec![PythonFile { name: file.to_owned(), bytes: Some(300_000) }],
        ..PythonVersion::default()
    };
    let project = facts.python.projects.entry(archive.name).or_insert_with(|| PythonProject {
        source: "index.example".to_owned(),
        listing_bytes: 50_000,
        ..PythonProject::default()
    });
    project.versions.push(version);
    let inside = PythonArchive {
        bytes: 300_000,
        unpacked: 1_000_000,
        packed: 290_000,
        entries: 110,
        python: 800_000,
        python_packed: 200_000,
        python_entries: 100,
        python_paths: 3_000,
        requires: requires.iter().map(|one| (*one).to_owned()).collect(),
    };
    facts.python.archives.insert(file.to_owned(), inside);
}

/// An index with `app`, which needs `lib`; a context with a list, a project and a lock; python:3.11-slim with its
/// own Python, as the official images are.
fn facts() -> Facts {
    let mut facts = Facts::default();
    add(&mut facts, "app-2-py3-none-any.whl", &["lib>=1", "extra-thing ; extra == 'more'"]);
    add(&mut facts, "app-1-py3-none-any.whl", &[]);
    add(&mut facts, "lib-1-py3-none-any.whl", &[]);
    let file = |path: &str, text: &str| ContextFile {
        text: Some(text.to_owned()),
        ..ContextFile::new(path, text.len() as u64)
    };
    let files = vec![
        file("requirements.txt", "-r base.txt\n# nothing else\n"),
        file("base.txt", "app>=1\n"),
        file("limits.txt", "app<2\n"),
        file(
            "pyproject.toml",
            "[project]\nname = 'x'\ndependencies = ['app==1']\n[dependency-groups]\ndev = ['lib']\n",
        ),
        file(
            "uv.lock",
            "[[package]]\nname = 'x'\nsource = { virtual = '.' }\ndependencies = [{ name = 'app' }]\n\
             [package.dev-dependencies]\ndev = [{ name = 'lib' }]\n\
             [[package]]\nname = 'app'\nversion = '1'\nsource = { registry = 'x' }\n\
             [[package]]\nname = 'lib'\nversion = '1'\nsource = { registry = 'x' }\n",
        ),
    ];
    facts.context = Some(BuildContext { files, partial: false });
    facts.add_image(ImageFact {
        reference: "docker.io/library/python:3.11-slim".to_owned(),
        platform: Platform::linux_amd64(),
        digest: String::new(),
        as_of: String::new(),
        source: String::new(),
        config: ImageConfig {
            env: vec!["PATH=/usr/local/bin:/usr/bin".to_owned(), "PYTHON_VERSION=3.11.9".to_owned()],
            ..ImageConfig::default()
        },
        layers: vec![ImageLayer { digest: String::new(), download: 1, unpacked: Some(1), tar: None }],
    });
    facts
}

/// The parts that the steps after FROM write, each with its megabytes; then what is not known and what is noted.
#[track_caller]
fn check(steps: &str, expected: &[&str]) {
    check_with(&facts(), &format!("FROM python:3.11-slim\n{steps}"), expected);
}

#[track_caller]
fn check_with(facts: &Facts, dockerfile: &str, expected: &[&str]) {
    let report = crate::analyse(dockerfile, facts);
    let mut shown = Vec::new();
    for layer in report.layers.iter().filter(|layer| layer.line > 1) {
        for part in layer.parts.iter().filter(|part| part.unpacked.likely >= 5_000) {
            shown.push(format!("{:.2} {}{}", part.unpacked.likely as f64 / 1e6, part.path, part.name));
        }
        shown.extend(layer.unknown.iter().map(|unknown| format!("unknown: {unknown}")));
        shown.extend(layer.notes.iter().map(|note| format!("note: {note}")));
    }
    shown.sort();
    assert_eq!(shown, expected, "{dockerfile}");
}

const SITE: &str = "/usr/local/lib/python3.11";

#[test]
fn distributions_with_what_is_compiled_and_what_the_first_run_leaves() {
    check(
        "RUN pip install --no-cache-dir app",
        &[
            &format!("10.60 {SITE}/compiled standard library and pip"),
            &format!("2.06 {SITE}/site-packages/app/app 2"),
            &format!("2.06 {SITE}/site-packages/lib/lib 1"),
        ],
    );
    check(
        "ENV PYTHONDONTWRITEBYTECODE=1\nRUN pip install --no-cache-dir --no-compile --no-deps app",
        &[&format!("1.00 {SITE}/site-packages/app/app 2")],
    );
}

#[test]
fn the_cache_keeps_wheels_and_lists_unless_it_is_off_mounted_or_emptied() {
    let quiet = "ENV PYTHONDONTWRITEBYTECODE=1\n";
    let app = format!("1.00 {SITE}/site-packages/app/app 2");
    let app = app.as_str();
    check(
        &format!("{quiet}RUN pip install --no-compile --no-deps app"),
        &[
            "0.05 /root/.cache/pip/http/lists/applist of app in the cache",
            "0.30 /root/.cache/pip/http/app-2-py3-none-any.whlapp-2-py3-none-any.whl in the cache",
            app,
        ],
    );
    check(&format!("{quiet}ENV PIP_NO_CACHE_DIR=off\nRUN pip install --no-compile --no-deps app"), &[app]);
    check(
        &format!("{quiet}RUN --mount=type=cache,target=/root/.cache pip install --no-compile --no-deps app"),
        &[app],
    );
    check(&format!("{quiet}RUN pip install --no-compile --no-deps app && rm -rf /root/.cache"), &[app]);
}

#[test]
fn requirements_and_constraints_come_from_the_context() {
    let quiet = "ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1\nCOPY *.txt /x/\n";
    check(
        &format!("{quiet}RUN pip install --no-compile -r /x/requirements.txt -c /x/limits.txt"),
        &[&format!("1.00 {SITE}/site-packages/app/app 1")],
    );
    check(
        &format!("{quiet}WORKDIR /y\nRUN pip install -r other.txt"),
        &["unknown: what /y/other.txt asks for: give the build context by --context"],
    );
}

#[test]
fn what_is_installed_is_not_installed_again() {
    check(
        "ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1\nRUN pip install app==1\nRUN pip install app pip\nRUN pip install --upgrade app",
        &[
            &format!("1.00 {SITE}/site-packages/app/app 1"),
            &format!("1.00 {SITE}/site-packages/app/app 2"),
            &format!("1.00 {SITE}/site-packages/lib/lib 1"),
        ],
    );
}

#[test]
fn environments_are_followed_into_the_next_stage() {
    check(
        "RUN python -m venv /opt/venv && . /opt/venv/bin/activate && pip install --no-cache-dir --no-compile app==1\n\
         ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1\nRUN pip install --no-cache-dir --no-compile lib\n\
         FROM debian:12-slim\nCOPY --from=0 /opt/venv /opt/venv",
        &[
            "1.00 /opt/venv/lib/python3.11/site-packages/app/app 1",
            "1.00 /opt/venv/lib/python3.11/site-packages/app/app 1",
            "1.00 /opt/venv/lib/python3.11/site-packages/lib/lib 1",
            "1.00 /opt/venv/lib/python3.11/site-packages/lib/lib 1",
            &format!("10.60 {SITE}/compiled standard library and pip"),
            "21.80 /opt/venv/lib/python3.11/virtual environment",
            "21.80 /opt/venv/lib/python3.11/virtual environment",
        ],
    );
}

#[test]
fn other_folders() {
    let quiet = "ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1\n";
    check(&format!("{quiet}RUN pip install --target=/out lib"), &["1.00 /out/lib/lib 1"]);
    check(
        &format!("{quiet}RUN pip install --prefix /install lib"),
        &["1.00 /install/lib/python3.11/site-packages/lib/lib 1"],
    );
    check(
        &format!("{quiet}RUN pip install --user lib"),
        &["1.00 /root/.local/lib/python3.11/site-packages/lib/lib 1"],
    );
    check(
        &format!("{quiet}RUN pip wheel -w /wheels --no-deps app"),
        &["0.30 /wheels/app-2-py3-none-any.whlapp-2-py3-none-any.whl"],
    );
}

#[test]
fn a_project_by_its_lock() {
    let copy = "WORKDIR /app\nCOPY . .\nENV UV_NO_CACHE=1\n";
    let app = "1.00 /app/.venv/lib/python3.11/site-packages/app/app 1";
    let lib = "1.00 /app/.venv/lib/python3.11/site-packages/lib/lib 1";
    let environment = "0.01 /app/.venv/lib/python3.11/virtual environment";
    check(&format!("{copy}RUN uv sync --frozen"), &[environment, app, lib]);
    check(&format!("{copy}RUN uv sync --frozen --no-dev"), &[environment, app]);
    check(
        "WORKDIR /app\nCOPY pyproject.toml .\nRUN poetry config virtualenvs.create false && poetry install --only main --no-cache",
        &[&format!("1.00 {SITE}/site-packages/app/app 1")],
    );
}

#[test]
fn what_no_index_holds_is_said() {
    check(
        "ENV PYTHONDONTWRITEBYTECODE=1\nRUN pip install git+https://me:secret@a.example/x.git 'app @ https://a.example/app.whl'",
        &[
            "unknown: what app from https://a.example/app.whl writes: pin it",
            "unknown: what git+https://a.example/x.git writes: pin it",
        ],
    );
    check(
        "ENV PYTHONDONTWRITEBYTECODE=1\nRUN pip install \"app==$VERSION$(cat /nowhere)\" no-such-thing-anywhere",
        &[
            "note: `app==` is no requirement that pip could read",
            "unknown: what no-such-thing-anywhere writes: no index of Python distributions was asked, and the table inside does not have it",
            "unknown: what pip installs: part of its words is only known when the build runs",
        ],
    );
}

#[test]
fn a_python_of_packages_has_its_files_compiled() {
    check_with(
        &facts(),
        "FROM debian:12-slim\nRUN pip3 install --no-cache-dir --break-system-packages lib",
        &["2.06 /usr/local/lib/python3.11/dist-packages/lib/lib 1"],
    );
}
