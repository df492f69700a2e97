//! What the tools of a JavaScript build write: compilers file by file, bundlers a small share of what they bundle.
//!
//! Two rules, both wide: a compiler's output is about as long as its sources; a bundler keeps of the packages that the
//! project names under `dependencies` one or two parts in a hundred, minified, and copies `public` as it is.

mod typescript;

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::super::part::Span;
use super::super::tree::{Entry, File, FileContent};
use super::Estimator;
use super::node::{self, Omit, Project, Text, wish, write_by_rule};
use crate::packages::npm::tree::plan;
use crate::packages::npm::weigh::weigh;

/// Of the files of the packages that are bundled, their closure taken together, so much is left in a minified bundle:
/// the part that a browser runs, once, without maps, types and the forms for other loaders.
const BUNDLED: [f64; 3] = [0.005, 0.018, 0.05];
/// A map holds the sources: so many times the bundle.
const MAP: [f64; 3] = [2.5, 4.0, 5.5];
/// Minified script, and its map, as gzip packs them.
const RATIO_SCRIPT: [f64; 3] = [0.26, 0.33, 0.4];
const RATIO_MAP: [f64; 3] = [0.18, 0.25, 0.32];
/// `next build` of a plain project: measured with Next 14. The server that `output: "standalone"` traces has the
/// framework's own compiled packages in it.
const NEXT_STANDALONE: [u64; 3] = [14_000_000, 17_600_000, 40_000_000];
const NEXT_SERVER: [u64; 3] = [150_000, 600_000, 6_000_000];
const NEXT_STATIC: [u64; 3] = [400_000, 700_000, 3_000_000];
const NEXT_CACHE: [u64; 3] = [1_000_000, 20_000_000, 90_000_000];

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    Some(match program {
        "tsc" | "vue-tsc" | "swc" | "babel" | "tsup" | "ngc" | "tsc-alias" => typescript::compile,
        "nest" => nest,
        "vite" | "rsbuild" | "farm" => vite,
        "react-scripts" | "craco" => react_scripts,
        "next" => next,
        "ng" => angular,
        "webpack" | "webpack-cli" | "parcel" | "rollup" | "vue-cli-service" | "rspack" | "astro"
        | "vuepress" | "vitepress" | "eleventy" | "docusaurus" | "gatsby" | "svelte-kit" => bundle,
        "esbuild" => bundle_file,
        "prisma" => prisma,
        "jest"
        | "vitest"
        | "mocha"
        | "ava"
        | "tap"
        | "nyc"
        | "c8"
        | "karma"
        | "cypress"
        | "eslint"
        | "tslint"
        | "prettier"
        | "stylelint"
        | "biome"
        | "standard"
        | "xo"
        | "husky"
        | "lint-staged"
        | "commitlint"
        | "nodemon"
        | "pm2"
        | "serve"
        | "http-server"
        | "is-ci"
        | "only-allow"
        | "patch-package"
        | "npm-run-all"
        | "wait-on"
        | "knip"
        | "depcheck"
        | "update-browserslist-db"
        | "ngcc" => nothing,
        "cross-env" | "dotenv" | "run-s" | "run-p" | "dotenvx" => wrapper,
        "rimraf" | "del-cli" => remove,
        "node" | "nodejs" => program_of_node,
        _ => return None,
    })
}

/// The package that brings a program, where it is not of the program's own name.
pub(super) fn package_of(program: &str) -> Option<&'static str> {
    Some(match program {
        "tsc" => "typescript",
        "ng" => "@angular/cli",
        "nest" => "@nestjs/cli",
        "vue-cli-service" => "@vue/cli-service",
        "babel" => "@babel/cli",
        _ => return None,
    })
}

fn nothing(_call: &Call, _machine: &mut Machine<'_>) -> Outcome {
    Outcome::done()
}

/// `cross-env A=b program …`: the program.
fn wrapper(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let words = call.arguments.iter().skip_while(|word| word.contains('=') || word.starts_with('-'));
    let words: Vec<String> = words.cloned().collect();
    if matches!(call.program.as_str(), "run-s" | "run-p") {
        let project = Project::at(&machine.folder);
        for script in &words {
            node::run_script(&project, script, machine);
        }
        return Outcome::done();
    }
    match words.split_first() {
        Some((program, arguments)) => {
            let program = program.rsplit('/').next().unwrap_or(program).to_owned();
            super::call(&Call { program, arguments: arguments.to_vec(), ..call.clone() }, machine)
        }
        None => Outcome::done(),
    }
}

fn remove(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    for path in call.operands(&[]) {
        machine.remove(path);
    }
    Outcome::done()
}

fn program_of_node(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    const TELLS: [&str; 6] = ["-v", "--version", "-e", "--eval", "-p", "-h"];
    match call.arguments.first() {
        Some(word) if !TELLS.contains(&word.as_str()) => {
            // A tool of the project by its path: `node node_modules/.bin/tsc`, `node ./node_modules/vite/bin/vite.js build`.
            let file = call.operands(&["--max-old-space-size", "-r", "--require", "--loader", "--import"]);
            let name = file.first().map_or("", |path| path.rsplit('/').next().unwrap_or(path));
            let program = name.trim_end_matches(".js").trim_end_matches(".mjs").to_owned();
            let at = call.arguments.iter().position(|own| Some(&own.as_str()) == file.first()).unwrap_or(0);
            if file.first().is_some_and(|path| path.contains("node_modules/"))
                && estimator_of(&program).is_some()
            {
                let arguments = call.arguments.get(at + 1..).unwrap_or_default().to_vec();
                return super::call(&Call { program, arguments, ..call.clone() }, machine);
            }
            machine.unknown(format!("what the program {name} writes"));
        }
        _ => {}
    }
    Outcome::done()
}

/// The verb of a tool; without one it builds (`vite` alone serves, which no RUN does).
fn is_build(call: &Call) -> bool {
    matches!(call.verb(), "build" | "generate" | "export" | "bundle")
}

fn project(machine: &Machine<'_>) -> Project {
    Project::at(&machine.folder)
}

/// Sum of the project's own sources, and of the styles and pictures among them that a bundler takes over.
fn sources(project: &Project, machine: &Machine<'_>) -> (u64, u64) {
    let mut scripts = 0;
    let mut assets = 0;
    let root = if project.folder.is_empty() { "/" } else { &project.folder };
    for (path, entry) in machine.under(root) {
        let Entry::File(File { bytes, .. }) = entry else { continue };
        let inside = path.strip_prefix(root).unwrap_or(&path).trim_start_matches('/');
        let first = inside.split('/').next().unwrap_or_default();
        let is_own = matches!(first, "src" | "app" | "pages" | "components" | "lib" | "assets" | "styles");
        if !is_own {
            continue;
        }
        match inside.rsplit('.').next().unwrap_or_default() {
            "js" | "jsx" | "ts" | "tsx" | "mjs" | "vue" | "svelte" | "css" | "scss" | "sass" | "less"
            | "html" | "json" => scripts += bytes,
            "png" | "jpg" | "jpeg" | "gif" | "webp" | "svg" | "woff" | "woff2" | "ttf" | "ico" | "mp4" => {
                assets += bytes;
            }
            _ => {}
        }
    }
    (scripts, assets)
}

/// A minified bundle of what package.json names under `dependencies`, and of the project's own sources.
fn bundle_of(project: &Project, machine: &mut Machine<'_>) -> Span {
    let omit = Omit { dev: true, ..Omit::default() };
    let (scripts, _) = sources(project, machine);
    let facts = &machine.facts().npm;
    let mut packages = 0_u64;
    if let Some(manifest) = project.manifest(machine) {
        let plan = plan(&wish(&manifest, omit), facts, &node::platform_of(machine));
        packages = plan.packages.iter().map(|package| weigh(package, facts).unpacked[1]).sum();
    }
    // Sources shrink to about a half; a page's own loader and styles are there in any case.
    let own = Span::around(scripts, 0.3, 0.9).scaled(0.55);
    let of_packages = Span {
        low: (packages as f64 * BUNDLED[0]) as u64,
        likely: (packages as f64 * BUNDLED[1]) as u64,
        high: (packages as f64 * BUNDLED[2]) as u64,
    };
    Span::sum([own, of_packages])
}

/// Copies a folder as it is.
fn copy_folder(from: &str, to: &str, machine: &mut Machine<'_>) {
    for (path, entry) in machine.under(from) {
        let Some(rest) = path.strip_prefix(from) else { continue };
        if let Entry::File(File { bytes, content }) = entry {
            machine.write_file(&format!("{to}{rest}"), bytes, content);
        }
    }
}

/// Writes a site: the bundle, its map where there is one, the folder of what is copied, pictures, a page.
fn write_site(out: &str, with_map: bool, call: &Call, machine: &mut Machine<'_>) {
    let project = project(machine);
    let out = machine.absolute(out);
    machine.remove(&out);
    let bundle = bundle_of(&project, machine);
    let (_, assets) = sources(&project, machine);
    let rule = format!("bundle by {}", call.program);
    write_by_rule("minified bundle", &format!("{out}/assets/"), bundle, RATIO_SCRIPT, &rule, machine);
    if with_map {
        let path = format!("{out}/assets/");
        write_by_rule("map of the bundle", &path, bundle.times(MAP), RATIO_MAP, &rule, machine);
    }
    let assets = Span::around(assets, 0.3, 1.05);
    write_by_rule("pictures and fonts", &format!("{out}/assets/"), assets, [0.85, 0.97, 1.0], &rule, machine);
    copy_folder(&project.path("public"), &out, machine);
    machine.write_file(&format!("{out}/index.html"), 400, FileContent::ByName);
}

/// The text of the first of these files.
fn first_text(names: &[&str], machine: &mut Machine<'_>) -> Option<String> {
    let project = project(machine);
    names.iter().find_map(|name| match project.text(name, machine) {
        Text::Known(text) => Some(text),
        _ => None,
    })
}

fn vite(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if is_build(call) {
        let names =
            ["vite.config.js", "vite.config.ts", "vite.config.mjs", "vite.config.mts", "rsbuild.config.ts"];
        let text = first_text(&names, machine).unwrap_or_default().replace([' ', '\n', '"'], "");
        let out = call.value(&["--outDir"]).map(str::to_owned).or_else(|| quoted_behind(&text, "outDir:"));
        let with_map = call.has(&["--sourcemap"]) || text.contains("sourcemap:true");
        write_site(&out.unwrap_or_else(|| "dist".to_owned()), with_map, call, machine);
    }
    Outcome::done()
}

/// `outDir:'build'` → `build`.
fn quoted_behind(text: &str, key: &str) -> Option<String> {
    let rest = text.get(text.find(key)? + key.len()..)?;
    let quote = rest.chars().next().filter(|sign| matches!(sign, '\'' | '`'))?;
    rest.get(1..)?
        .split(quote)
        .next()
        .map(str::to_owned)
        .filter(|path| !path.is_empty() && !path.contains("$"))
}

fn react_scripts(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if is_build(call) {
        let with_map =
            node::variable(call, machine, "GENERATE_SOURCEMAP").is_none_or(|value| value != "false");
        let out = node::variable(call, machine, "BUILD_PATH").unwrap_or_else(|| "build".to_owned());
        write_site(&out, with_map, call, machine);
        let path = format!("{}/", project(machine).path("node_modules/.cache"));
        let cache = Span::around(4_000_000, 0.3, 4.0);
        write_by_rule("cache of the build", &path, cache, [0.15, 0.25, 0.4], "cache of webpack", machine);
    }
    Outcome::done()
}

fn bundle(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let always = matches!(call.program.as_str(), "webpack" | "webpack-cli" | "rollup" | "rspack" | "parcel");
    if is_build(call) || (always && !matches!(call.verb(), "serve" | "watch")) {
        let out = call.value(&["--output-path", "-o", "--dir", "-d", "--dest", "--outDir", "--out-dir"]);
        let default = match call.program.as_str() {
            "docusaurus" | "svelte-kit" => "build",
            "gatsby" => "public",
            "eleventy" => "_site",
            _ => "dist",
        };
        let out = out.map_or_else(|| default.to_owned(), str::to_owned);
        write_site(&out, call.has(&["--devtool"]), call, machine);
    }
    Outcome::done()
}

fn bundle_file(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let project = project(machine);
    let bundles = call.has(&["--bundle"]);
    let (scripts, _) = sources(&project, machine);
    let bundle =
        if bundles { bundle_of(&project, machine).scaled(1.8) } else { Span::around(scripts, 0.4, 1.1) };
    let path = match (call.value(&["--outfile"]), call.value(&["--outdir"])) {
        (Some(file), _) => machine.absolute(file),
        (None, Some(folder)) => format!("{}/", machine.absolute(folder)),
        (None, None) => return Outcome::done(),
    };
    write_by_rule("bundle", &path, bundle, RATIO_SCRIPT, "bundle by esbuild", machine);
    Outcome::done()
}

fn next(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if !is_build(call) {
        return Outcome::done();
    }
    let names = ["next.config.js", "next.config.mjs", "next.config.ts"];
    let text = first_text(&names, machine).unwrap_or_default().replace([' ', '"', '\''], "");
    let project = project(machine);
    let (scripts, _) = sources(&project, machine);
    let rule = "next build";
    if text.contains("output:export") {
        write_site("out", false, call, machine);
    }
    let out = project.path(".next");
    let own = Span::around(scripts, 0.5, 3.0);
    let part = |name: &str, folder: &str, bytes: [u64; 3], ratio: [f64; 3], machine: &mut Machine<'_>| {
        let [low, likely, high] = bytes;
        let span = Span::sum([Span { low, likely, high }, own]);
        write_by_rule(name, &format!("{out}/{folder}/"), span, ratio, rule, machine);
    };
    part("server's bundle", "server", NEXT_SERVER, [0.2, 0.28, 0.36], machine);
    part("scripts of the pages", "static", NEXT_STATIC, [0.25, 0.32, 0.4], machine);
    part("cache of the build", "cache", NEXT_CACHE, [0.1, 0.15, 0.4], machine);
    if text.contains("output:standalone") {
        part("server with its packages", "standalone", NEXT_STANDALONE, [0.2, 0.26, 0.34], machine);
    }
    Outcome::done()
}

fn angular(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if matches!(call.verb(), "build" | "b") {
        let project = project(machine);
        let name = project.manifest(machine).map(|manifest| manifest.name).unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        let settings = first_text(&["angular.json"], machine).unwrap_or_default();
        let set = quoted_behind(&settings.replace([' ', '\n'], "").replace('"', "'"), "'outputPath':");
        let out = call.value(&["--output-path"]).map(str::to_owned).or(set);
        let out = out.unwrap_or_else(|| format!("dist/{name}"));
        // The builder of Angular 17 and later keeps what a browser runs apart from what a server runs.
        let is_split = settings.contains(":application\"");
        let out = if is_split { format!("{out}/browser") } else { out };
        write_site(&out, call.has(&["--source-map"]), call, machine);
        let path = format!("{}/", project.path(".angular/cache"));
        let cache = Span::around(15_000_000, 0.2, 4.0);
        write_by_rule("cache of the build", &path, cache, [0.15, 0.25, 0.4], "cache of Angular", machine);
    }
    Outcome::done()
}

fn nest(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if call.verb() == "build" {
        return typescript::compile(
            &Call { program: "tsc".to_owned(), arguments: Vec::new(), ..call.clone() },
            machine,
        );
    }
    Outcome::done()
}

/// The client that is generated beside the project's packages, and the engine that is fetched for it.
fn prisma(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    if call.verb() == "generate" {
        let path = format!("{}/", project(machine).path("node_modules/.prisma/client"));
        let client = Span::around(20_000_000, 0.15, 2.0);
        write_by_rule("client and engine", &path, client, [0.3, 0.38, 0.45], "prisma generate", machine);
    }
    Outcome::done()
}
