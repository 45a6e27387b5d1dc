//! One process at a time in a folder.
//!
//! The operating system holds the lock (`flock` and its kin), so it is gone when its process is,
//! however that ended: nobody has to guess whether a lock that was left behind is stale. The number
//! of the process in the file is for people, and tells that an earlier one did not end well.

use crate::console::Console;
use crate::exit::{Failure, shown};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// A folder, or a part of one, that nobody else may use.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock with this name in a folder, which is made if it is missing.
    pub(super) fn take(folder: &Path, name: &str, console: &Console) -> Result<Self, Failure> {
        let made = std::fs::create_dir_all(folder);
        made.map_err(|error| Failure::writing(folder, &error))?;
        let path = folder.join(name);
        let failed = |error: std::io::Error| Failure::writing(&path, &error);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(failed)?;
        let is_free = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        };
        let holder = holder(&mut file);
        if !is_free {
            let holder = holder.unwrap_or_else(|| "another process".to_owned());
            let text = format!("{} is in use by {holder}", shown(folder));
            return Err(Failure::trouble(text).hint("wait for it, or name another folder"));
        }
        if let Some(holder) = holder {
            let text = format!(
                "{} was left by {holder}, which is gone; it is taken over",
                shown(&path)
            );
            console.remark(&format!("{text}\n"));
        }
        let written = file.rewind().and_then(|()| file.set_len(0));
        let written = written.and_then(|()| write!(file, "{}", std::process::id()));
        written.map_err(failed)?;
        Ok(Self { file })
    }
}

/// The process that has the lock, or had it and did not end well.
fn holder(file: &mut File) -> Option<String> {
    let mut text = String::new();
    let _ = file.read_to_string(&mut text);
    let process: u32 = text.trim().parse().ok()?;
    Some(format!("process {process}"))
}

impl Drop for Lock {
    fn drop(&mut self) {
        // An empty file tells the next one that this one ended well; taking the file away would let
        // two processes lock two files of one name.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::ColorChoice;

    #[test]
    fn the_second_one_is_refused_and_a_lock_that_was_left_is_taken_over() {
        let folder = std::env::temp_dir().join(format!("squall-lock-{}", std::process::id()));
        let console = Console::standard(ColorChoice::Never, true, true);
        let first = Lock::take(&folder, "lock", &console).unwrap();
        let Err(Failure::Message { text, .. }) = Lock::take(&folder, "lock", &console) else {
            panic!("the lock was given twice");
        };
        let holder = format!("is in use by process {}", std::process::id());
        assert!(text.ends_with(&holder), "{text}");
        assert!(Lock::take(&folder, "other", &console).is_ok());
        drop(first);
        assert_eq!(std::fs::read_to_string(folder.join("lock")).unwrap(), "");
        std::fs::write(folder.join("lock"), "4242").unwrap();
        assert!(Lock::take(&folder, "lock", &console).is_ok());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
