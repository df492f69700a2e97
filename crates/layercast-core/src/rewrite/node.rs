//! Node: the project's folder without development packages, on a base without compilers.

use super::Declined;
use super::call::{Call, base_name};
use super::draft::{Base, Draft};
use super::place::{self, Place, Sources, Tools};
use super::single_stage::{SingleStage, Step};
use crate::dockerfile::Instruction;
use crate::graph::scope::join_path;

/// Programs that install packages for a project.
pub(super) const MANAGERS: [&str; 5] = ["npm", "yarn", "pnpm", "bun", "corepack"];

pub(super) fn draft<'s>(stage: &'s SingleStage<'s>) -> Result<Draft<'s>, Declined> {
    let folder = project_folder(stage)?;
    refuse_development_server(stage)?;
    let base = slim(stage)?;
    let is_carried = |path: &str| place::lies_in(path, &folder);
    let tools = Tools {
        is_build: &is_build,
        is_source: &|_, to| is_carried(to),
        is_carried: &is_carried,
        sources: Sources::StayBehind,
    };
    let distribution = super::base::distribution(stage);
    let places = place::places(stage, distribution.as_ref(), &tools)?;
    refuse_missing_programs(stage, &base)?;
    let manager = manager(stage).unwrap_or("npm");
    let mut draft = Draft::new(stage, base);
    let global: Vec<usize> =
        (0..stage.steps.len()).filter(|at| installs_globally(&stage.steps[*at])).collect();
    for (at, step) in stage.steps.iter().enumerate() {
        let is_needed = step.calls.iter().any(|call| global_packages(call).iter().any(|name| !is_tool(name)));
        match global.contains(&at) && is_needed {
            true => draft.put(step, if at < places.last_build { &Place::Both } else { &Place::Last }),
            false => draft.put(step, &places.places[at]),
        }
        if at == places.last_build {
            prune(stage, step, manager, &mut draft);
            carry(stage, step, &folder, &mut draft);
        }
    }
    say_needs(stage, manager, &mut draft);
    place::say_needs(stage, &places, &mut draft);
    Ok(draft)
}

/// Where the packages are installed, which is where the program runs.
fn project_folder(stage: &SingleStage<'_>) -> Result<String, Declined> {
    let installs = stage.steps.iter().flat_map(|step| step.calls.iter().map(move |call| (step, call)));
    let mut folders: Vec<(String, usize)> = Vec::new();
    for (step, call) in installs.filter(|(_, call)| is_install(call) && global_packages(call).is_empty()) {
        let folder = call
            .value(&["--prefix", "--cwd", "--dir", "-C"])
            .map_or(call.folder.clone(), |own| call.absolute(own));
        if folders.iter().all(|(known, _)| *known != folder) {
            folders.push((folder, step.line));
        }
    }
    match &folders[..] {
        [(folder, line)] if folder == "/" => Err(Declined::at(
            *line,
            "packages are installed at the root of the file system, so the project cannot be carried over alone",
        )
        .advice("Set a WORKDIR above")),
        [(folder, _)] if place::lies_in(&stage.command.folder, folder) || folder == &stage.command.folder => Ok(folder.clone()),
        [(_, line)] => Err(Declined::at(*line, "packages are installed in one folder, and the program runs in another")),
        [] => Err(Declined::at(stage.line(), "no line installs a project's packages: there is nothing to part")),
        [.., (_, line)] => {
            Err(Declined::at(*line, "packages are installed in several folders: which the program needs is not plain"))
        }
    }
}

/// `npm start` of a project whose script is known to start a development server.
fn refuse_development_server(stage: &SingleStage<'_>) -> Result<(), Declined> {
    const SERVERS: [&str; 12] = [
        "react-scripts start",
        "vite",
        "next dev",
        "nodemon",
        "ts-node",
        "tsx ",
        "ng serve",
        "webpack serve",
        "webpack-dev-server",
        "nuxt dev",
        "vue-cli-service serve",
        "parcel",
    ];
    let Some(script) = started_script(stage) else { return Ok(()) };
    let is_server = SERVERS.iter().any(|server| script.contains(server))
        && !script.contains("preview")
        && !script.contains(" build");
    match is_server {
        true => Err(Declined::at(
            stage.command.line,
            format!(
                "`{}` starts `{script}`, a server for development that needs the tools of the build",
                stage.command.words.join(" ")
            ),
        )
        .advice("Build in the image and start what was built")),
        false => Ok(()),
    }
}

/// What package.json says under the script that the command runs.
pub(super) fn started_script(stage: &SingleStage<'_>) -> Option<String> {
    let words: Vec<&str> =
        stage.command.words.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
    let name = match words[..] {
        [manager, "run" | "run-script", script, ..] if MANAGERS.contains(&manager) => script,
        [manager, script, ..] if MANAGERS.contains(&manager) => script,
        _ => return None,
    };
    let manifest: serde_json::Value = serde_json::from_str(stage.context_text("package.json")?).ok()?;
    manifest["scripts"][name].as_str().map(str::to_owned)
}

/// The same version without compilers; the same image where it is small already.
fn slim(stage: &SingleStage<'_>) -> Result<Base, Declined> {
    let written = stage.from.base.text.split('@').next().unwrap_or_default();
    if stage.base_name() != "node" {
        return Err(Declined::at(stage.line(), "which small image goes with this base is not known here")
            .advice("The assistant knows the official images of Node"));
    }
    let tag = stage.tag();
    if tag.contains("slim") || tag.contains("alpine") {
        return Ok(Base {
            image: stage.from.base.text.clone(),
            reason: "the same image again, without what the build left in it".to_owned(),
        });
    }
    let image = slim_tag(written, tag);
    Ok(Base { image, reason: "the same Node on the same Debian, without compilers and headers".to_owned() })
}

/// `node:20` → `node:20-slim`, `node:20-bookworm` → `node:20-bookworm-slim`, `node` → `node:slim`.
fn slim_tag(written: &str, tag: &str) -> String {
    let name_end = written.rfind('/').map_or(0, |slash| slash + 1);
    match written[name_end..].contains(':') {
        false => format!("{written}:slim"),
        true if tag == "latest" => written.replace(":latest", ":slim"),
        true => format!("{written}-slim"),
    }
}

/// What the full image has and the slim one has not.
fn refuse_missing_programs(stage: &SingleStage<'_>, base: &Base) -> Result<(), Declined> {
    let is_same = base.image == stage.from.base.text;
    let missing = ["curl", "wget", "git", "python", "python3", "gcc", "make"];
    let named = missing.into_iter().find(|program| !is_same && stage.command.names(program));
    let is_installed = |program: &str| {
        let calls = stage.steps.iter().flat_map(|step| &step.calls).filter_map(super::packages::installation);
        calls
            .into_iter()
            .any(|it| it.packages.iter().any(|package| super::packages::bare_name(package) == program))
    };
    match named.filter(|program| !is_installed(program)) {
        Some(program) => Err(Declined::at(
            stage.command.line,
            format!(
                "the image calls {program} when it runs, which the full base has and the small one has not"
            ),
        )
        .advice(format!("Install {program} by name, or do without it"))),
        None => Ok(()),
    }
}

fn manager<'s>(stage: &'s SingleStage<'_>) -> Option<&'s str> {
    let calls = stage.steps.iter().flat_map(|step| &step.calls);
    calls
        .filter(|call| is_install(call) && global_packages(call).is_empty())
        .map(|call| call.program.as_str())
        .next_back()
}

/// Takes the development packages away before the folder is carried over.
fn prune(stage: &SingleStage<'_>, step: &Step<'_>, manager: &str, draft: &mut Draft<'_>) {
    let calls = stage.steps.iter().flat_map(|step| &step.calls);
    let omits = |call: &Call| {
        let by_option = call.arguments.iter().any(|word| {
            matches!(
                word.as_str(),
                "--omit=dev"
                    | "--production"
                    | "--prod"
                    | "--only=production"
                    | "--only=prod"
                    | "--production=true"
                    | "-P"
            )
        });
        let by_variable = call.variables.get("NODE_ENV").is_some_and(|value| value == "production");
        (by_option || by_variable) && is_install(call) || call.verb() == "prune"
    };
    let has_production =
        crate::syntax::expansion::Variables::value(&step.scope, "NODE_ENV") == Some("production");
    let is_pruned = calls.filter(|call| MANAGERS.contains(&call.program.as_str())).any(omits);
    if is_pruned || (has_production && manager != "bun") {
        return;
    }
    let run = draft.keyword("RUN");
    let command = match manager {
        "yarn" => "yarn install --production --ignore-scripts --prefer-offline",
        "pnpm" => "pnpm prune --prod",
        "bun" => "bun install --production",
        _ if is_old(stage) => "npm prune --production",
        _ => "npm prune --omit=dev",
    };
    draft.add_to_build(
        format!("{run} {command}"),
        "packages for development alone are taken away before the rest is carried over",
    );
}

fn carry(stage: &SingleStage<'_>, step: &Step<'_>, folder: &str, draft: &mut Draft<'_>) {
    match built_folder(stage, folder).filter(|_| has_plain_packages(stage)) {
        Some(built) => {
            let at = folder.trim_end_matches('/');
            draft.carry(step, &format!("{at}/package*.json"), &format!("{at}/"), "a program may ask package.json for its name, version and kind of modules");
            draft.carry(step, &format!("{at}/node_modules"), &format!("{at}/node_modules"), "the packages as the first stage left them: those with compiled parts fit, as both bases have one system");
            draft.carry(step, &format!("{at}/{built}"), &format!("{at}/{built}"), "what the build wrote; sources, tests and settings of tools stay behind");
            place::carry_folders(stage, step, draft);
            draft.need(format!("Does the program read files beside {built}, such as views, public or prisma? Copy them from the first stage too"));
        }
        _ => draft.carry(step, folder, folder, "the project's folder with what the build wrote and the packages that are left; the caches stay behind"),
    }
}

/// The folder of the build's output, where the command starts a file in it.
fn built_folder(stage: &SingleStage<'_>, folder: &str) -> Option<String> {
    let has_build = stage.steps.iter().flat_map(|step| &step.calls).any(builds);
    let script = started_script(stage);
    let words: Vec<&str> = match &script {
        Some(script) => script.split_whitespace().collect(),
        None => stage.command.words.iter().map(String::as_str).collect(),
    };
    let program = words.first().copied().unwrap_or_default();
    if !has_build || !matches!(base_name(program), "node" | "nodejs" | "pm2-runtime") {
        return None;
    }
    let file = words.iter().skip(1).find(|word| !word.starts_with('-'))?;
    let path = join_path(folder, file);
    let inside = path.strip_prefix(folder)?.trim_start_matches('/');
    let first = inside.split('/').next().filter(|first| inside.len() > first.len())?;
    ["dist", "build", "out", "lib", ".output"].contains(&first).then(|| first.to_owned())
}

fn say_needs(stage: &SingleStage<'_>, manager: &str, draft: &mut Draft<'_>) {
    let is_script = MANAGERS.contains(&base_name(stage.command.program()));
    if is_script && started_script(stage).is_none() {
        draft.need(format!(
            "Does `{}` start what was built, and no server for development?",
            stage.command.words.join(" ")
        ));
    }
    if manager == "yarn" {
        draft.need("The line that takes development packages away is for yarn 1; yarn 2 and later have `yarn workspaces focus --production`");
    }
}

/// True for Node up to 14, whose npm does not know `--omit`.
fn is_old(stage: &SingleStage<'_>) -> bool {
    let number = stage.tag().split(['.', '-']).next().and_then(|number| number.parse::<u32>().ok());
    number.is_some_and(|number| number <= 14)
}

/// True where `node_modules` at the root of the project holds all that runs.
fn has_plain_packages(stage: &SingleStage<'_>) -> bool {
    let has_workspaces =
        stage.context_text("package.json").is_some_and(|text| text.contains("\"workspaces\""));
    let is_yarn = manager(stage) == Some("yarn");
    let is_new_yarn =
        is_yarn && (stage.facts.context.is_none() || stage.context_file(".yarnrc.yml").is_some());
    !has_workspaces && !is_new_yarn && stage.context_file("pnpm-workspace.yaml").is_none()
}

/// True for a call that builds the project.
pub(super) fn builds(call: &Call) -> bool {
    let script = call.operands();
    let named = |script: &str| {
        script == "build" || script.starts_with("build:") || script.ends_with(":build") || script == "compile"
    };
    match (call.program.as_str(), &script[..]) {
        ("npm" | "yarn" | "pnpm" | "bun", ["run" | "run-script", script, ..]) => named(script),
        ("yarn" | "pnpm", [script, ..]) => named(script),
        ("npx" | "bunx", [tool, ..]) => is_builder(tool),
        (program, _) => is_builder(program),
    }
}

fn is_builder(program: &str) -> bool {
    matches!(
        program,
        "tsc"
            | "nest"
            | "vite"
            | "ng"
            | "webpack"
            | "rollup"
            | "esbuild"
            | "swc"
            | "babel"
            | "next"
            | "nuxt"
            | "react-scripts"
            | "tsup"
            | "vue-cli-service"
            | "parcel"
    )
}

fn is_build(call: &Call) -> bool {
    MANAGERS.contains(&call.program.as_str())
        || builds(call)
        || matches!(call.program.as_str(), "npx" | "bunx" | "node-gyp" | "prisma" | "git" | "jest" | "eslint")
}

pub(super) fn is_install(call: &Call) -> bool {
    let verb = call.verb();
    match call.program.as_str() {
        "npm" => matches!(verb, "install" | "ci" | "i" | "add" | "clean-install"),
        "yarn" => matches!(verb, "" | "install" | "add"),
        "pnpm" | "bun" => matches!(verb, "install" | "i" | "add"),
        _ => false,
    }
}

/// What a call installs for the whole system.
fn global_packages(call: &Call) -> Vec<&str> {
    let operands = call.operands();
    match (call.program.as_str(), call.has(&["-g", "--global"]), &operands[..]) {
        ("npm" | "pnpm" | "bun", true, [_, packages @ ..])
        | ("yarn", _, ["global", "add", packages @ ..]) => {
            packages.iter().map(|package| package_name(package)).collect()
        }
        _ => Vec::new(),
    }
}

/// Packages that people install for the whole system to build with.
fn is_tool(package: &str) -> bool {
    const TOOLS: [&str; 12] = [
        "npm",
        "yarn",
        "pnpm",
        "corepack",
        "node-gyp",
        "typescript",
        "@nestjs/cli",
        "@angular/cli",
        "@vue/cli",
        "gulp-cli",
        "grunt-cli",
        "rimraf",
    ];
    TOOLS.contains(&package) || is_builder(package)
}

/// `pm2@5` → `pm2`, `@nestjs/cli@10` → `@nestjs/cli`.
fn package_name(package: &str) -> &str {
    let version = package.char_indices().skip(1).find(|(_, letter)| *letter == '@');
    version.map_or(package, |(at, _)| &package[..at])
}

fn installs_globally(step: &Step<'_>) -> bool {
    matches!(step.instruction, Instruction::Run(_))
        && step.calls.iter().any(|call| !global_packages(call).is_empty())
}

#[cfg(test)]
mod tests {
    use crate::rewrite::tests::{check, check_declined, check_with, context};
    use expect_test::expect;

    #[test]
    fn what_is_built_ships_with_packages_for_production() {
        check(
            r#"# The classic mistake: single-stage build
FROM node:20
WORKDIR /app
COPY package*.json ./
RUN npm install
COPY . .
RUN npm run build
EXPOSE 3000
CMD ["node", "dist/main.js"]
# Result: ~1.2GB
"#,
            expect![[r##"
                # The classic mistake: single-stage build
                FROM node:20 AS build
                    ^ 2: this stage builds and stays behind: its base, its tools and their caches do not ship
                WORKDIR /app
                COPY package*.json ./
                RUN npm install
                COPY . .
                RUN npm run build
                RUN npm prune --omit=dev
                    ^ 8: packages for development alone are taken away before the rest is carried over

                FROM node:20-slim
                    ^ 10: the same Node on the same Debian, without compilers and headers
                WORKDIR /app
                COPY --from=build /app/package*.json /app/
                    ^ 12: a program may ask package.json for its name, version and kind of modules
                COPY --from=build /app/node_modules /app/node_modules
                    ^ 13: the packages as the first stage left them: those with compiled parts fit, as both bases have one system
                COPY --from=build /app/dist /app/dist
                    ^ 14: what the build wrote; sources, tests and settings of tools stay behind
                EXPOSE 3000
                CMD ["node", "dist/main.js"]
                # Result: ~1.2GB
                ? Does the program read files beside dist, such as views, public or prisma? Copy them from the first stage too
                = 1100 to 197 MB: 82 %
            "##]],
        );
    }

    #[test]
    fn without_a_build_the_whole_folder_ships() {
        check(
            r#"FROM node:22-bookworm
ENV NODE_ENV=production
WORKDIR /usr/src/app
RUN npm install -g pm2
COPY --chown=node:node package.json yarn.lock ./
USER node
RUN yarn install --frozen-lockfile
COPY --chown=node:node . .
CMD ["pm2-runtime", "server.js"]
"#,
            expect![[r#"
                FROM node:22-bookworm AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                ENV NODE_ENV=production
                WORKDIR /usr/src/app
                RUN npm install -g pm2
                COPY --chown=node:node package.json yarn.lock ./
                USER node
                RUN yarn install --frozen-lockfile
                COPY --chown=node:node . .

                FROM node:22-bookworm-slim
                    ^ 10: the same Node on the same Debian, without compilers and headers
                ENV NODE_ENV=production
                WORKDIR /usr/src/app
                RUN npm install -g pm2
                USER node
                COPY --from=build --chown=node /usr/src/app /usr/src/app
                    ^ 15: the project's folder with what the build wrote and the packages that are left; the caches stay behind
                CMD ["pm2-runtime", "server.js"]
                ? The line that takes development packages away is for yarn 1; yarn 2 and later have `yarn workspaces focus --production`
                = 1142 to 244 MB: 78 %
            "#]],
        );
        check_with(
            r#"FROM node:20
WORKDIR /app
COPY . .
RUN npm ci && npm run build
CMD npm start
"#,
            &context(&[
                ("package.json", r#"{"scripts": {"start": "node ./build/index.js"}}"#),
                ("views/a.html", ""),
            ]),
            expect![[r#"
                FROM node:20 AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                WORKDIR /app
                COPY . .
                RUN npm ci && npm run build
                RUN npm prune --omit=dev
                    ^ 5: packages for development alone are taken away before the rest is carried over

                FROM node:20-slim
                    ^ 7: the same Node on the same Debian, without compilers and headers
                WORKDIR /app
                COPY --from=build /app/package*.json /app/
                    ^ 9: a program may ask package.json for its name, version and kind of modules
                COPY --from=build /app/node_modules /app/node_modules
                    ^ 10: the packages as the first stage left them: those with compiled parts fit, as both bases have one system
                COPY --from=build /app/build /app/build
                    ^ 11: what the build wrote; sources, tests and settings of tools stay behind
                COPY --from=build /app/views /app/views
                    ^ 12: by its name the program reads this folder when it runs
                CMD npm start
                ? Does the program read files beside build, such as views, public or prisma? Copy them from the first stage too
                = 1100 to 197 MB: 82 %
            "#]],
        );
    }

    #[test]
    fn servers_for_development_keep_their_tools() {
        check_declined(
            "FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm install\nCMD [\"npm\", \"run\", \"dev\"]",
            expect![
                "5: `npm run dev` is for development: it compiles or watches sources while it runs, so the tools have to ship with it"
            ],
        );
        check_declined(
            "FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm install\nCMD npx nodemon server.js",
            expect![
                "5: `npx nodemon server.js` is for development: it compiles or watches sources while it runs, so the tools have to ship with it"
            ],
        );
        check_declined(
            "FROM node:20\nCOPY . .\nRUN npm install\nCMD node server.js",
            expect![
                "3: packages are installed at the root of the file system, so the project cannot be carried over alone (Set a WORKDIR above)"
            ],
        );
        check_declined(
            "FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm install\nHEALTHCHECK CMD curl -f localhost\nCMD node server.js",
            expect![
                "6: the image calls curl when it runs, which the full base has and the small one has not (Install curl by name, or do without it)"
            ],
        );
    }

    #[test]
    fn a_small_base_with_little_in_it_stays() {
        check_declined(
            "FROM node:20-alpine\nWORKDIR /a\nCOPY package.json .\nRUN npm ci --omit=dev && npm cache clean --force\nCOPY . .\nCMD node server.js",
            expect![
                "1: a second stage would save little: 136 MB now, 136 MB then, as the base is small and the build leaves little behind (Without the build context much is not known: with it the answer may be another)"
            ],
        );
    }
}
