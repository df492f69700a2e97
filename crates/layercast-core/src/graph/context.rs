//! Named contexts: `--build-context name=value` puts something else in the place of a stage or an image.
//! Reference: <https://docs.docker.com/reference/cli/docker/buildx/build/#build-context>.

use super::{Base, Graph};
use crate::facts::BuildOptions;
use crate::image_ref::{ImageRef, Platform};

/// What stands in for `name` on a platform; none where no context has that name.
pub(super) fn named_context(build: &BuildOptions, name: &str, platform: &Platform) -> Option<Base> {
    if build.build_contexts.is_empty()
        || ["scratch", "context"].iter().any(|own| name.eq_ignore_ascii_case(own))
    {
        return None;
    }
    let wanted = short_name(name)?;
    let for_platform = format!("{wanted}::{platform}");
    let called = |wanted: &str| {
        build.build_contexts.iter().find(|(key, _)| match key.split_once("::") {
            Some((name, platform)) => {
                format!("{}::{platform}", short_name(name).unwrap_or_default()) == wanted
            }
            None => short_name(key).as_deref() == Some(wanted),
        })
    };
    let (_, value) = called(&for_platform).or_else(|| called(&wanted))?;
    Some(match value.strip_prefix("docker-image://") {
        Some("scratch") => Base::Scratch,
        Some(image) => ImageRef::parse(image).map_or(Base::Invalid, Base::Image),
        None => Base::Context(wanted),
    })
}

/// Puts contexts in the place of the images that stages start from and copy from.
pub(super) fn replace_images(graph: &mut Graph, build: &BuildOptions) {
    if build.build_contexts.is_empty() {
        return;
    }
    let image_name = |base: &Base| match base {
        Base::Image(image) => Some(image.to_string()),
        _ => None,
    };
    for stage in graph.stages.iter_mut().filter(|stage| !stage.replaced) {
        let context = image_name(&stage.base).and_then(|name| named_context(build, &name, &stage.platform));
        stage.base = context.unwrap_or(stage.base.clone());
    }
    for implicit in &mut graph.implicit {
        let context =
            image_name(&implicit.base).and_then(|name| named_context(build, &name, &graph.platform));
        implicit.base = context.unwrap_or(implicit.base.clone());
    }
}

/// The name as people write it, `:latest` left out.
fn short_name(name: &str) -> Option<String> {
    let familiar = ImageRef::parse(name).ok()?.familiar();
    Some(familiar.strip_suffix(":latest").unwrap_or(&familiar).to_owned())
}

#[cfg(test)]
mod tests {
    use crate::Facts;
    use crate::dockerfile::Dockerfile;
    use crate::graph::{Base, Graph};

    /// What each stage starts from, under build contexts.
    #[track_caller]
    fn check(source: &str, contexts: &[(&str, &str)], expected: &[&str]) {
        let mut facts = Facts::default();
        let owned = contexts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        facts.build.build_contexts.extend(owned);
        let graph = Graph::new(&Dockerfile::read(source), &facts);
        let bases =
            graph.stages.iter().map(|stage| &stage.base).chain(graph.implicit.iter().map(|it| &it.base));
        let bases: Vec<String> = bases
            .map(|base| match base {
                Base::Image(image) => image.familiar(),
                Base::Context(name) => format!("context {name}"),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(bases, expected);
    }

    #[test]
    fn a_context_takes_the_place_of_an_image() {
        check("FROM alpine", &[("alpine", "docker-image://debian:12")], &["debian:12"]);
        check("FROM alpine:3.19", &[("alpine", "docker-image://debian:12")], &["alpine:3.19"]);
        check("FROM alpine:latest", &[("docker.io/library/alpine", "./dir")], &["context alpine"]);
        check("FROM alpine", &[("alpine::linux/arm64", "./dir")], &["alpine:latest"]);
        check("FROM a\nCOPY --from=files x /", &[("files", "../files")], &["a:latest", "context files"]);
    }

    #[test]
    fn a_context_takes_the_place_of_a_stage_whose_commands_then_do_not_run() {
        let source = "FROM golang AS build\nRUN --mount=target=/ x\nFROM scratch\nCOPY --from=build x /";
        check(source, &[("build", "../out")], &["context build", "Scratch"]);
        let mut facts = Facts::default();
        facts.build.build_contexts.insert("build".into(), "../out".into());
        let report = crate::analyse(source, &facts);
        assert_eq!(report.target().unwrap().error, None);
        assert!(report.target().unwrap().images.is_empty());
    }

    #[test]
    fn nothing_stands_in_for_scratch() {
        check("FROM scratch", &[("scratch", "docker-image://debian")], &["Scratch"]);
    }
}
