//! npm, yarn, pnpm, bun and the builds they start, each by what its layer holds.

use crate::facts::{Answered, BuildContext, ContextFile, Facts, NpmManifest, NpmTarball};

/// Facts with packages of 1,000 bytes each: `a` needs `b`, `d` is for development.
fn facts(files: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    let files = files.iter().map(|(path, text)| ContextFile {
        path: (*path).to_owned(),
        bytes: text.len() as u64,
        text: Some((*text).to_owned()),
        link: None,
        archive: None,
        failure: None,
    });
    facts.context = Some(BuildContext { files: files.collect(), partial: false });
    for (name, needs) in [("a", "b"), ("b", ""), ("d", ""), ("npm", ""), ("yarn", ""), ("typescript", "")] {
        let dependencies =
            needs.split_whitespace().map(|need| (need.to_owned(), "^1.0.0".to_owned())).collect();
        let manifest = NpmManifest { version: "1.0.0".to_owned(), dependencies, ..NpmManifest::default() };
        let tarball = NpmTarball { bytes: 300, unpacked: 1000, files: 2, exact: true };
        for version in ["latest", "1.0.0"] {
            facts.npm.manifests.insert(format!("{name}@{version}"), Answered::Known(manifest.clone()));
        }
        facts.npm.tarballs.insert(format!("{name}@1.0.0"), Answered::Known(tarball));
    }
    facts
}

const MANIFEST: (&str, &str) = (
    "package.json",
    r#"{"name": "x", "dependencies": {"a": "^1.0.0"}, "devDependencies": {"d": "^1.0.0"},
        "scripts": {"build": "tsc", "test": "jest", "loop": "npm run loop"}}"#,
);
const LOCK: (&str, &str) = (
    "package-lock.json",
    r#"{"lockfileVersion": 3, "packages": {"": {},
        "node_modules/a": {"version": "1.0.0", "resolved": "https://registry.example/a/-/a-1.0.0.tgz"},
        "node_modules/b": {"version": "1.0.0", "resolved": "https://registry.example/b/-/b-1.0.0.tgz"},
        "node_modules/d": {"version": "1.0.0", "resolved": "https://registry.example/d/-/d-1.0.0.tgz", "dev": true}}}"#,
);

/// The names of what the last layer holds, each once, in their order.
#[track_caller]
fn check(files: &[(&str, &str)], dockerfile: &str, expected: &str) {
    let text = format!("FROM node:20-slim\nWORKDIR /app\n{dockerfile}");
    let report = crate::analyse(&text, &facts(files));
    let layer = report.layers.last().expect("RUN makes a layer");
    let mut names: Vec<String> = layer.parts.iter().map(|part| part.name.clone()).collect();
    names.extend(layer.unknown.iter().map(|why| format!("unknown: {why}")));
    names.sort();
    assert_eq!(names.join(", "), expected, "{dockerfile}");
}

#[test]
fn a_lock_file_says_what_is_installed_and_npm_keeps_the_archives() {
    let all = "a 1.0.0, archives that npm keeps of the project, b 1.0.0, d 1.0.0, index of npm's cache of the project, log \
               of npm install, npm's list of packages";
    check(&[MANIFEST, LOCK], "COPY . .\nRUN npm ci", all);
    let bare = r#"{"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}}"#;
    let listed = "a 1.0.0, archives that npm keeps of the project, index of npm's cache of the project, lists of versions \
                  that npm keeps of the project, log of npm install, npm's list of packages";
    check(&[MANIFEST, ("package-lock.json", bare)], "COPY . .\nRUN npm ci", listed);
    let lean = "a 1.0.0, b 1.0.0, log of npm cache, log of npm install, npm's list of packages";
    check(&[MANIFEST, LOCK], "COPY . .\nRUN npm ci --omit=dev && npm cache clean --force", lean);
    check(
        &[MANIFEST, LOCK],
        "COPY . .\nENV NODE_ENV=production\nRUN npm ci && npm cache clean --force",
        lean,
    );
    let mounted = "a 1.0.0, b 1.0.0, npm's list of packages";
    check(
        &[MANIFEST, LOCK],
        "COPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci --only=production",
        mounted,
    );
    let bound = "--mount=type=bind,source=package.json,target=package.json \
                 --mount=type=bind,source=package-lock.json,target=package-lock.json";
    check(
        &[MANIFEST, LOCK],
        &format!("RUN {bound} --mount=type=cache,target=/root/.npm npm ci --omit=dev"),
        mounted,
    );
}

#[test]
fn without_a_lock_file_npm_chooses_and_writes_one() {
    check(
        &[MANIFEST],
        "COPY package.json .\nRUN npm install --omit=dev && npm cache clean --force",
        "a 1.0.0, b 1.0.0, log of npm cache, log of npm install, npm's list of packages, package-lock.json",
    );
}

#[test]
fn a_broken_lock_file_is_left_aside() {
    check(
        &[MANIFEST, ("package-lock.json", "{\"packages\": ")],
        "COPY . .\nRUN npm install --omit=dev --no-save && npm cache clean --force",
        "a 1.0.0, b 1.0.0, log of npm cache, log of npm install, npm's list of packages",
    );
}

#[test]
fn a_package_for_the_system_has_no_list() {
    let global = "log of npm cache, log of npm install yarn, yarn 1.0.0";
    check(&[], "RUN npm install -g yarn && npm cache clean --force", global);
}

#[test]
fn what_is_not_known_is_said() {
    let why = "unknown: the packages that npm ci installs: no package-lock.json is known in its folder; give the build \
               context by --context";
    check(&[], "RUN npm ci", why);
}

#[test]
fn prune_takes_away_what_only_development_needs() {
    let all = "a 1.0.0, b 1.0.0, log of npm install, log of npm prune, npm's list of packages";
    let run = "COPY . .\nRUN npm ci && npm prune --production && rm -rf /root/.npm/_cacache";
    check(&[MANIFEST, LOCK], run, all);
}

#[test]
fn node_modules_are_copied_and_deleted_as_one() {
    let stages =
        "COPY . .\nRUN npm ci --omit=dev\nFROM scratch\nCOPY --from=0 /app/node_modules /srv/node_modules";
    check(&[MANIFEST, LOCK], stages, "a 1.0.0, b 1.0.0, npm's list of packages");
    check(&[MANIFEST, LOCK], "COPY . .\nRUN npm ci && rm -rf node_modules /root/.npm", "");
}

#[test]
fn yarn_reads_its_own_lock_file() {
    let lock = (
        "yarn.lock",
        "# yarn lockfile v1\n\na@^1.0.0:\n  version \"1.0.0\"\n  dependencies:\n    b \"^1\"\n\nb@^1:\n  version \"1.0.0\"\n",
    );
    check(
        &[MANIFEST, lock],
        "COPY . .\nRUN yarn install --production --frozen-lockfile && yarn cache clean",
        ".yarn-integrity, a 1.0.0, b 1.0.0, yarn, compiled",
    );
}

#[test]
fn pnpm_and_bun_link_to_what_they_keep() {
    let lock = (
        "pnpm-lock.yaml",
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: \
         1.0.0\n\npackages:\n\n  a@1.0.0:\n    resolution: {integrity: x}\n",
    );
    check(
        &[MANIFEST, lock],
        "COPY . .\nRUN corepack enable && pnpm install --prod --frozen-lockfile",
        "a 1.0.0, index of pnpm's store, list of pnpm's own versions, pnpm by corepack, pnpm's lists",
    );
    let lock = (
        "bun.lock",
        r#"{"workspaces": {"": {"dependencies": {"a": "1"}}}, "packages": {"a": ["a@1.0.0", "", {}, "x"],}}"#,
    );
    check(&[MANIFEST, lock], "COPY . .\nRUN bun install --production", "a 1.0.0, lists of versions");
}

#[test]
fn a_script_is_looked_into_and_ends_where_it_calls_itself() {
    let files = [
        MANIFEST,
        ("src/x.ts", "let x: number = 1"),
        ("tsconfig.json", "{ // out\n \"compilerOptions\": {\"outDir\": \"dist\", \"sourceMap\": true, }, }"),
    ];
    let built = "compiled scripts, log of npm run build, maps of the scripts";
    check(&files, "COPY . .\nRUN npm run build", built);
    check(&files, "COPY . .\nRUN npm test", "log of npm run test");
    check(&files, "COPY . .\nRUN npm run loop", "log of npm run loop");
}

#[test]
fn a_bundle_brings_the_public_folder_along() {
    let files = [MANIFEST, ("public/robots.txt", "hello"), ("src/main.js", "import 'a'")];
    check(
        &files,
        "COPY . .\nRUN npx vite build --outDir=out --sourcemap && rm -rf /root/.npm",
        "index.html, map of the bundle, minified bundle, robots.txt",
    );
}
