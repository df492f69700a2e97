//! The one place that runs the companion: a command in, its exit status and both streams out.

use expect_test::Expect;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A folder of its own for one test, and the companion run in it.
pub(crate) struct Workshop {
    folder: tempfile::TempDir,
}

impl Workshop {
    /// A folder with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let workshop = Self { folder };
        for (name, content) in files {
            workshop.write(name, content.as_bytes());
        }
        workshop
    }

    /// Writes one more file, and the folders on the way to it.
    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        let path = self.path().join(name);
        let folder = path.parent().unwrap_or(self.path());
        std::fs::create_dir_all(folder).expect("folders can be made in a temporary folder");
        std::fs::write(path, content).expect("the temporary folder can be written to");
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the companion with `args`, `stdin` as its standard input.
    pub(crate) fn run(&self, args: &str, stdin: &[u8]) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_layercast"))
            .args(args.split_whitespace())
            .current_dir(self.path())
            .env_clear()
            .env("VERSION_FROM_ENVIRONMENT", "3.22")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the companion starts");
        let mut input = child.stdin.take().expect("its standard input is piped");
        // A command that does not read its input closes it; that is no failure of the test.
        let _ = input.write_all(stdin);
        drop(input);
        let output = child.wait_with_output().expect("the companion ends");
        Ran {
            args: args.to_owned(),
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("standard output is text"),
            stderr: String::from_utf8(output.stderr).expect("standard error is text"),
        }
    }

    /// Holds `layercast args` against `expected`.
    #[track_caller]
    pub(crate) fn check(&self, args: &str, expected: Expect) {
        expected.assert_eq(&self.run(args, b"").to_string());
    }
}

/// One run of the companion.
pub(crate) struct Ran {
    args: String,
    /// Its exit status; none where a signal ended it.
    pub(crate) status: Option<i32>,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it complained of.
    pub(crate) stderr: String,
}

impl std::fmt::Display for Ran {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let status = self.status.map_or("a signal".to_owned(), |status| status.to_string());
        writeln!(formatter, "$ layercast {}\nexit: {status}", self.args)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(formatter, "--- {name} ---\n{}", text.trim_end_matches('\n'))?;
            }
        }
        Ok(())
    }
}
