//! The real program, started as a person would.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The path of the program, which cargo has built before these tests.
pub(crate) fn squall() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_squall"))
}

/// What a finished command left.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The number that the shell sees.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// Fails unless the command ended with this code.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }

    /// Fails unless the command refused its input by one error that says this, and printed nothing.
    #[track_caller]
    pub(crate) fn refused(self, said: &str) {
        let ended = self.with(2);
        assert!(
            ended.err.contains(said),
            "{said:?} is not in\n{}",
            ended.err
        );
        assert_eq!(ended.err.matches("error").count(), 1, "{}", ended.err);
        assert_eq!(ended.out, "");
    }
}

/// Whether lines are no longer than a terminal of 80 columns is wide.
pub(crate) fn fits_a_terminal<'a>(mut lines: impl Iterator<Item = &'a str>) -> bool {
    lines.all(|line| line.chars().count() <= 80)
}

/// A folder of its own for one test, empty at first.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// The folder of the test with this name.
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self { path }
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file in it.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Reads a file in it.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Fails unless these files are the same below two folders.
    #[track_caller]
    pub(crate) fn same(&self, one: &str, other: &str, files: &[&str]) {
        for file in files {
            let (one, other) = (format!("{one}/{file}"), format!("{other}/{file}"));
            assert_eq!(self.read(&one), self.read(&other), "{file}");
        }
    }

    /// The names of everything in it or in a folder below, sorted.
    pub(crate) fn names(&self, below: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(below)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// The program, about to be started here.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(squall());
        command
            .args(args)
            .current_dir(&self.path)
            .stdin(Stdio::null());
        command.env_remove("NO_COLOR");
        command
    }

    /// Runs the program here.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Ended {
        self.command(args).output().unwrap().into()
    }
}
