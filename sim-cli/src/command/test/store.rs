//! Stored reports as files: the format of the Rust crate insta, so that tests in Rust and this
//! command share one file. A head between two lines of `---`, then the text.

use crate::exit::Failure;
use crate::input;
use crate::output::PendingFile;
use sim_core::report::Stored;
use std::io::Write;
use std::path::Path;

/// The head of a file that this command writes first.
const HEAD: &str = "---\nsource: squall test\n---\n";

/// What is stored; nothing if there is no file, or the reason why it cannot be read.
pub(super) fn read(path: &Path) -> Result<Option<Stored>, String> {
    if !path.exists() {
        return Ok(None);
    }
    let text = input::kept_text(path, input::REPORT_BYTES).map_err(|failure| failure.text())?;
    let (_, body) = parts(&text).ok_or("it has no head between two lines of `---`")?;
    Stored::parse(body).map(Some)
}

/// Stores a report. The head of a file that is there already stays.
pub(super) fn write(path: &Path, stored: &Stored) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        let made = std::fs::create_dir_all(folder);
        made.map_err(|error| Failure::writing(folder, &error))?;
    }
    let old = path
        .exists()
        .then(|| input::kept_text(path, input::REPORT_BYTES).ok())
        .flatten();
    let head = old
        .as_deref()
        .and_then(parts)
        .map_or(HEAD, |(head, _)| head);
    let mut file = PendingFile::create(path)?;
    let written = file.write_all(format!("{head}{}", stored.text()).as_bytes());
    written.map_err(|error| Failure::writing(path, &error))?;
    file.finish()
}

/// Head with both its lines, and body.
fn parts(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("---\n")?;
    let end = inner.find("\n---\n")? + "---\n".len() + "\n---\n".len();
    Some(text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_body_are_told_apart() {
        let text = format!("{HEAD}{{}}\n");
        assert_eq!(parts(&text), Some((HEAD, "{}\n")));
        assert_eq!(parts("{}"), None);
        assert_eq!(parts("---\n{}"), None);
    }
}
