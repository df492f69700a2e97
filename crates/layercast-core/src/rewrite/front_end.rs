//! Front ends: the site that the build writes, served by nginx instead of by Node.

use super::Declined;
use super::call::{Call, base_name};
use super::draft::{Base, Draft};
use super::node;
use super::place::{self, Place, Sources, Tools};
use super::single_stage::SingleStage;
use crate::dockerfile::Instruction;
use crate::graph::scope::join_path;

/// How the image serves its site.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Serving {
    /// The folder, absolute.
    folder: String,
    /// The port it listens on.
    port: u16,
    /// True where a path that names no file gets the first page: `serve -s`.
    single_page: bool,
}

/// True where the image builds a site and serves its files.
pub(super) fn applies(stage: &SingleStage<'_>) -> bool {
    let builds = stage.steps.iter().flat_map(|step| &step.calls).any(node::builds);
    builds && server(stage).is_some()
}

pub(super) fn draft<'s>(stage: &'s SingleStage<'s>) -> Result<Draft<'s>, Declined> {
    let serving = serving(stage)?;
    let is_carried = |path: &str| place::lies_in(path, &serving.folder);
    let project = project(stage);
    let is_project = |path: &str| place::lies_in(path, &project);
    let is_build = |call: &Call| {
        node::MANAGERS.contains(&call.program.as_str())
            || node::builds(call)
            || matches!(call.program.as_str(), "npx" | "git" | "prisma")
    };
    let tools = Tools {
        is_build: &is_build,
        is_source: &|_, to| is_project(to),
        is_carried: &|path| is_carried(path) || is_project(path),
        sources: Sources::StayBehind,
    };
    let places = place::places(stage, super::base::distribution(stage).as_ref(), &tools)?;
    if let Some(line) = places.first_run {
        return Err(Declined::at(
            line,
            "this RUN sets up the image that runs, and nginx's image has another system",
        ));
    }
    let base = Base {
        image: "nginx:alpine".to_owned(),
        reason: "files alone need a web server and no Node".to_owned(),
    };
    let mut draft = Draft::new(stage, base);
    for (at, step) in stage.steps.iter().enumerate() {
        match step.instruction {
            // The server of before is not started, and its folder is not entered.
            Instruction::Cmd(_) | Instruction::Entrypoint(_) => {}
            Instruction::Workdir(_) | Instruction::User(_) if places.places[at] != Place::Last => {
                draft.keep(step)
            }
            Instruction::Workdir(_) | Instruction::User(_) => {}
            _ => draft.put(step, &places.places[at]),
        }
        if at == places.last_build {
            let copy = draft.keyword("COPY");
            let builder = draft.builder().to_owned();
            draft.add_to_last(
                site_settings(&copy, &serving),
                "nginx answers on the port that the image had before, so that `docker run -p` stays as it is",
            );
            draft.add_to_last(
                format!("{copy} --from={builder} {} /usr/share/nginx/html", serving.folder),
                "the site alone ships: no packages, no sources, no Node",
            );
        }
    }
    let words = stage.command.words.join(" ");
    draft.need(format!("nginx takes the place of `{words}`, and starts by the command of its own image"));
    draft.need("Variables that are set when a container starts do not reach a site that is built: they are in it from the build");
    if stage.steps.iter().any(|step| matches!(step.instruction, Instruction::Healthcheck(_))) {
        draft.need("HEALTHCHECK calls a program: look whether nginx:alpine has it");
    }
    Ok(draft)
}

/// A server block: `try_files` as the server before had it.
fn site_settings(copy: &str, serving: &Serving) -> String {
    let fallback = if serving.single_page { "/index.html" } else { "=404" };
    format!(
        "{copy} <<'EOF' /etc/nginx/conf.d/default.conf\n\
         server {{\n    listen {};\n    root /usr/share/nginx/html;\n    location / {{\n        try_files $uri $uri/ $uri.html {fallback};\n    }}\n}}\n\
         EOF",
        serving.port
    )
}

/// The words of a static file server that the image runs: `serve -s build`.
fn server(stage: &SingleStage<'_>) -> Option<Vec<String>> {
    let script = node::started_script(stage);
    let words: Vec<String> = match &script {
        Some(script) => script.split_whitespace().map(str::to_owned).collect(),
        None => stage.command.words.clone(),
    };
    let words: Vec<String> = match words.first().map(|word| base_name(word)) {
        Some("npx" | "bunx") => {
            words[1..].iter().skip_while(|word| matches!(word.as_str(), "-y" | "--yes")).cloned().collect()
        }
        Some("pnpm" | "yarn") if words.get(1).is_some_and(|word| matches!(word.as_str(), "dlx" | "exec")) => {
            words[2..].to_vec()
        }
        _ => words,
    };
    let is_preview = |words: &[String]| words.iter().any(|word| word == "preview");
    match words.first().map(|word| base_name(word))? {
        "serve" | "http-server" | "sirv" | "live-server" | "static-web-server" => Some(words),
        "vite" | "npm" | "yarn" | "pnpm" if is_preview(&words) => Some(words),
        _ => None,
    }
}

fn project(stage: &SingleStage<'_>) -> String {
    let calls = stage.steps.iter().flat_map(|step| &step.calls);
    calls
        .filter(|call| node::builds(call))
        .map(|call| call.folder.clone())
        .next_back()
        .unwrap_or_else(|| "/".to_owned())
}

fn serving(stage: &SingleStage<'_>) -> Result<Serving, Declined> {
    let Some(words) = server(stage) else {
        return Err(Declined::at(stage.command.line, "what serves the site is not plain"));
    };
    let name = base_name(words.first().map_or("", String::as_str)).to_owned();
    let mut operands = Vec::new();
    let mut port = None;
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-l" | "--listen" | "-p" | "--port" | "--host" | "-a" | "-c" | "--config" => {
                let value = rest.next();
                if matches!(word.as_str(), "-l" | "--listen" | "-p" | "--port") {
                    port =
                        value.and_then(|value| value.rsplit(':').next()).and_then(|port| port.parse().ok());
                }
            }
            word if word.starts_with("--port=") || word.starts_with("--listen=") => {
                port = word.rsplit(['=', ':']).next().and_then(|port| port.parse().ok());
            }
            word if word.starts_with('-') => {}
            word => operands.push(word.to_owned()),
        }
    }
    let (default_port, is_preview) = match name.as_str() {
        "serve" => (3000, false),
        "vite" | "npm" | "yarn" | "pnpm" => (4173, true),
        "sirv" => (5000, false),
        _ => (8080, false),
    };
    let named =
        operands.first().filter(|_| !is_preview).map(|folder| join_path(&stage.command.folder, folder));
    let folder = match named {
        Some(folder) if place::lies_in(&folder, &project(stage)) && folder != project(stage) => folder,
        Some(folder) => {
            return Err(Declined::at(
                stage.command.line,
                format!("`{folder}` is served, and which build writes it is not plain"),
            ));
        }
        None if is_preview => join_path(&project(stage), "dist"),
        None => {
            return Err(Declined::at(
                stage.command.line,
                format!("which folder `{}` serves is not plain", words.join(" ")),
            ));
        }
    };
    let single_page = is_preview || words.iter().any(|word| matches!(word.as_str(), "-s" | "--single"));
    Ok(Serving { folder, port: port.unwrap_or(default_port), single_page })
}

#[cfg(test)]
mod tests {
    use crate::rewrite::tests::{check, check_declined};
    use expect_test::expect;

    #[test]
    fn nginx_serves_what_node_served() {
        check(
            r#"FROM node:18
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
RUN npm run build
RUN npm install -g serve
EXPOSE 3000
CMD ["serve", "-s", "build"]
"#,
            expect![[r#"
                FROM node:18 AS build
                    ^ 1: this stage builds and stays behind: its base, its tools and their caches do not ship
                WORKDIR /app
                COPY package*.json ./
                RUN npm ci
                COPY . .
                RUN npm run build
                RUN npm install -g serve

                FROM nginx:alpine
                    ^ 9: files alone need a web server and no Node
                COPY <<'EOF' /etc/nginx/conf.d/default.conf
                server {
                    listen 3000;
                    root /usr/share/nginx/html;
                    location / {
                        try_files $uri $uri/ $uri.html /index.html;
                    }
                }
                EOF
                    ^ 10: nginx answers on the port that the image had before, so that `docker run -p` stays as it is
                COPY --from=build /app/build /usr/share/nginx/html
                    ^ 19: the site alone ships: no packages, no sources, no Node
                EXPOSE 3000
                ? nginx takes the place of `serve -s build`, and starts by the command of its own image
                ? Variables that are set when a container starts do not reach a site that is built: they are in it from the build
                = 1020 to 69 MB: 93 %
            "#]],
        );
        check(
            r#"from node:22-alpine as web
workdir /app
copy . .
run npm ci && npm run build
cmd ["npx", "vite", "preview", "--host", "0.0.0.0", "--port", "80"]
"#,
            expect![[r#"
                from node:22-alpine as web
                workdir /app
                copy . .
                run npm ci && npm run build

                from nginx:alpine
                    ^ 6: files alone need a web server and no Node
                copy <<'EOF' /etc/nginx/conf.d/default.conf
                server {
                    listen 80;
                    root /usr/share/nginx/html;
                    location / {
                        try_files $uri $uri/ $uri.html /index.html;
                    }
                }
                EOF
                    ^ 7: nginx answers on the port that the image had before, so that `docker run -p` stays as it is
                copy --from=web /app/dist /usr/share/nginx/html
                    ^ 16: the site alone ships: no packages, no sources, no Node
                ? nginx takes the place of `npx vite preview --host 0.0.0.0 --port 80`, and starts by the command of its own image
                ? Variables that are set when a container starts do not reach a site that is built: they are in it from the build
                ? the stage web builds now: `--target web` would ship it with all its tools
                = 167 to 69 MB: 58 %
            "#]],
        );
    }

    #[test]
    fn a_server_for_development_is_left_alone() {
        check_declined(
            "FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm ci && npm run build\nCMD [\"npx\", \"ng\", \"serve\"]",
            expect![
                "5: `npx ng serve` is for development: it compiles or watches sources while it runs, so the tools have to ship with it"
            ],
        );
        check_declined(
            "FROM node:20\nWORKDIR /a\nCOPY . .\nRUN npm ci && npm run build\nCMD [\"npx\", \"serve\"]",
            expect!["5: which folder `serve` serves is not plain"],
        );
    }
}
