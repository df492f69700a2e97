//! What projects write down: pyproject.toml and the locks of Poetry, uv and Pipenv.
//! References: <https://packaging.python.org/en/latest/specifications/pyproject-toml/>,
//! <https://python-poetry.org/docs/dependency-specification/>, <https://docs.astral.sh/uv/concepts/projects/layout/>.

use super::environment::Environment;
use super::marker::Marker;
use super::requirement::{Requirement, normalised};
use super::version::{Specifiers, Version};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Which sets of dependencies are installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// Names of groups besides the main one: `dev`, `test`.
    pub named: BTreeSet<String>,
    /// True where all groups are.
    pub all: bool,
    /// Names of groups that are left out all the same.
    pub without: BTreeSet<String>,
    /// True where the main dependencies are left out.
    pub no_main: bool,
    /// Names of extras.
    pub extras: BTreeSet<String>,
    /// True where all extras are.
    pub all_extras: bool,
}

impl Groups {
    fn has(&self, group: &str) -> bool {
        if group == "main" || group == "default" {
            return !self.no_main;
        }
        (self.all || self.named.contains(group)) && !self.without.contains(group)
    }

    fn has_extra(&self, extra: &str) -> bool {
        self.all_extras || self.extras.contains(extra)
    }
}

/// One distribution of a lock.
#[derive(Clone, Debug, Default)]
struct Locked {
    version: String,
    /// By the extra that wants them, empty for none.
    dependencies: Vec<(String, Requirement)>,
    /// Groups that Poetry writes down since 2.0, and 1.4 before it.
    groups: Vec<String>,
    marker: Option<Marker>,
    /// False for the project itself, and for what comes from a folder or repository.
    of_index: bool,
    root: bool,
    optional: bool,
}

/// Reads pyproject.toml: the requirements of the groups, those of the project itself first.
pub fn pyproject(text: &str, groups: &Groups) -> Option<Vec<Requirement>> {
    let root = table(text)?;
    let at = |path: &[&str]| path.iter().try_fold(&root, |value, name| value.get(name));
    let mut requirements = Vec::new();
    let strings = |value: Option<&Value>| -> Vec<Requirement> {
        let items = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        items.filter_map(Requirement::parse).collect()
    };
    if groups.has("main") {
        requirements.extend(strings(at(&["project", "dependencies"])));
        for (extra, listed) in object(at(&["project", "optional-dependencies"])) {
            if groups.has_extra(&extra) {
                requirements.extend(strings(Some(&listed)));
            }
        }
        requirements.extend(of_poetry(
            at(&["tool", "poetry", "dependencies"]),
            at(&["tool", "poetry", "extras"]),
            groups,
        ));
    }
    for (group, listed) in object(at(&["dependency-groups"])) {
        if groups.has(&group) {
            requirements.extend(strings(Some(&listed)));
        }
    }
    if groups.has("dev") {
        requirements.extend(strings(at(&["tool", "uv", "dev-dependencies"])));
        requirements.extend(of_poetry(at(&["tool", "poetry", "dev-dependencies"]), None, groups));
    }
    for (group, listed) in object(at(&["tool", "poetry", "group"])) {
        if groups.has(&group) {
            requirements.extend(of_poetry(listed.get("dependencies"), None, groups));
        }
    }
    Some(requirements)
}

/// What a build of the project needs first: `[build-system] requires`; setuptools where nothing is said.
pub fn build_requires(text: &str) -> Vec<Requirement> {
    let root = table(text).unwrap_or_default();
    let listed = root.get("build-system").and_then(|system| system.get("requires")).and_then(Value::as_array);
    let listed = listed.into_iter().flatten().filter_map(Value::as_str).filter_map(Requirement::parse);
    listed.collect()
}

/// `install_requires` of setup.cfg and setup.py, where it is a list written out.
pub fn setup(text: &str) -> Vec<Requirement> {
    let Some((_, after)) = text.split_once("install_requires") else { return Vec::new() };
    let after = after.trim_start().strip_prefix('=').unwrap_or_default().trim_start_matches([' ', '\t']);
    if let Some(list) = after.strip_prefix('[').and_then(|list| list.split_once(']')) {
        // Extras have brackets of their own; a list with them is cut short there.
        return list
            .0
            .split(',')
            .filter_map(|item| Requirement::parse(item.trim().trim_matches(['"', '\''])))
            .collect();
    }
    let lines =
        after.lines().skip(1).take_while(|line| line.trim().is_empty() || line.starts_with([' ', '\t']));
    lines.filter_map(|line| Requirement::parse(line.trim())).collect()
}

fn of_poetry(listed: Option<&Value>, extras: Option<&Value>, groups: &Groups) -> Vec<Requirement> {
    let wanted_by_extra: BTreeSet<String> = object(extras)
        .filter(|(extra, _)| groups.has_extra(extra))
        .flat_map(|(_, names)| names.as_array().cloned().unwrap_or_default())
        .filter_map(|name| name.as_str().map(normalised))
        .collect();
    let requirements = object(listed).filter(|(name, _)| name != "python").flat_map(|(name, value)| {
        let alternatives = match value {
            Value::Array(alternatives) => alternatives,
            one => vec![one],
        };
        alternatives.into_iter().map(move |one| (name.clone(), one)).collect::<Vec<_>>()
    });
    let requirements = requirements.filter_map(|(name, value)| {
        let requirement = poetry_requirement(&name, &value)?;
        let optional = value.get("optional").and_then(Value::as_bool).unwrap_or(false);
        (!optional || wanted_by_extra.contains(&requirement.name)).then_some(requirement)
    });
    requirements.collect()
}

fn poetry_requirement(name: &str, value: &Value) -> Option<Requirement> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let version = value.as_str().or_else(|| text("version"));
    let url = ["git", "path", "url"].iter().find_map(|key| text(key)).map(str::to_owned);
    let extras = value.get("extras").and_then(Value::as_array).into_iter().flatten();
    let python = text("python").map(|range| {
        let range = poetry_specifiers(range);
        range
            .split(',')
            .filter_map(|one| {
                let sign = one.find(|next: char| !"<>=!~".contains(next))?;
                Some(format!("python_version {} '{}'", &one[..sign], one[sign..].trim()))
            })
            .collect::<Vec<_>>()
            .join(" and ")
    });
    let marker = text("markers").map(str::to_owned).or(python.filter(|python| !python.is_empty()));
    Some(Requirement {
        name: normalised(name),
        extras: extras.filter_map(Value::as_str).map(normalised).collect(),
        specifiers: Specifiers::parse(&poetry_specifiers(version.unwrap_or("*"))).unwrap_or_default(),
        url,
        marker: marker.and_then(|marker| Marker::parse(&marker)),
    })
}

/// `^1.2.3` is `>=1.2.3,<2`, `~1.2` is `>=1.2,<1.3`; alternatives stay unread.
fn poetry_specifiers(text: &str) -> String {
    if text.contains('|') {
        return String::new();
    }
    let one = |condition: &str| {
        let condition = condition.trim();
        let (sign, version) = match condition.strip_prefix('^') {
            Some(version) => ('^', version),
            None => match condition.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
                Some(version) => ('~', version),
                None if condition == "*" || condition.is_empty() => return String::new(),
                None if condition.starts_with(|first: char| first.is_ascii_digit()) => {
                    return format!("=={condition}");
                }
                None => return condition.to_owned(),
            },
        };
        let Some(parsed) = Version::parse(version.trim()) else { return String::new() };
        let numbers = parsed.release();
        let place = match sign {
            '^' => numbers.iter().position(|number| *number > 0).unwrap_or(numbers.len().saturating_sub(1)),
            _ => 1.min(numbers.len().saturating_sub(1)),
        };
        let next: Vec<String> = numbers
            .iter()
            .take(place + 1)
            .enumerate()
            .map(|(at, number)| if at == place { number.saturating_add(1) } else { *number }.to_string())
            .collect();
        format!(">={},<{}", version.trim(), next.join("."))
    };
    let conditions: Vec<String> =
        text.split(',').map(one).filter(|condition| !condition.is_empty()).collect();
    conditions.join(",")
}

/// Reads poetry.lock: what is installed of it, each at its version. Where the lock keeps no groups, the project's
/// pyproject.toml says where to begin.
pub fn poetry(
    lock: &str,
    project: Option<&str>,
    groups: &Groups,
    environment: &Environment,
) -> Option<Vec<Requirement>> {
    let root = table(lock)?;
    let mut locked = BTreeMap::new();
    let mut grouped = false;
    for package in root.get("package")?.as_array()? {
        let name = normalised(package.get("name")?.as_str()?);
        let dependencies = object(package.get("dependencies")).filter_map(|(name, value)| {
            let one =
                value.as_array().and_then(|alternatives| alternatives.first()).cloned().unwrap_or(value);
            Some((String::new(), poetry_requirement(&name, &one)?))
        });
        let mut list = Locked {
            version: package.get("version")?.as_str()?.to_owned(),
            dependencies: dependencies.collect(),
            of_index: package.get("source").is_none(),
            optional: package.get("optional").and_then(Value::as_bool).unwrap_or(false),
            ..Locked::default()
        };
        let named =
            package.get("groups").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        list.groups.extend(named.map(str::to_owned));
        list.groups.extend(package.get("category").and_then(Value::as_str).map(str::to_owned));
        grouped |= !list.groups.is_empty();
        // A table gives one for each group; what all share is not worked out.
        list.marker = package.get("markers").and_then(Value::as_str).and_then(Marker::parse);
        locked.insert(name, list);
    }
    if grouped {
        let holds = |one: &Locked| {
            one.groups.iter().any(|group| groups.has(group))
                && one.marker.as_ref().is_none_or(|marker| marker.holds(environment, &[]))
                && (!one.optional || groups.all_extras || !groups.extras.is_empty())
        };
        return Some(
            locked.iter().filter(|(_, one)| holds(one)).map(|(name, one)| one.pinned(name)).collect(),
        );
    }
    let begin = pyproject(project?, groups)?;
    Some(walk(&locked, begin, groups, environment))
}

/// Reads uv.lock. `uv sync` takes the group `dev` unless it is left out.
pub fn uv(lock: &str, groups: &Groups, environment: &Environment) -> Option<Vec<Requirement>> {
    let root = table(lock)?;
    let mut locked = BTreeMap::new();
    let mut begin = Vec::new();
    for package in root.get("package")?.as_array()? {
        let name = normalised(package.get("name")?.as_str()?);
        let source = package.get("source");
        let has = |key: &str| source.and_then(|source| source.get(key)).is_some();
        let root = ["virtual", "editable"].iter().any(|key| {
            source.and_then(|source| source.get(key)).and_then(Value::as_str).is_some_and(|path| path == ".")
        });
        let mut one = Locked {
            version: package.get("version").and_then(Value::as_str).unwrap_or_default().to_owned(),
            of_index: has("registry"),
            root,
            ..Locked::default()
        };
        one.dependencies.extend(uv_dependencies("", package.get("dependencies")));
        for (extra, listed) in object(package.get("optional-dependencies")) {
            one.dependencies.extend(uv_dependencies(&normalised(&extra), Some(&listed)));
        }
        if root {
            let own = one.dependencies.iter();
            begin.extend(
                own.filter(
                    |(extra, _)| if extra.is_empty() { groups.has("main") } else { groups.has_extra(extra) },
                )
                .map(|(_, requirement)| requirement.clone()),
            );
            for (group, listed) in object(package.get("dev-dependencies")) {
                if groups.has(&group) {
                    begin.extend(
                        uv_dependencies("", Some(&listed)).into_iter().map(|(_, requirement)| requirement),
                    );
                }
            }
        }
        locked.entry(name).or_insert(one);
    }
    Some(walk(&locked, begin, groups, environment))
}

fn uv_dependencies(extra: &str, listed: Option<&Value>) -> Vec<(String, Requirement)> {
    let listed = listed.and_then(Value::as_array).into_iter().flatten();
    let read = listed.filter_map(|one| {
        let extras = one.get("extra").and_then(Value::as_array).into_iter().flatten();
        let requirement = Requirement {
            extras: extras.filter_map(Value::as_str).map(normalised).collect(),
            marker: one.get("marker").and_then(Value::as_str).and_then(Marker::parse),
            ..Requirement::named(one.get("name")?.as_str()?)
        };
        Some((extra.to_owned(), requirement))
    });
    read.collect()
}

/// Reads Pipfile.lock.
pub fn pipfile(lock: &str, groups: &Groups) -> Option<Vec<Requirement>> {
    let root: Value = serde_json::from_str(lock).ok()?;
    let mut requirements = Vec::new();
    for (section, group) in [("default", "main"), ("develop", "dev")] {
        for (name, value) in object(root.get(section).filter(|_| groups.has(group))) {
            let text = |key: &str| value.get(key).and_then(Value::as_str);
            let marker = text("markers").and_then(Marker::parse);
            let url = text("git").or(text("file")).map(str::to_owned);
            let specifiers = text("version").and_then(Specifiers::parse).unwrap_or_default();
            requirements.push(Requirement { specifiers, marker, url, ..Requirement::named(&name) });
        }
    }
    Some(requirements)
}

/// What is reached from `begin` in the lock.
fn walk(
    locked: &BTreeMap<String, Locked>,
    begin: Vec<Requirement>,
    groups: &Groups,
    environment: &Environment,
) -> Vec<Requirement> {
    let mut open: Vec<(Requirement, Vec<String>)> = begin.into_iter().map(|one| (one, Vec::new())).collect();
    let mut seen = BTreeSet::new();
    let mut names = BTreeSet::new();
    while let Some((requirement, parent_extras)) = open.pop() {
        let holds =
            requirement.marker.as_ref().is_none_or(|marker| marker.holds(environment, &parent_extras));
        if !holds || !seen.insert((requirement.name.clone(), requirement.extras.clone())) {
            continue;
        }
        let Some(one) = locked.get(&requirement.name) else { continue };
        names.insert(requirement.name.clone());
        let extras =
            if one.root { groups.extras.iter().cloned().collect() } else { requirement.extras.clone() };
        let wanted = one.dependencies.iter().filter(|(extra, _)| extra.is_empty() || extras.contains(extra));
        open.extend(wanted.map(|(_, requirement)| (requirement.clone(), extras.clone())));
    }
    let reached = locked.iter().filter(|(name, one)| names.contains(*name) && !one.root);
    reached.map(|(name, one)| one.pinned(name)).collect()
}

impl Locked {
    fn pinned(&self, name: &str) -> Requirement {
        let specifiers = Version::parse(&self.version).map(Specifiers::exactly).unwrap_or_default();
        let url = (!self.of_index).then(|| "elsewhere".to_owned());
        Requirement { specifiers, url, ..Requirement::named(name) }
    }
}

fn table(text: &str) -> Option<Value> {
    toml::from_str(text).ok()
}

fn object(value: Option<&Value>) -> impl Iterator<Item = (String, Value)> {
    value.and_then(Value::as_object).cloned().unwrap_or_else(Map::new).into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(named: &[&str]) -> Groups {
        Groups { named: named.iter().map(|name| (*name).to_owned()).collect(), ..Groups::default() }
    }

    fn names(requirements: Option<Vec<Requirement>>) -> Vec<String> {
        let requirements = requirements.expect("the test's file is sound");
        let shown = requirements.iter().map(|one| match one.specifiers.only_version() {
            Some(version) => format!("{}=={version}", one.name),
            None => one.name.clone(),
        });
        shown.collect()
    }

    const PYPROJECT: &str = r#"
[project]
name = "app"
dependencies = ["flask>=3", "tomli; python_version < '3.11'"]
[project.optional-dependencies]
redis = ["redis"]
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
[tool.poetry.dependencies]
python = "^3.11"
celery = {version = "^5.4", extras = ["redis"]}
psycopg = {version = "*", optional = true}
[tool.poetry.group.docs.dependencies]
sphinx = "~7.1"
[build-system]
requires = ["hatchling"]
"#;

    #[test]
    fn a_project_and_its_groups() {
        assert_eq!(names(pyproject(PYPROJECT, &groups(&[]))), ["flask", "tomli", "celery"]);
        assert_eq!(
            names(pyproject(PYPROJECT, &groups(&["dev", "docs"]))),
            ["flask", "tomli", "celery", "pytest", "sphinx"]
        );
        let extra = Groups { all_extras: true, ..Groups::default() };
        assert_eq!(names(pyproject(PYPROJECT, &extra)), ["flask", "tomli", "redis", "celery"]);
        assert_eq!(build_requires(PYPROJECT)[0].name, "hatchling");
        assert_eq!(pyproject("[project", &groups(&[])), None);
    }

    #[test]
    fn a_list_in_setup_py_and_setup_cfg() {
        let python = "setup(name='x', install_requires=['flask>=3', \"click\"], zip_safe=False)";
        assert_eq!(names(Some(setup(python))), ["flask", "click"]);
        let cfg = "[options]\ninstall_requires =\n    flask>=3\n    click\npython_requires = >=3.8\n";
        assert_eq!(names(Some(setup(cfg))), ["flask", "click"]);
        assert_eq!(names(Some(setup("setup()"))), [] as [&str; 0]);
    }

    #[test]
    fn conditions_of_poetry() {
        for [poetry, pip] in [
            ["^1.2.3", ">=1.2.3,<2"],
            ["^0.2.3", ">=0.2.3,<0.3"],
            ["^0.0.3", ">=0.0.3,<0.0.4"],
            ["^1", ">=1,<2"],
            ["~1.2.3", ">=1.2.3,<1.3"],
            ["~1", ">=1,<2"],
            ["1.2.*", "==1.2.*"],
            ["1.2", "==1.2"],
            ["*", ""],
            [">=1,<2", ">=1,<2"],
            ["^1 || ^2", ""],
            ["~=1.2", "~=1.2"],
        ] {
            assert_eq!(poetry_specifiers(poetry), pip, "{poetry}");
        }
    }

    #[test]
    fn a_lock_of_poetry_with_groups_and_without() {
        let grouped = r#"
[[package]]
name = "Flask"
version = "3.0.3"
optional = false
groups = ["main"]
[[package]]
name = "pytest"
version = "8.3.3"
groups = ["dev"]
[[package]]
name = "colorama"
version = "0.4.6"
groups = ["main"]
markers = "platform_system == \"Windows\""
"#;
        let environment = Environment::linux((3, 11), "amd64");
        assert_eq!(names(poetry(grouped, None, &groups(&[]), &environment)), ["flask==3.0.3"]);
        assert_eq!(
            names(poetry(grouped, None, &groups(&["dev"]), &environment)),
            ["flask==3.0.3", "pytest==8.3.3"]
        );
        let plain = r#"
[[package]]
name = "flask"
version = "3.0.3"
[package.dependencies]
click = ">=8"
asgiref = {version = ">=3.2", optional = true, markers = "extra == \"async\""}
[[package]]
name = "click"
version = "8.1.7"
[package.dependencies]
flask = "*"
[[package]]
name = "pytest"
version = "8.3.3"
"#;
        assert_eq!(
            names(poetry(plain, Some(PYPROJECT), &groups(&[]), &environment)),
            ["click==8.1.7", "flask==3.0.3"]
        );
        assert_eq!(poetry(plain, None, &groups(&[]), &environment), None);
    }

    #[test]
    fn a_lock_of_uv() {
        let lock = r#"
version = 1
[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "uvicorn", extra = ["standard"] }, { name = "colorama", marker = "sys_platform == 'win32'" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }]
[[package]]
name = "uvicorn"
version = "0.30.0"
source = { registry = "https://index.example/simple" }
dependencies = [{ name = "click" }]
[package.optional-dependencies]
standard = [{ name = "uvloop" }]
[[package]]
name = "uvloop"
version = "0.21.0"
source = { registry = "https://index.example/simple" }
[[package]]
name = "click"
version = "8.1.7"
source = { registry = "https://index.example/simple" }
[[package]]
name = "colorama"
version = "0.4.6"
source = { registry = "https://index.example/simple" }
[[package]]
name = "pytest"
version = "8.3.3"
source = { registry = "https://index.example/simple" }
"#;
        let environment = Environment::linux((3, 11), "amd64");
        assert_eq!(
            names(uv(lock, &groups(&[]), &environment)),
            ["click==8.1.7", "uvicorn==0.30.0", "uvloop==0.21.0"]
        );
        assert_eq!(
            names(uv(lock, &groups(&["dev"]), &environment)),
            ["click==8.1.7", "pytest==8.3.3", "uvicorn==0.30.0", "uvloop==0.21.0"]
        );
    }

    #[test]
    fn a_lock_of_pipenv() {
        let lock = r#"{"default": {"flask": {"version": "==3.0.3"}}, "develop": {"pytest": {"version": "==8.3.3"}}}"#;
        assert_eq!(names(pipfile(lock, &groups(&[]))), ["flask==3.0.3"]);
        assert_eq!(names(pipfile(lock, &groups(&["dev"]))), ["flask==3.0.3", "pytest==8.3.3"]);
        assert_eq!(pipfile("nonsense", &groups(&[])), None);
    }
}
