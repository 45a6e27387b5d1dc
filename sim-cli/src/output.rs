//! Writing files so that a name never stands for half of one.
//!
//! A file is written under a temporary name in its folder, forced to the disk and only then given
//! its name. What is certain to fail should fail before hours of simulation, so folder and files
//! are opened first. Whoever leaves early, by mistake or by Ctrl-C, leaves nothing behind.

use crate::exit::{Failure, shown};
use crate::input::is_given;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file under way to its name.
#[derive(Debug)]
pub(crate) struct PendingFile {
    target: PathBuf,
    temporary: PathBuf,
    file: BufWriter<File>,
    named: bool,
}

impl PendingFile {
    /// Opens the temporary file. Refuses a target that is there and no regular file.
    pub(crate) fn create(target: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::writing(target, &error);
        refuse_in_the_way(target)?;
        let (temporary, file) = temporary_beside(target).map_err(failed)?;
        Ok(Self {
            target: target.to_owned(),
            temporary,
            file: BufWriter::with_capacity(1 << 16, file),
            named: false,
        })
    }

    /// Where it will be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Writes all of a file at once; it still has no name.
    fn fill(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.file.write_all(text.as_bytes());
        written
            .and_then(|()| self.settle())
            .map_err(|error| Failure::writing(&self.target, &error))
    }

    /// Forces what was written to the disk.
    fn settle(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()
    }

    /// Gives a settled file its name.
    fn name(mut self) -> Result<(), Failure> {
        refuse_given(&self.target)?;
        let renamed = fs::rename(&self.temporary, &self.target);
        renamed.map_err(|error| Failure::writing(&self.target, &error))?;
        self.named = true;
        Ok(())
    }

    /// Settles the file, names it and makes the name last.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let settled = self.settle();
        settled.map_err(|error| Failure::writing(&self.target, &error))?;
        let folder = folder_of(&self.target);
        self.name()?;
        sync_folder(&folder)
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for PendingFile {
    fn drop(&mut self) {
        if !self.named {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// What was given to be read is never written over, whatever it is called.
fn refuse_given(target: &Path) -> Result<(), Failure> {
    if is_given(target) {
        let text = format!(
            "{} is read by this command, and would be written over",
            shown(target)
        );
        return Err(Failure::input(text).hint("name another file for what is written"));
    }
    Ok(())
}

/// A name that means something else than a regular file is not taken from it.
fn refuse_in_the_way(target: &Path) -> Result<(), Failure> {
    refuse_given(target)?;
    match target.symlink_metadata() {
        Ok(there) if there.is_dir() => Err(Failure::writing(target, &"it is a directory")),
        Ok(there) if there.is_symlink() => Err(Failure::writing(target, &"it is a link")),
        Ok(there) if !there.is_file() => Err(Failure::writing(target, &"it is not a regular file")),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::writing(target, &error)),
    }
}

/// A new file with a name that nobody else uses: the process number and a counter are in it.
fn temporary_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    let missing = || io::Error::new(io::ErrorKind::InvalidInput, "it has no file name");
    let name = target.file_name().ok_or_else(missing)?.to_string_lossy();
    let mut last = missing();
    for attempt in 0..100 {
        let unique = format!(".{name}.{}-{attempt}.tmp", std::process::id());
        let path = target.with_file_name(unique);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Whether a name is one that [`temporary_beside`] gives: `.NAME.PROCESS-ATTEMPT.tmp`.
fn is_temporary(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let inside = name
        .strip_prefix('.')
        .and_then(|name| name.strip_suffix(".tmp"));
    let unique = inside.and_then(|inside| inside.rsplit_once('.')?.1.split_once('-'));
    unique.is_some_and(|(process, attempt)| digits(process) && digits(attempt))
}

/// Takes away what a process left that was killed while it wrote into a folder. Nobody else may be
/// writing there.
pub(crate) fn clear_left_behind(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_str().is_some_and(is_temporary)) {
        let _ = fs::remove_file(entry.path());
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

/// Makes new names in a folder last. Only Unix can open a folder for that.
fn sync_folder(folder: &Path) -> Result<(), Failure> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let synced = File::open(folder).and_then(|opened| opened.sync_all());
    synced.map_err(|error| Failure::writing(folder, &error))
}

/// A folder for several files that appear together.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Folders that were made for it, outermost first; gone again if nothing is kept.
    made: Vec<PathBuf>,
    pending: Vec<PendingFile>,
    /// Files of an earlier time that must not stay.
    obsolete: Vec<PathBuf>,
    kept: bool,
}

impl Folder {
    /// Makes the folder and the folders in it, and tries in each whether files can be written;
    /// `files` are those known to come.
    pub(crate) fn open(path: &Path, below: &[&str], files: &[&str]) -> Result<Self, Failure> {
        let mut folder = Self {
            path: path.to_owned(),
            made: Vec::new(),
            pending: Vec::new(),
            obsolete: Vec::new(),
            kept: false,
        };
        folder.make(path)?;
        for name in below {
            folder.make(&path.join(name))?;
            drop(PendingFile::create(&path.join(name).join("probe"))?);
        }
        for name in files {
            folder.pending.push(PendingFile::create(&path.join(name))?);
        }
        Ok(folder)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a folder and those around it, and remembers which ones were missing.
    fn make(&mut self, path: &Path) -> Result<(), Failure> {
        let missing: Vec<&Path> = path
            .ancestors()
            .take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists())
            .collect();
        for folder in missing.into_iter().rev() {
            let made = fs::create_dir(folder);
            made.map_err(|error| Failure::writing(folder, &error))?;
            self.made.push(folder.to_owned());
        }
        if path.is_dir() {
            return Ok(());
        }
        Err(Failure::writing(path, &"it is there and not a folder"))
    }

    /// Puts a text into a file of the folder. It gets its name when all are there.
    pub(crate) fn put(&mut self, name: &str, text: &str) -> Result<(), Failure> {
        let target = self.path.join(name);
        let known = self.pending.iter().position(|file| file.target() == target);
        let place = known.unwrap_or(self.pending.len());
        if known.is_none() {
            self.pending.push(PendingFile::create(&target)?);
        }
        self.pending[place].fill(text)
    }

    /// Takes a file away that may be there from an earlier time, when all others are there.
    pub(crate) fn clear(&mut self, name: &str) {
        self.obsolete.push(self.path.join(name));
    }

    /// Names all files, and makes the names last.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.kept = true;
        let mut folders: Vec<PathBuf> = self.made.iter().map(|made| folder_of(made)).collect();
        for file in std::mem::take(&mut self.pending) {
            folders.push(folder_of(file.target()));
            file.name()?;
        }
        for file in &self.obsolete {
            let _ = fs::remove_file(file);
        }
        folders.sort();
        folders.dedup();
        folders.iter().try_for_each(|folder| sync_folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        self.pending.clear();
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Writes a file that must not be there yet.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let text = format!("{} is there already and is left as it is", shown(path));
            return Err(Failure::trouble(text).hint("name another file, or `-` for the screen"));
        }
        Err(error) => return Err(Failure::writing(path, &error)),
    };
    let written = file.write_all(text.as_bytes());
    written.and_then(|()| file.sync_all()).map_err(|error| {
        let _ = fs::remove_file(path);
        Failure::writing(path, &error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for one test, empty at first.
    fn scratch(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("squall-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_appear_together_and_replace_what_was_there() {
        let path = scratch("together");
        for text in ["old", "new"] {
            let mut folder = Folder::open(&path, &["charts"], &["a.txt"]).unwrap();
            folder.put("a.txt", text).unwrap();
            folder.put("charts/b.svg", text).unwrap();
            folder.finish().unwrap();
        }
        assert_eq!(names(&path), ["a.txt", "charts"]);
        assert_eq!(fs::read_to_string(path.join("a.txt")).unwrap(), "new");
        assert_eq!(names(&path.join("charts")), ["b.svg"]);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn who_leaves_early_leaves_nothing() {
        let path = scratch("early");
        let mut folder = Folder::open(&path.join("deep/er"), &["charts"], &["a.txt"]).unwrap();
        folder.put("a.txt", "half").unwrap();
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_file_or_a_folder_in_the_way_is_an_error() {
        let path = scratch("way");
        fs::create_dir_all(path.join("a.txt")).unwrap();
        fs::write(path.join("file"), "x").unwrap();
        assert!(Folder::open(&path, &[], &["a.txt"]).is_err());
        assert!(Folder::open(&path.join("file"), &[], &[]).is_err());
        assert!(Folder::open(&path.join("file/below"), &[], &[]).is_err());
        assert_eq!(names(&path), ["a.txt", "file"]);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn only_what_was_left_behind_is_taken_away() {
        let path = scratch("behind");
        fs::create_dir_all(&path).unwrap();
        let pending = PendingFile::create(&path.join("a.txt")).unwrap();
        std::mem::forget(pending);
        let others = [".a.txt.tmp", ".tmp", "a.1-0.tmp", ".hidden", ".a.1-x.tmp"];
        for name in others {
            fs::write(path.join(name), "x").unwrap();
        }
        assert_eq!(names(&path).len(), others.len() + 1);
        clear_left_behind(&path);
        assert_eq!(names(&path).len(), others.len());
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_new_file_replaces_nothing() {
        let path = scratch("new");
        write_new(&path, "first").unwrap();
        assert!(write_new(&path, "second").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        fs::remove_file(path).unwrap();
    }
}
