//! The Dockerfiles a visitor meets first, one for each pattern of multi-stage builds.

/// One example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its folder in `examples/`.
    pub name: &'static str,
    /// What the menu calls it.
    pub title: &'static str,
    /// The Dockerfile. Its first line says what it teaches.
    pub source: &'static str,
}

impl Example {
    /// What it teaches, in a sentence: its first line, without the `#`.
    pub fn lesson(&self) -> &'static str {
        let first = self.source.lines().next().unwrap_or("");
        first.trim_start_matches(['#', ' '])
    }
}

macro_rules! example {
    ($name:literal, $title:literal) => {
        Example {
            name: $name,
            title: $title,
            source: include_str!(concat!("../examples/", $name, "/Dockerfile")),
        }
    };
}

/// Every example, in the order of the menu. The first one greets a new visitor.
pub static ALL: &[Example] = &[
    example!("go-alpine", "Go on Alpine"),
    example!("go-scratch", "Go from scratch"),
    example!("go-distroless", "Go on distroless"),
    example!("node-api", "Node API"),
    example!("typescript", "TypeScript service"),
    example!("angular-nginx", "Angular on nginx"),
    example!("django-venv", "Django in a virtual environment"),
    example!("spring-boot", "Spring Boot in layers"),
    example!("jlink", "Java with jlink"),
    example!("static-site", "Static site on Caddy"),
    example!("dev-test-prod", "Development, test, production"),
    example!("parallel", "Front end beside back end"),
];

/// The name of the example that a text is; empty for another text.
pub fn name_of(source: &str) -> &'static str {
    ALL.iter().find(|example| example.source == source).map_or("", |example| example.name)
}

/// The example of that name.
pub fn find(name: &str) -> Option<&'static Example> {
    ALL.iter().find(|example| example.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_says_what_it_teaches() {
        for example in ALL {
            assert!(example.source.starts_with("# "), "{}", example.name);
            assert!(example.lesson().ends_with('.'), "{}", example.name);
        }
    }

    #[test]
    fn the_menu_and_the_folder_hold_the_same() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
        let entries = std::fs::read_dir(folder).map(|entries| entries.flatten().collect::<Vec<_>>());
        let mut found: Vec<String> = entries
            .unwrap_or_default()
            .iter()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        found.sort_unstable();
        let mut listed: Vec<&str> = ALL.iter().map(|example| example.name).collect();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }
}
