//! Variables, working directory, user and shell, as they stand at some point of a stage.
//! Reference: <https://docs.docker.com/reference/dockerfile/#scope>.

use crate::diagnostic::Diagnostic;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::facts::ImageConfig;
use crate::image_ref::Platform;
use crate::json;
use crate::syntax::expansion::{Lexer, Variables};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is in force at some point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    variables: BTreeMap<String, String>,
    /// The working directory, absolute.
    pub workdir: String,
    /// The user; empty for root.
    pub user: String,
    /// The shell of shell-form commands; empty for the default.
    pub shell: Vec<String>,
}

/// One thing set: what a scope inspector shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assignment {
    /// What kind of thing it is.
    pub kind: Setting,
    /// The variable's name; empty for a directory, a user or a shell.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its value; none where it is declared and has none.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: Origin,
}

/// The kinds of things that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Setting {
    /// A build argument.
    Arg,
    /// A variable of the image.
    Env,
    /// The working directory.
    Workdir,
    /// The user.
    User,
    /// The shell of shell-form commands, as a JSON array.
    Shell,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// It stands in the instruction.
    Written,
    /// `--build-arg`.
    BuildArgument,
    /// The ARG of that name above the first FROM, or an argument that every build has.
    Global,
    /// Nobody gives one.
    Nowhere,
    /// The base image's configuration.
    Image,
    /// The builder, where the image says nothing.
    Builder,
}

impl Assignment {
    /// Something that the text of an instruction sets.
    pub fn written(kind: Setting, name: &str, value: String) -> Self {
        Self { kind, name: name.to_owned(), value: Some(value), origin: Origin::Written }
    }
}

/// Where programs are found, where the image does not say.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Scope {
    /// The scope before the first FROM: the predefined arguments, and the global ARGs. `given` are the build
    /// arguments that the ARGs heed, `predefined` those that the predefined arguments heed.
    pub fn global(
        file: &Dockerfile<'_>,
        given: &BTreeMap<String, String>,
        predefined: &BTreeMap<String, String>,
        target: &Platform,
        target_name: &str,
        problems: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut scope = Self::predefined(target, target_name);
        for (name, value) in &mut scope.variables {
            predefined.get(name).into_iter().for_each(|given| given.clone_into(value));
        }
        let lexer = Lexer::new(file.parse.directives.escape);
        for &index in &file.global {
            let Some(Instruction::Arg(args)) = &file.instructions[index] else { continue };
            for arg in args {
                let value = match (given.get(&arg.name), &arg.default) {
                    (Some(given), _) => Ok(Some(given.clone())),
                    (None, Some(default)) => {
                        lexer.expand(default, &scope).map(|expanded| Some(expanded.text))
                    }
                    (None, None) => Ok(None),
                };
                match value {
                    Ok(Some(value)) => scope.set(&arg.name, value),
                    Ok(None) => {}
                    Err(error) => {
                        let line = file.node(index).line;
                        problems.push(Diagnostic::error(
                            "expansion",
                            line,
                            arg.word.range,
                            error.to_string(),
                        ));
                    }
                }
            }
        }
        scope
    }

    fn predefined(target: &Platform, target_name: &str) -> Self {
        let mut scope = Self::default();
        for (prefix, platform) in [("BUILD", &Platform::linux_amd64()), ("TARGET", target)] {
            scope.set(&format!("{prefix}PLATFORM"), platform.to_string());
            scope.set(&format!("{prefix}OS"), platform.os.clone());
            scope.set(&format!("{prefix}OSVERSION"), String::new());
            scope.set(&format!("{prefix}ARCH"), platform.architecture.clone());
            scope.set(&format!("{prefix}VARIANT"), platform.variant.clone());
        }
        let target_name = if target_name.is_empty() { "default" } else { target_name };
        scope.set("TARGETSTAGE", target_name.to_owned());
        scope
    }

    /// The scope right after `FROM image`.
    pub fn of_image(config: Option<&ImageConfig>, platform: &Platform) -> Self {
        let mut scope = Self { workdir: "/".to_owned(), ..Self::default() };
        if let Some(config) = config {
            for variable in &config.env {
                let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
                scope.set(name, value.to_owned());
            }
            scope.change_workdir(&config.workdir);
            scope.user.clone_from(&config.user);
            scope.shell.clone_from(&config.shell);
        }
        if scope.value("PATH").is_none() && platform.os != "windows" {
            scope.set("PATH", PATH.to_owned());
        }
        scope
    }

    /// What each ARG before the first FROM sets, as far as this scope, their last, knows.
    pub fn global_assignments(
        &self,
        file: &Dockerfile<'_>,
        given: &BTreeMap<String, String>,
    ) -> Vec<(usize, Assignment)> {
        let mut assignments = Vec::new();
        for &index in &file.global {
            let Some(Instruction::Arg(args)) = &file.instructions[index] else { continue };
            assignments.extend(args.iter().map(|arg| {
                let value = self.value(&arg.name).map(str::to_owned);
                let origin = match (given.contains_key(&arg.name), &arg.default, &value) {
                    (true, ..) => Origin::BuildArgument,
                    (false, Some(_), _) => Origin::Written,
                    (false, None, Some(_)) => Origin::Global,
                    (false, None, None) => Origin::Nowhere,
                };
                (index, Assignment { kind: Setting::Arg, name: arg.name.clone(), value, origin })
            }));
        }
        assignments
    }

    /// What a stage begins with that starts from an image: its variables, directory, user and shell.
    pub fn assignments(&self, config: Option<&ImageConfig>) -> Vec<Assignment> {
        let from_image = |name: &str| {
            let names = |variable: &String| {
                variable.split_once('=').map_or(variable.as_str(), |(name, _)| name) == name
            };
            config.is_some_and(|config| config.env.iter().any(names))
        };
        let assignment = |(name, value): (&String, &String)| Assignment {
            origin: if from_image(name) { Origin::Image } else { Origin::Builder },
            ..Assignment::written(Setting::Env, name, value.clone())
        };
        let mut assignments: Vec<Assignment> = self.variables.iter().map(assignment).collect();
        let mut from_config = |kind, value: String| {
            assignments.push(Assignment { origin: Origin::Image, ..Assignment::written(kind, "", value) });
        };
        if self.workdir != "/" {
            from_config(Setting::Workdir, self.workdir.clone());
        }
        if !self.user.is_empty() {
            from_config(Setting::User, self.user.clone());
        }
        if !self.shell.is_empty() {
            from_config(Setting::Shell, shell_text(&self.shell));
        }
        assignments
    }

    /// Sets a variable; the last writer wins.
    pub fn set(&mut self, name: &str, value: String) {
        self.variables.insert(name.to_owned(), value);
    }

    /// Changes the working directory; a relative path joins the one in force.
    pub fn change_workdir(&mut self, path: &str) {
        self.workdir = join_path(&self.workdir, path);
    }

    /// The names that are set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }
}

impl Variables for Scope {
    fn value(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }
}

/// A shell as the JSON array that SHELL takes.
pub fn shell_text(shell: &[String]) -> String {
    let mut text = String::new();
    json::write_strings(&mut text, shell);
    text
}

/// `path` seen from `directory`, absolute and without `.`, `..` and doubled slashes.
pub fn join_path(directory: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let seen_from = if path.starts_with('/') { "" } else { directory };
    for part in seen_from.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_join_as_they_do_in_a_shell() {
        assert_eq!(join_path("/app", "src/./lib/"), "/app/src/lib");
        assert_eq!(join_path("/app", "/etc//x"), "/etc/x");
        assert_eq!(join_path("/app", "../.."), "/");
        assert_eq!(join_path("/", ""), "/");
    }

    #[test]
    fn global_arguments_see_those_above_them_and_the_platform() {
        let file = Dockerfile::read("ARG A=1\nARG B=$A-$TARGETARCH C\nFROM x");
        let given = BTreeMap::from([("A".to_owned(), "2".to_owned())]);
        let scope = Scope::global(&file, &given, &given, &Platform::linux_amd64(), "", &mut Vec::new());
        assert_eq!((scope.value("B"), scope.value("C")), (Some("2-amd64"), None));
        assert_eq!(scope.value("TARGETSTAGE"), Some("default"));
    }
}
