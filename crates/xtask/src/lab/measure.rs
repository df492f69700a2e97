//! Measuring: the cases of `tests/accuracy` built for real, and what Docker says of their layers.
//!
//! Sizes are Docker's own: unpacked as `docker history` counts it, compressed as the registry holds the blob. The
//! form of `measured.json` is documented in tests/accuracy/README.md.

use super::{Bases, Lab};
use crate::program::Program;
use crate::project::{self, cargo};
use crate::step::{Failed, step};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// What the last stage is called in commands and file names where a case names no target.
const LAST: &str = "last";

/// A layer that is not empty.
#[derive(Debug)]
struct Layer {
    /// Where it comes from in the Dockerfile; none for the base image.
    line: Option<u64>,
    digest: String,
    unpacked: u64,
    compressed: u64,
}

/// What a registry holds of an image: its configuration and the blobs of its layers.
#[derive(Debug)]
struct Pushed {
    digest: String,
    config: Value,
    layers: Vec<(String, u64)>,
}

impl Lab {
    /// Asks package registries again about the cases whose name holds `word`, without building anything.
    pub(crate) fn learn_again(&self, word: &str) -> Result<(), Failed> {
        fs::create_dir_all(&self.folder)?;
        for case in cases()?.iter().filter(|case| name_of(case).contains(word)) {
            step(&name_of(case), || self.learn(case))?;
        }
        Ok(())
    }

    /// Measures the cases whose name holds `word`, and writes down what the base images are.
    pub(crate) fn measure(&self, word: &str) -> Result<(), Failed> {
        self.up(Bases::All)?;
        let cases = cases()?;
        let chosen: Vec<&PathBuf> = cases.iter().filter(|case| name_of(case).contains(word)).collect();
        if chosen.is_empty() {
            return Err(Failed(format!("no case of tests/accuracy has {word:?} in its name")));
        }
        fs::write(folder().join("bases.facts.json"), self.base_facts()?)?;
        for case in chosen {
            step(&name_of(case), || self.measure_case(case))?;
        }
        Ok(())
    }

    fn measure_case(&self, case: &Path) -> Result<(), Failed> {
        let text = fs::read_to_string(case.join("Dockerfile"))?;
        let images = targets(&text).into_iter().enumerate();
        let images: Vec<String> =
            images.map(|(i, target)| self.measure_image(case, target, i == 0)).collect::<Result<_, _>>()?;
        fs::write(case.join("measured.json"), format!("[\n{}\n]\n", images.join(",\n")))?;
        self.learn(case)
    }

    /// Keeps what package registries say of the case, if they are asked at all, so that no test has to ask them.
    pub(crate) fn learn(&self, case: &Path) -> Result<(), Failed> {
        let text = fs::read_to_string(case.join("Dockerfile"))?;
        let known = self.path("facts.json");
        fs::copy(folder().join("bases.facts.json"), &known)?;
        for target in targets(&text) {
            let companion = cargo(["run", "--quiet", "--package", "layercast-cli", "--"]);
            let estimate = companion.args(["estimate", "--format", "json", "--facts"]).args([&known]);
            let estimate = estimate.args(["--save-facts"]).args([&known]).args(["--context"]);
            let estimate = estimate.args([self.context_of(case)?]);
            let estimate = estimate.args(target.iter().flat_map(|target| ["--target", *target]));
            estimate.args([case.join("Dockerfile")]).read()?;
        }
        let mut learnt = parse(&fs::read_to_string(&known)?)?;
        if let Some(all) = learnt.as_object_mut() {
            all.retain(|key, _| !["images", "image_failures", "build"].contains(&key.as_str()));
        }
        mask_sources(&mut learnt);
        leave_out_versions(&mut learnt["python"]);
        let file = case.join("facts.json");
        if learnt.as_object().is_some_and(|all| all.len() > 1) {
            let text = serde_json::to_string_pretty(&learnt).map_err(|error| Failed(error.to_string()))?;
            return Ok(fs::write(file, text + "\n")?);
        }
        if file.exists() { Ok(fs::remove_file(file)?) } else { Ok(()) }
    }

    fn measure_image(&self, case: &Path, target: Option<&str>, anew: bool) -> Result<String, Failed> {
        let registry = self.registry_address().unwrap_or_default();
        let name = format!("measured/{}", name_of(case));
        let image = format!("{registry}/{name}:{}", target.unwrap_or(LAST));
        let context = self.context_of(case)?;
        let log = self.path("measure.log");
        let mut build = self.docker().args(["build", "--progress=plain", "--tag", &image, "--file"]);
        build = build.args([&case.join("Dockerfile")]).args(self.network_flags());
        build = build.args(target.iter().flat_map(|target| ["--target", *target]));
        build = build.args(anew.then_some("--no-cache"));
        let built = build.args([&context]).run_into(&log);
        built.map_err(|failed| Failed(format!("{failed}; see {}", log.display())))?;
        self.docker().args(["push", "--quiet", &image]).read()?;
        let pushed = self.pushed(&name, target.unwrap_or(LAST))?;
        let lines = lines_of(case, target)?;
        let layers = layers(&pushed, &self.sizes(&image)?, &lines)?;
        let version = self.docker_version().unwrap_or_default();
        Ok(written(target, &version, &today()?, &layers))
    }

    /// A case without a context has an empty one.
    fn context_of(&self, case: &Path) -> Result<PathBuf, Failed> {
        let own = case.join("context");
        if own.is_dir() {
            return Ok(own);
        }
        let empty = self.path("empty");
        fs::create_dir_all(&empty)?;
        Ok(empty)
    }

    /// Bytes of each entry of an image's history, oldest first.
    fn sizes(&self, image: &str) -> Result<Vec<u64>, Failed> {
        let format = ["history", "--human=false", "--format", "{{.Size}}", image];
        let text = self.docker().args(format).read()?;
        let sizes: Option<Vec<u64>> = text.lines().rev().map(|line| line.trim().parse().ok()).collect();
        sizes.ok_or_else(|| Failed(format!("docker history gives no sizes: {text}")))
    }

    /// Read from the registry's storage: nothing there is encoded in any other way than on the wire.
    fn pushed(&self, name: &str, tag: &str) -> Result<Pushed, Failed> {
        let registry = self.storage().join("docker/registry/v2");
        let link =
            registry.join("repositories").join(name).join("_manifests/tags").join(tag).join("current/link");
        let digest = fs::read_to_string(link)?;
        let blob = |digest: &str| -> Result<Value, Failed> {
            let hex = digest.trim_start_matches("sha256:");
            let folder = registry.join("blobs/sha256").join(hex.get(..2).unwrap_or_default()).join(hex);
            parse(&fs::read_to_string(folder.join("data"))?)
        };
        let manifest = blob(&digest)?;
        let layers = manifest["layers"].as_array().into_iter().flatten();
        let layers =
            layers.filter_map(|layer| Some((layer["digest"].as_str()?.to_owned(), layer["size"].as_u64()?)));
        let layers = layers.collect();
        let config = blob(manifest["config"]["digest"].as_str().unwrap_or_default())?;
        Ok(Pushed { digest, config, layers })
    }

    /// The base images in the form of a facts file.
    fn base_facts(&self) -> Result<String, Failed> {
        let registry = self.registry_address().unwrap_or_default();
        let today = today()?;
        let mut images = Vec::new();
        for base in self.bases() {
            let (name, tag) = base.split_once(':').unwrap_or((&base, "latest"));
            let pushed = self.pushed(&format!("library/{name}"), tag)?;
            let sizes = self.sizes(&format!("{registry}/library/{base}"))?;
            let layers = layers(&pushed, &sizes, &[])?;
            let config = &pushed.config["config"];
            images.push(json!({
                "reference": format!("docker.io/library/{base}"),
                "platform": "linux/amd64",
                "digest": pushed.digest,
                "as_of": today,
                "source": "look-alike built from Debian packages",
                "config": {
                    "env": config["Env"].as_array().cloned().unwrap_or_default(),
                    "user": config["User"].as_str().unwrap_or_default(),
                    "workdir": config["WorkingDir"].as_str().unwrap_or_default(),
                    "onbuild": [],
                },
                "layers": layers.iter().map(|layer| json!({
                    "digest": layer.digest, "download": layer.compressed, "unpacked": layer.unpacked,
                })).collect::<Vec<Value>>(),
            }));
        }
        let facts = json!({"version": 1, "images": images});
        Ok(serde_json::to_string_pretty(&facts).map_err(|error| Failed(error.to_string()))? + "\n")
    }
}

/// Which registry a machine asks is its own matter.
fn mask_sources(facts: &mut Value) {
    match facts {
        Value::Object(all) => {
            for (key, value) in all.iter_mut() {
                match value {
                    Value::String(source) if key == "source" => "the registry".clone_into(source),
                    _ => mask_sources(value),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(mask_sources),
        _ => {}
    }
}

/// Of each Python project the versions that were chosen: an index lists hundreds.
fn leave_out_versions(python: &mut Value) {
    let Some(archives) = python["archives"].as_object().cloned() else { return };
    let is_chosen = |file: &Value| file["name"].as_str().is_some_and(|name| archives.contains_key(name));
    let projects = python["projects"].as_object_mut().into_iter().flatten();
    for versions in projects.filter_map(|(_, project)| project["versions"].as_array_mut()) {
        versions.retain(|version| version["files"].as_array().into_iter().flatten().any(is_chosen));
        for files in versions.iter_mut().filter_map(|version| version["files"].as_array_mut()) {
            files.retain(is_chosen);
        }
    }
}

/// The folders of the cases, in order.
fn cases() -> Result<Vec<PathBuf>, Failed> {
    let entries = fs::read_dir(folder())?.flatten().map(|entry| entry.path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.join("Dockerfile").is_file()).collect();
    cases.sort();
    Ok(cases)
}

fn folder() -> PathBuf {
    project::root().join("tests/accuracy")
}

fn name_of(case: &Path) -> String {
    case.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The targets that a case is measured for: a comment in its first line names them, else it is the last stage.
fn targets(dockerfile: &str) -> Vec<Option<&str>> {
    let first = dockerfile.lines().next().unwrap_or_default();
    match first.strip_prefix("# measured: ") {
        Some(names) => names.split(", ").map(Some).collect(),
        None => vec![None],
    }
}

/// The lines of the instructions that a target's history tells of, in its order, each with its keyword.
fn lines_of(case: &Path, target: Option<&str>) -> Result<Vec<(u64, String)>, Failed> {
    let companion = cargo(["run", "--quiet", "--package", "layercast-cli", "--"]);
    let inspect = companion.args(["inspect", "--format", "json"]).args([&case.join("Dockerfile")]);
    let report = parse(&inspect.read()?)?;
    let empty = Vec::new();
    let list = |value: &Value| value.as_array().unwrap_or(&empty).clone();
    let stages = list(&report["stages"]);
    let named = |stage: &&Value| target.is_none_or(|name| stage["name"] == name);
    let mut stage = stages.iter().rev().find(named);
    let mut chain = Vec::new();
    while let Some(this) = stage {
        let own = list(&this["instructions"]);
        let own = own.iter().filter_map(|index| report["instructions"].get(index.as_u64()? as usize));
        let mut own: Vec<(u64, String)> = own
            .filter_map(|one| Some((one["line"].as_u64()?, one["keyword"].as_str()?.to_owned())))
            .filter(|(_, keyword)| keyword != "ONBUILD")
            .collect();
        own.append(&mut chain);
        chain = own;
        let below = this["source"].as_u64();
        stage = below.and_then(|below| stages.iter().find(|other| other["index"] == below));
    }
    Ok(chain)
}

/// Joins what the registry, the history and the Dockerfile say. The last entries of the history are those of the
/// Dockerfile, one for each of `lines`.
fn layers(pushed: &Pushed, sizes: &[u64], lines: &[(u64, String)]) -> Result<Vec<Layer>, Failed> {
    let history: Vec<&Value> = pushed.config["history"].as_array().into_iter().flatten().collect();
    let n_base = history.len().checked_sub(lines.len());
    let (Some(n_base), true) = (n_base, history.len() == sizes.len()) else {
        let counts = (history.len(), sizes.len(), lines.len());
        return Err(Failed(format!("entries of history, sizes and instructions do not fit: {counts:?}")));
    };
    let mut blobs = pushed.layers.iter();
    let mut layers = Vec::new();
    for (i, (entry, size)) in history.into_iter().zip(sizes).enumerate() {
        let written = i.checked_sub(n_base).and_then(|i| lines.get(i));
        let by = entry["created_by"].as_str().unwrap_or_default();
        if let Some((line, keyword)) = written.filter(|(_, keyword)| !by.starts_with(keyword.as_str())) {
            return Err(Failed(format!("line {line} is {keyword}, and the history says {by}")));
        }
        if entry["empty_layer"] == true {
            continue;
        }
        let (digest, compressed) = blobs.next().ok_or_else(|| Failed("a layer has no blob".to_owned()))?;
        layers.push(Layer {
            line: written.map(|(line, _)| *line),
            digest: digest.clone(),
            unpacked: *size,
            compressed: *compressed,
        });
    }
    if blobs.next().is_some() { Err(Failed("a blob has no layer".to_owned())) } else { Ok(layers) }
}

/// One line of text a layer, so that a change reads well.
fn written(target: Option<&str>, version: &str, today: &str, layers: &[Layer]) -> String {
    let own = || layers.iter().filter(|layer| layer.line.is_some());
    let rows: Vec<String> = layers
        .iter()
        .map(|layer| {
            let line = json!(layer.line);
            let (unpacked, compressed) = (layer.unpacked, layer.compressed);
            format!("   {{\"dockerfile_line\": {line}, \"unpacked_bytes\": {unpacked}, \"compressed_bytes\": {compressed}}}")
        })
        .collect();
    format!(
        " {{\n  \"target\": {}, \"platform\": \"linux/amd64\", \"docker_version\": \"{version}\", \"as_of\": \"{today}\",\n  \
         \"image_size_bytes\": {}, \"compressed_bytes\": {},\n  \
         \"own_unpacked_bytes\": {}, \"own_compressed_bytes\": {},\n  \
         \"layers\": [\n{}\n  ]\n }}",
        json!(target),
        layers.iter().map(|layer| layer.unpacked).sum::<u64>(),
        layers.iter().map(|layer| layer.compressed).sum::<u64>(),
        own().map(|layer| layer.unpacked).sum::<u64>(),
        own().map(|layer| layer.compressed).sum::<u64>(),
        rows.join(",\n")
    )
}

fn today() -> Result<String, Failed> {
    Ok(Program::new("date").args(["-u", "+%F"]).read()?.trim().to_owned())
}

fn parse(text: &str) -> Result<Value, Failed> {
    serde_json::from_str(text).map_err(|error| Failed(format!("not JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(history: Value, lines: &[(u64, &str)], expected: &str) {
        let pushed = Pushed {
            digest: "sha256:00".to_owned(),
            config: json!({ "history": history }),
            layers: vec![("sha256:aa".to_owned(), 40), ("sha256:bb".to_owned(), 5)],
        };
        let lines: Vec<_> = lines.iter().map(|(line, keyword)| (*line, (*keyword).to_owned())).collect();
        let got = match layers(&pushed, &[100, 0, 10], &lines) {
            Ok(layers) => layers
                .iter()
                .map(|layer| {
                    format!("{:?} {} {} {}", layer.line, layer.digest, layer.unpacked, layer.compressed)
                })
                .collect::<Vec<_>>()
                .join("; "),
            Err(Failed(why)) => why,
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn layers_find_their_lines() {
        let history = json!([{"created_by": ""}, {"created_by": "ENV A=1", "empty_layer": true}, {"created_by": "RUN /bin/sh -c x"}]);
        let expected = "None sha256:aa 100 40; Some(3) sha256:bb 10 5";
        check(history.clone(), &[(2, "ENV"), (3, "RUN")], expected);
        check(history.clone(), &[(2, "COPY"), (3, "RUN")], "line 2 is COPY, and the history says ENV A=1");
        let short = json!([{"created_by": ""}]);
        check(short, &[], "entries of history, sizes and instructions do not fit: (1, 3, 0)");
        let full = json!([{"created_by": ""}, {"created_by": "WORKDIR /a"}, {"created_by": "RUN x"}]);
        check(full, &[(2, "WORKDIR"), (3, "RUN")], "a layer has no blob");
    }

    #[test]
    fn versions_that_were_not_chosen_are_left_out() {
        let mut python = json!({"archives": {"a-2.whl": {}}, "projects": {"a": {"versions": [
            {"version": "3", "files": [{"name": "a-3.whl"}]},
            {"version": "2", "files": [{"name": "a-2.whl"}, {"name": "a-2.tar.gz"}]},
        ]}}});
        leave_out_versions(&mut python);
        let kept = json!([{"version": "2", "files": [{"name": "a-2.whl"}]}]);
        assert_eq!(python["projects"]["a"]["versions"], kept);
        leave_out_versions(&mut Value::Null);
    }

    #[test]
    fn no_registry_is_named() {
        let mut facts =
            json!({"version": 1, "python": {"projects": {"a": {"source": "host.example", "n": [1]}}}});
        mask_sources(&mut facts);
        assert_eq!(
            facts,
            json!({"version": 1, "python": {"projects": {"a": {"source": "the registry", "n": [1]}}}})
        );
    }

    #[test]
    fn targets_are_named_in_the_first_line() {
        assert_eq!(targets("FROM scratch\n"), [None]);
        assert_eq!(targets("# measured: build, final\nFROM scratch\n"), [Some("build"), Some("final")]);
    }
}
