//! The build context: which folder it is, and the .dockerignore that holds in it.
//! Reference: <https://docs.docker.com/build/concepts/context/#dockerignore-files>.

mod archive;

use crate::error::CliError;
use crate::source::Source;
use clap::Args;
use layercast_core::Facts;
use layercast_core::diagnostic::Diagnostic;
use layercast_core::facts::{BuildContext, ContextFile, Wanted};
use layercast_core::ignore;
use layercast_core::text::LineIndex;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// Where the build context is.
#[derive(Debug, Args)]
pub(crate) struct ContextArgs {
    /// The build context: copies from it are weighed, and its .dockerignore holds
    #[arg(long, value_name = "DIR", help_heading = "As docker build has them")]
    context: Option<PathBuf>,
}

/// A .dockerignore in force.
pub(crate) struct IgnoreFile {
    /// Where it was found; `.dockerignore` where the facts file gives its text.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl ContextArgs {
    /// A context that was named in another way.
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { context: Some(folder) }
    }

    /// The folder; none where no context is given.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.context.as_deref()
    }

    /// Refuses a context that is no readable folder.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        let Some(path) = &self.context else { return Ok(()) };
        match std::fs::read_dir(path) {
            Ok(_) => Ok(()),
            Err(source) => Err(CliError::Context { path: path.clone(), source }),
        }
    }

    /// Names and lengths of all files of the context; none where no context is given.
    pub(crate) fn listing(&self) -> Result<Option<BuildContext>, CliError> {
        let Some(root) = &self.context else { return Ok(None) };
        let mut context = BuildContext::default();
        let mut open = vec![(root.clone(), String::new())];
        while let Some((folder, prefix)) = open.pop() {
            let failed = |source| CliError::Context { path: folder.clone(), source };
            for entry in std::fs::read_dir(&folder).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
                let kind = entry.file_type().map_err(failed)?;
                if kind.is_dir() {
                    open.push((entry.path(), format!("{path}/")));
                } else if kind.is_symlink() {
                    let link = std::fs::read_link(entry.path()).map_err(failed)?;
                    let link = link.to_string_lossy().into_owned();
                    context.files.push(ContextFile::to(path, link));
                } else if kind.is_file() {
                    // A file that is gone by now is not in the context any more.
                    let Ok(metadata) = entry.metadata() else { continue };
                    context.files.push(ContextFile::new(path, metadata.len()));
                }
            }
        }
        context.files.sort_unstable();
        Ok(Some(context))
    }

    /// Reads what is wanted of a file of the listing, into the facts. What cannot be read says why.
    pub(crate) fn answer(&self, path: &str, wanted: Wanted, facts: &mut Facts) {
        let (Some(root), Some(context)) = (&self.context, &mut facts.context) else { return };
        let Ok(at) = context.files.binary_search_by(|file| file.path.as_str().cmp(path)) else { return };
        let file = &mut context.files[at];
        let read = match wanted {
            Wanted::Text => archive::read_text(&root.join(path)).map(|text| file.text = Some(text)),
            Wanted::Archive => archive::list(&root.join(path)).map(|entries| file.archive = Some(entries)),
        };
        file.failure = read.err();
    }

    /// The .dockerignore for a Dockerfile: the text that the facts give, else `<Dockerfile>.dockerignore` beside
    /// it, else the one at the root of the context.
    pub(crate) fn ignore_file(
        &self,
        dockerfile: &Path,
        given: Option<&str>,
    ) -> Result<Option<IgnoreFile>, CliError> {
        if let Some(text) = given {
            return Ok(Some(IgnoreFile { path: ".dockerignore".to_owned(), text: text.to_owned() }));
        }
        for path in self.candidates(dockerfile) {
            match std::fs::read(&path) {
                Ok(bytes) => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    return Ok(Some(IgnoreFile { path: path.to_string_lossy().into_owned(), text }));
                }
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
                Err(source) => return Err(CliError::IgnoreFile { path, source }),
            }
        }
        Ok(None)
    }

    fn candidates(&self, dockerfile: &Path) -> Vec<PathBuf> {
        let is_file = dockerfile.as_os_str() != "-";
        let beside = dockerfile.file_name().filter(|_| is_file).map(|name| {
            let mut own = OsString::from(name);
            own.push(".dockerignore");
            dockerfile.with_file_name(own)
        });
        let folder = self.context.as_deref().or_else(|| dockerfile.parent().filter(|_| is_file));
        let root = folder.map(|folder| folder.join(".dockerignore"));
        beside.into_iter().chain(root).collect()
    }
}

impl IgnoreFile {
    /// Its lines that hold no pattern: the build stops at the first of them.
    pub(crate) fn problems(&self) -> Vec<Diagnostic> {
        let lines = LineIndex::new(&self.text);
        let problem = |problem: ignore::IgnoreProblem| {
            let mut range = lines.range(problem.line);
            range.end = range.start + range.of(&self.text).trim_end().len();
            Diagnostic::error("invalid-ignore-pattern", problem.line, range, problem.message)
                .note("A pattern is a path in which * ? [a-z] and ** may stand; \\ takes the next as it is.")
        };
        ignore::IgnoreFile::parse(&self.text).problems.into_iter().map(problem).collect()
    }

    /// Its text, to show lines of it.
    pub(crate) fn source(&self) -> Source {
        Source { path: self.path.clone(), text: self.text.clone(), substituted: 0 }
    }
}
