//! Python: what pip installs, in a virtual environment that is carried over to a base without compilers.

use super::Declined;
use super::base;
use super::call::{Call, base_name};
use super::draft::{Base, Draft};
use super::packages;
use super::place::{self, Place, Places, Sources, Tools};
use super::single_stage::SingleStage;
use crate::dockerfile::Instruction;
use crate::estimate::system::Distribution;
use crate::graph::scope::join_path;
use crate::syntax::expansion::Variables;

/// Where the virtual environment is put where the file has none.
const ENVIRONMENT: &str = "/opt/venv";

/// Tools that install packages and are not needed once they have.
const INSTALLERS: [&str; 5] = ["poetry", "uv", "pip-tools", "pdm", "hatch"];

/// Distributions that load a library of the system, which the full image has: in bookworm, in trixie.
const LIBRARIES: [(&str, [&str; 2]); 9] = [
    ("psycopg2", ["libpq5", "libpq5"]),
    ("psycopg", ["libpq5", "libpq5"]),
    ("mysqlclient", ["libmariadb3", "libmariadb3"]),
    ("pyodbc", ["unixodbc", "unixodbc"]),
    ("python-magic", ["libmagic1", "libmagic1t64"]),
    ("python-ldap", ["libldap-2.5-0", "libldap2"]),
    ("pycurl", ["libcurl4", "libcurl4t64"]),
    ("cairosvg", ["libcairo2", "libcairo2"]),
    ("pycairo", ["libcairo2", "libcairo2"]),
];

pub(super) fn draft<'s>(stage: &'s SingleStage<'s>) -> Result<Draft<'s>, Declined> {
    refuse_unknown_ways(stage)?;
    let distribution = base::distribution(stage);
    let base = slim(stage)?;
    let is_same = base.image == stage.from.base.text;
    let environment = Environment::of(stage);
    let is_in_environment = |path: &str| place::lies_in(path, &environment.folder);
    let tools = Tools {
        is_build: &is_build,
        is_source: &|source, to| is_list(source) && comes_later(stage, to),
        is_carried: &is_in_environment,
        sources: Sources::Ship,
    };
    let places = place::places(stage, distribution.as_ref(), &tools)?;
    if !is_same {
        refuse_missing_programs(stage, &places)?;
    } else if !places.leaves_packages {
        return Err(Declined::at(
            stage.line(),
            "the base is small already, and no tools of the build are left in it",
        ));
    }
    let first = stage
        .steps
        .iter()
        .position(|step| step.calls.iter().any(|call| is_install(call) && !installs_tools(call)));
    let Some(first) = first else {
        return Err(Declined::at(stage.line(), "no line installs what the program needs"));
    };
    let installs_as = stage.steps[first].user().filter(|_| !environment.is_own);
    if installs_as.is_some() {
        return Err(Declined::at(
            stage.steps[first].line,
            "packages are installed by another user than root, whose folder they lie in",
        )
        .advice("Put USER below the installation"));
    }
    let mut draft = Draft::new(stage, base);
    for (at, step) in stage.steps.iter().enumerate() {
        if at == first && !environment.is_own {
            environment.make(&mut draft);
        }
        draft.put(step, &places.places[at]);
        if at == places.last_build {
            if !is_same {
                install_libraries(stage, &places, distribution.as_ref(), &mut draft);
            }
            let (folder, reason) = (
                &environment.folder,
                "what pip installed ships; pip's cache, compilers and headers stay behind",
            );
            draft.carry(step, folder, folder, reason);
            if !environment.is_own {
                let env = draft.keyword("ENV");
                draft.add_to_last(
                    format!("{env} PATH=\"{folder}/bin:$PATH\""),
                    "python and the programs of the packages are found there first",
                );
            }
        }
    }
    if !is_same && stage.context_text("requirements.txt").is_none() {
        draft.need("Does a package load a library of the system, as psycopg2 and mysqlclient do? The full base has it, the small one has not: install it there");
    }
    place::say_needs(stage, &places, &mut draft);
    Ok(draft)
}

/// The virtual environment that packages are installed into.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Environment {
    folder: String,
    /// True where the file itself makes it.
    is_own: bool,
}

impl Environment {
    fn of(stage: &SingleStage<'_>) -> Self {
        for step in &stage.steps {
            for call in &step.calls {
                let operands = call.operands();
                let made = match (call.program.as_str(), &operands[..]) {
                    ("venv" | "virtualenv", [.., folder]) => Some(call.absolute(folder)),
                    ("uv", ["venv", folder, ..]) => Some(call.absolute(folder)),
                    ("uv", ["venv"]) => Some(call.absolute(".venv")),
                    ("uv", ["sync", ..]) => {
                        let named = step.scope.value("UV_PROJECT_ENVIRONMENT").unwrap_or(".venv");
                        Some(call.absolute(named))
                    }
                    _ => None,
                };
                if let Some(folder) = made {
                    return Self { folder, is_own: true };
                }
            }
        }
        Self { folder: ENVIRONMENT.to_owned(), is_own: false }
    }

    fn make(&self, draft: &mut Draft<'_>) {
        let folder = &self.folder;
        let (run, env) = (draft.keyword("RUN"), draft.keyword("ENV"));
        draft.add_to_build(
            format!("{run} python -m venv {folder}"),
            "a virtual environment is one folder, which can be carried over whole",
        );
        draft.add_to_build(
            format!("{env} VIRTUAL_ENV={folder} PATH=\"{folder}/bin:$PATH\""),
            "pip installs into it from here on",
        );
    }
}

/// Ways to install of which it is not plain where they put things.
fn refuse_unknown_ways(stage: &SingleStage<'_>) -> Result<(), Declined> {
    if stage.base_name() != "python" {
        return Err(Declined::at(stage.line(), "which small image goes with this base is not known here")
            .advice("The assistant knows the official images of Python"));
    }
    for step in &stage.steps {
        for call in step.calls.iter().filter(|call| is_install(call)) {
            let elsewhere = ["--user", "--target", "-t", "--prefix", "--root", "--system"];
            let is_elsewhere =
                call.arguments.iter().any(|word| elsewhere.contains(&word.split('=').next().unwrap_or(word)));
            if is_elsewhere || matches!(call.program.as_str(), "pipenv" | "conda" | "mamba" | "micromamba") {
                let reason = format!(
                    "`{}` puts packages in a place of its own, which the assistant does not part",
                    call.said()
                );
                return Err(
                    Declined::at(step.line, reason).advice("Install by pip into a virtual environment")
                );
            }
        }
    }
    let program = base_name(stage.command.program());
    if matches!(program, "poetry" | "pipenv" | "uv" | "pdm" | "hatch") {
        let reason = format!("`{program}` starts the program, so it has to ship with it");
        return Err(Declined::at(stage.command.line, reason).advice("Let CMD name the program itself"));
    }
    let fixed = stage
        .command
        .words
        .iter()
        .find(|word| word.starts_with("/usr/local/") || word.starts_with("/root/.local/"));
    match fixed {
        Some(word) => Err(Declined::at(
            stage.command.line,
            format!("the command names `{word}`, and in a virtual environment it lies elsewhere"),
        )
        .advice("Name the program alone")),
        None => Ok(()),
    }
}

/// The same version without compilers; the same image where it is small already.
fn slim(stage: &SingleStage<'_>) -> Result<Base, Declined> {
    let written = stage.from.base.text.split('@').next().unwrap_or_default();
    let tag = stage.tag();
    if tag.starts_with("2") {
        return Err(Declined::at(stage.line(), "Python 2 has no virtual environments of its own"));
    }
    if tag.contains("slim") || tag.contains("alpine") {
        return Ok(Base {
            image: stage.from.base.text.clone(),
            reason: "the same image again, without the tools of the build".to_owned(),
        });
    }
    if tag.contains("windows") {
        return Err(Declined::at(stage.line(), "the assistant does not know Windows images"));
    }
    let name_end = written.rfind('/').map_or(0, |slash| slash + 1);
    let release =
        ["trixie", "bookworm", "bullseye", "buster"].into_iter().find(|release| tag.ends_with(release));
    let image = match (written[name_end..].contains(':'), release) {
        (false, _) => format!("{written}:slim"),
        (true, Some(release)) if written.ends_with(release) => {
            written.replacen(&format!("-{release}"), &format!("-slim-{release}"), 1)
        }
        (true, Some(_)) => {
            return Err(Declined::at(
                stage.line(),
                "the base's tag is a build argument, and which small image goes with each value is not plain",
            ));
        }
        (true, None) if tag == "latest" => written.replace(":latest", ":slim"),
        (true, None) => format!("{written}-slim"),
    };
    Ok(Base { image, reason: "the same Python on the same Debian, without compilers and headers".to_owned() })
}

/// What the full image has and the slim one has not.
fn refuse_missing_programs(stage: &SingleStage<'_>, places: &Places) -> Result<(), Declined> {
    const MISSING: [&str; 7] = ["curl", "wget", "git", "gcc", "g++", "make", "svn"];
    let is_installed = |program: &str| {
        let calls = stage.steps.iter().flat_map(|step| &step.calls).filter_map(packages::installation);
        calls.into_iter().any(|it| it.packages.iter().any(|package| packages::bare_name(package) == program))
    };
    let decline = |line: usize, program: &str| {
        let reason =
            format!("{program} is called where the small base stands in, and only the full one has it");
        Err(Declined::at(line, reason).advice(format!("Install {program} by name, or do without it")))
    };
    if let Some(program) =
        MISSING.into_iter().find(|program| stage.command.names(program) && !is_installed(program))
    {
        return decline(stage.command.line, program);
    }
    for (at, step) in stage.steps.iter().enumerate() {
        let ships = matches!(places.places[at], Place::Last | Place::Both);
        let missing = step.calls.iter().find(|call| MISSING.contains(&call.program.as_str()));
        if let (true, Some(call)) = (ships, missing) {
            return decline(step.line, &call.program);
        }
    }
    Ok(())
}

/// Libraries that the lists of packages speak of.
fn install_libraries(
    stage: &SingleStage<'_>,
    places: &Places,
    distribution: Option<&Distribution>,
    draft: &mut Draft<'_>,
) {
    let column = match distribution {
        Some(Distribution::Debian { release, .. }) if release == "trixie" => 1,
        _ => 0,
    };
    let text = stage.context_text("requirements.txt").unwrap_or_default().to_ascii_lowercase();
    let names: Vec<&str> = text
        .lines()
        .map(|line| {
            line.trim()
                .split(|end: char| !end.is_ascii_alphanumeric() && !"-_.".contains(end))
                .next()
                .unwrap_or_default()
        })
        .collect();
    let is_there = |library: &str| {
        places.places.iter().any(|place| match place {
            Place::Packages(installation) => installation.packages.iter().any(|own| own == library),
            _ => false,
        })
    };
    let wanted =
        LIBRARIES.iter().filter(|(name, libraries)| names.contains(name) && !is_there(libraries[column]));
    let mut libraries: Vec<String> =
        wanted.clone().map(|(_, libraries)| libraries[column].to_owned()).collect();
    libraries.dedup();
    if !libraries.is_empty() {
        let names: Vec<&str> = wanted.map(|(name, _)| *name).collect();
        let text = packages::install_line(&draft.keyword("RUN"), "apt-get", &libraries);
        draft.add_to_last(text, format!("{} was compiled against it and loads it when it runs; the full base has it, the small one has not", names.join(", ")));
    }
}

/// True where what lies at `path` is copied again below, with the rest of the project.
fn comes_later(stage: &SingleStage<'_>, path: &str) -> bool {
    stage.steps.iter().any(|step| match step.instruction {
        Instruction::Copy(copy) | Instruction::Add(copy) => {
            let to = join_path(&step.scope.workdir, &copy.destination.text);
            copy.sources.iter().any(|source| place::is_whole_context(&source.text))
                && place::lies_in(path, &to)
        }
        _ => false,
    })
}

pub(super) fn is_install(call: &Call) -> bool {
    match call.program.as_str() {
        "pip" | "pip3" | "poetry" | "pipenv" | "conda" | "mamba" | "micromamba" | "pdm" => {
            matches!(call.verb(), "install" | "sync")
        }
        "uv" => matches!(call.operands()[..], ["sync", ..] | ["pip", "install" | "sync", ..]),
        program => program.starts_with("pip3.") && call.verb() == "install",
    }
}

/// True where nothing but tools that install is installed.
fn installs_tools(call: &Call) -> bool {
    let names: Vec<&str> = call.operands().into_iter().skip(1).collect();
    let is_tool =
        |name: &&str| INSTALLERS.contains(&name.split(['=', '<', '>', '~', '[', '!']).next().unwrap_or(name));
    call.program.starts_with("pip")
        && !names.is_empty()
        && !call.has(&["-r", "--requirement"])
        && names.iter().all(is_tool)
}

fn is_build(call: &Call) -> bool {
    is_install(call)
        || call.program.starts_with("pip")
        || matches!(
            call.program.as_str(),
            "venv"
                | "virtualenv"
                | "ensurepip"
                | "poetry"
                | "uv"
                | "pdm"
                | "pip-compile"
                | "pip-sync"
                | "python-m-venv"
        )
}

/// Lists of packages: an installation reads these.
fn is_list(source: &str) -> bool {
    let name = place::source_name(source);
    let starts = [
        "requirements",
        "constraints",
        "pyproject",
        "poetry.lock",
        "uv.lock",
        "pdm.lock",
        "setup.",
        "Pipfile",
    ];
    starts.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use crate::rewrite::tests::{check, check_declined, check_with, context};
    use expect_test::expect;

    #[test]
    fn packages_are_carried_over_in_a_virtual_environment() {
        check_with(
            r#"FROM python:3.12
ENV PYTHONUNBUFFERED=1
WORKDIR /app
RUN apt-get update && apt-get install -y gcc libpq-dev gettext
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
RUN python manage.py collectstatic --noinput
EXPOSE 8000
CMD ["gunicorn", "config.wsgi"]
"#,
            &context(&[("requirements.txt", "Django==5.0\nmysqlclient>=2\ngunicorn\n")]),
            expect![[r#"
                FROM python:3.12 AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                ENV PYTHONUNBUFFERED=1
                WORKDIR /app
                RUN apt-get update && apt-get install -y gcc libpq-dev gettext
                COPY requirements.txt .
                RUN python -m venv /opt/venv
                    ^ 6: a virtual environment is one folder, which can be carried over whole
                ENV VIRTUAL_ENV=/opt/venv PATH="/opt/venv/bin:$PATH"
                    ^ 7: pip installs into it from here on
                RUN pip install --no-cache-dir -r requirements.txt

                FROM python:3.12-slim
                    ^ 10: the same Python on the same Debian, without compilers and headers
                ENV PYTHONUNBUFFERED=1
                WORKDIR /app
                RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
                    ^ 13: of these packages the program may need something when it runs; the tools of the build stay behind
                RUN apt-get update && apt-get install -y --no-install-recommends libmariadb3 && rm -rf /var/lib/apt/lists/*
                    ^ 14: mysqlclient was compiled against it and loads it when it runs; the full base has it, the small one has not
                COPY --from=build /opt/venv /opt/venv
                    ^ 15: what pip installed ships; pip's cache, compilers and headers stay behind
                ENV PATH="/opt/venv/bin:$PATH"
                    ^ 16: python and the programs of the packages are found there first
                COPY . .
                RUN python manage.py collectstatic --noinput
                EXPOSE 8000
                CMD ["gunicorn", "config.wsgi"]
                = 1173 to 167 MB: 85 %
            "#]],
        );
    }

    #[test]
    fn the_tool_that_installs_stays_behind() {
        check(
            r#"FROM python:3.11-bookworm
RUN pip install poetry==1.8
WORKDIR /srv
COPY pyproject.toml poetry.lock ./
RUN poetry install --only main --no-root
COPY app ./app
CMD uvicorn app:main
"#,
            expect![[r#"
                FROM python:3.11-bookworm AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                RUN pip install poetry==1.8
                WORKDIR /srv
                COPY pyproject.toml poetry.lock ./
                RUN python -m venv /opt/venv
                    ^ 5: a virtual environment is one folder, which can be carried over whole
                ENV VIRTUAL_ENV=/opt/venv PATH="/opt/venv/bin:$PATH"
                    ^ 6: pip installs into it from here on
                RUN poetry install --only main --no-root

                FROM python:3.11-slim-bookworm
                    ^ 9: the same Python on the same Debian, without compilers and headers
                WORKDIR /srv
                COPY pyproject.toml poetry.lock ./
                COPY --from=build /opt/venv /opt/venv
                    ^ 12: what pip installed ships; pip's cache, compilers and headers stay behind
                ENV PATH="/opt/venv/bin:$PATH"
                    ^ 13: python and the programs of the packages are found there first
                COPY app ./app
                CMD uvicorn app:main
                ? Does a package load a library of the system, as psycopg2 and mysqlclient do? The full base has it, the small one has not: install it there
                = 1213 to 152 MB: 87 %
            "#]],
        );
        check(
            r#"FROM python:3.12-slim
WORKDIR /app
RUN apt-get update && apt-get install -y build-essential
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY . .
RUN pip install -r requirements.txt
CMD ["python", "app.py"]
"#,
            expect![[r#"
                FROM python:3.12-slim AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                WORKDIR /app
                RUN apt-get update && apt-get install -y build-essential
                RUN python -m venv /venv
                ENV PATH=/venv/bin:$PATH
                COPY . .
                RUN pip install -r requirements.txt

                FROM python:3.12-slim
                    ^ 9: the same image again, without the tools of the build
                WORKDIR /app
                ENV PATH=/venv/bin:$PATH
                COPY . .
                COPY --from=build /venv /venv
                    ^ 13: what pip installed ships; pip's cache, compilers and headers stay behind
                CMD ["python", "app.py"]
                = 143 to 133 MB: unknown
            "#]],
        );
    }

    #[test]
    fn it_declines_where_it_cannot_be_sure() {
        check_declined(
            "FROM python:3.12\nCOPY . .\nRUN pip install -r requirements.txt\nCMD poetry run app",
            expect![
                "4: `poetry` starts the program, so it has to ship with it (Let CMD name the program itself)"
            ],
        );
        check_declined(
            "FROM python:3.12\nCOPY . .\nRUN pip install --user -r requirements.txt\nCMD python a.py",
            expect![
                "3: `pip install` puts packages in a place of its own, which the assistant does not part (Install by pip into a virtual environment)"
            ],
        );
        check_declined(
            "FROM python:3.12-slim\nCOPY . .\nRUN pip install flask\nCMD python a.py",
            expect!["1: the base is small already, and no tools of the build are left in it"],
        );
        check_declined(
            "FROM python:3.12\nCOPY . .\nRUN pip install flask\nCMD flask run --debug",
            expect![
                "4: `flask run --debug` is for development: it compiles or watches sources while it runs, so the tools have to ship with it"
            ],
        );
        check_declined(
            "FROM python:3.12\nRUN pip install flask\nCOPY . .\nRUN git clone https://a.example/b\nCMD python a.py",
            expect![
                "4: git is called where the small base stands in, and only the full one has it (Install git by name, or do without it)"
            ],
        );
    }
}
