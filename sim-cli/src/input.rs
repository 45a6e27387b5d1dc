//! Reading what people name: bounded, regular files of text and nothing else.
//!
//! A name may lead to a directory, a device that never ends, a pipe that never begins, gigabytes
//! or bytes that are no text. Each is refused with its reason before it costs anything.

use crate::exit::{Exit, Failure, shown};
use crate::interruptible::InterruptibleInput;
use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Longest scenario \[bytes\].
pub(crate) const SCENARIO_BYTES: u64 = 16 * 1024 * 1024;
/// Longest file that a scenario names \[bytes\].
pub(crate) const COMPANION_BYTES: u64 = 16 * 1024 * 1024;
/// Longest report \[bytes\].
pub(crate) const REPORT_BYTES: u64 = 256 * 1024 * 1024;

/// What this command was given to read, links followed: none of it may be written over.
static GIVEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn remember(path: &Path) {
    if let (Ok(path), Ok(mut given)) = (path.canonicalize(), GIVEN.lock()) {
        given.insert(path);
    }
}

/// Whether a file, by whatever name, was given to this command to be read.
pub(crate) fn is_given(path: &Path) -> bool {
    let known = |path: PathBuf| GIVEN.lock().is_ok_and(|given| given.contains(&path));
    path.canonicalize().is_ok_and(known)
}

/// Why a file was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Bad input, or trouble while reading.
    exit: Exit,
    /// The reason, to stand behind the file's name.
    reason: String,
}

impl Refusal {
    fn input(reason: impl Into<String>) -> Self {
        Self {
            exit: Exit::BadInput,
            reason: reason.into(),
        }
    }

    /// An error from the system.
    fn system(error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        let kind = error.kind();
        if kind == Kind::NotFound {
            return Self::input("there is no such file");
        }
        let of_the_name = [
            Kind::PermissionDenied,
            Kind::NotADirectory,
            Kind::InvalidInput,
            Kind::InvalidFilename,
        ];
        let exit = if of_the_name.contains(&kind) {
            Exit::BadInput
        } else {
            Exit::Trouble
        };
        Self {
            exit,
            reason: error.to_string(),
        }
    }

    fn of(self, name: &str) -> Failure {
        let text = format!("cannot read {name}: {}", self.reason);
        if self.exit == Exit::Trouble {
            Failure::trouble(text)
        } else {
            Failure::input(text)
        }
    }
}

/// Whether the environment says that this is continuous integration. It decides what is written,
/// never what is computed.
pub(crate) fn in_ci() -> bool {
    let value = std::env::var_os("CI").unwrap_or_default();
    !["", "0", "false"].iter().any(|no| value == *no)
}

/// Whether a path stands for standard input or output.
pub(crate) fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// What messages call an input.
pub(crate) fn name_of(path: &Path) -> String {
    if is_dash(path) {
        "<stdin>".to_owned()
    } else {
        path.to_string_lossy().into_owned()
    }
}

/// The text of a file that was given, or of standard input for `-`.
pub(crate) fn text(path: &Path, limit: u64) -> Result<String, Failure> {
    if !is_dash(path) {
        remember(path);
    }
    kept_text(path, limit)
}

/// The same of a file that this command keeps itself and may write anew.
pub(crate) fn kept_text(path: &Path, limit: u64) -> Result<String, Failure> {
    if is_dash(path) {
        return stream_text(io::stdin().lock(), limit).map_err(|why| why.of("standard input"));
    }
    file_text(path, limit).map_err(|why| why.of(&shown(path)))
}

/// The text of a regular file.
fn file_text(path: &Path, limit: u64) -> Result<String, Refusal> {
    stream_text(regular_file(path, limit)?, limit)
}

/// Opens a regular file. Its kind is looked at first, since merely opening a pipe may block, and
/// again once it is open, since the name may by then mean another file.
pub(crate) fn regular_file(path: &Path, limit: u64) -> Result<File, Refusal> {
    let system = |error: io::Error| Refusal::system(&error);
    check(&path.metadata().map_err(system)?, limit)?;
    let file = File::open(path).map_err(system)?;
    check(&file.metadata().map_err(system)?, limit)?;
    Ok(file)
}

/// A regular file or standard input, to be read as it comes.
pub(crate) fn open_stream(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if is_dash(path) {
        return Ok(Box::new(BufReader::with_capacity(
            1 << 16,
            InterruptibleInput::open(),
        )));
    }
    remember(path);
    Ok(Box::new(BufReader::with_capacity(1 << 18, open_log(path)?)))
}

/// Opens a regular file of any length, to be read line by line.
pub(crate) fn open_log(path: &Path) -> Result<File, Failure> {
    regular_file(path, u64::MAX).map_err(|why| why.of(&shown(path)))
}

fn check(metadata: &Metadata, limit: u64) -> Result<(), Refusal> {
    if metadata.is_dir() {
        return Err(Refusal::input("it is a directory, but a file is needed"));
    }
    if !metadata.is_file() {
        return Err(Refusal::input("it is not a regular file"));
    }
    if metadata.len() > limit {
        return Err(too_long(limit));
    }
    Ok(())
}

fn too_long(limit: u64) -> Refusal {
    let mib = limit / (1024 * 1024);
    Refusal::input(format!("it is larger than the limit of {mib} MiB"))
}

fn stream_text(stream: impl Read, limit: u64) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    let mut bounded = stream.take(limit.saturating_add(1));
    let read = bounded.read_to_end(&mut bytes);
    read.map_err(|error| Refusal::system(&error))?;
    if bytes.len() as u64 > limit {
        return Err(too_long(limit));
    }
    String::from_utf8(bytes).map_err(|error| not_text(error.as_bytes(), error.utf8_error()))
}

fn not_text(bytes: &[u8], error: std::str::Utf8Error) -> Refusal {
    let before = &bytes[..error.valid_up_to()];
    let line_start = before
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |n| n + 1);
    let line = before.split(|&b| b == b'\n').count();
    let column = 1 + String::from_utf8_lossy(&before[line_start..])
        .chars()
        .count();
    let byte = bytes[error.valid_up_to()];
    Refusal::input(format!(
        "line {line}, column {column}: the byte 0x{byte:02x} is not UTF-8 text"
    ))
}

/// Reads the files that a scenario names: beside it or below, never elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct Companions {
    folder: PathBuf,
}

impl Companions {
    /// Those of the scenario at `path`; of one from standard input, those in the current folder.
    pub(crate) fn of(path: &Path) -> Self {
        let parent = path.parent().filter(|_| !is_dash(path));
        let folder = match parent {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            Some(_) | None => PathBuf::from("."),
        };
        Self { folder }
    }

    /// The text of the file with this name, or the reason why there is none.
    pub(crate) fn read(&self, name: &str) -> Result<String, String> {
        let path = self.inside(name)?;
        remember(&path);
        file_text(&path, COMPANION_BYTES).map_err(|why| why.reason)
    }

    /// Where the name leads, links followed.
    fn inside(&self, name: &str) -> Result<PathBuf, String> {
        let cause = |error: io::Error| Refusal::system(&error).reason;
        let folder = self.folder.canonicalize().map_err(cause)?;
        let path = folder.join(name).canonicalize().map_err(cause)?;
        if path.starts_with(&folder) {
            Ok(path)
        } else {
            Err("it lies outside the scenario's folder".to_owned())
        }
    }
}

/// For text that must be complete in itself, such as the scenario in a report.
pub(crate) fn no_files(_name: &str) -> Result<String, String> {
    Err("the scenario in a report names no files".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_have_a_place() {
        let refused = stream_text(&b"a: 1\nb\xc3\xa9: \xff"[..], 100).unwrap_err();
        assert_eq!(
            refused.reason,
            "line 2, column 5: the byte 0xff is not UTF-8 text"
        );
    }

    #[test]
    fn the_limit_itself_is_fine_and_one_more_is_not() {
        assert_eq!(stream_text(&b"1234"[..], 4).unwrap(), "1234");
        assert!(stream_text(&b"12345"[..], 4).is_err());
    }

    #[test]
    fn devices_and_directories_are_refused() {
        let reason = |path: &str| file_text(Path::new(path), 10).unwrap_err().reason;
        assert_eq!(reason("."), "it is a directory, but a file is needed");
        assert_eq!(reason("no-such-file"), "there is no such file");
        #[cfg(unix)]
        assert_eq!(reason("/dev/zero"), "it is not a regular file");
    }

    #[test]
    fn files_of_a_scenario_stay_in_its_folder() {
        let here = Companions::of(Path::new("src/x.yaml"));
        assert!(here.read("main.rs").is_ok());
        assert!(here.read("command/mod.rs").is_ok());
        for outside in ["../Cargo.toml", "/etc/hostname"] {
            let reason = here.read(outside).unwrap_err();
            assert_eq!(reason, "it lies outside the scenario's folder", "{outside}");
        }
    }
}
