//! How the program ends: one number for the shell, one type for everything that can go wrong.

use sim_core::scenario::diagnostic::display_safe;
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// What the number means that the shell sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Ok,
    /// An expectation failed, or a replay or a stored report differs.
    Failed,
    /// The command line or an input is wrong.
    BadInput,
    /// The run cannot say, or was stopped at a limit.
    Inconclusive,
    /// Reading or writing failed, or the program itself did.
    Trouble,
    /// A person stopped it.
    Interrupted,
}

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::BadInput => 2,
            Self::Inconclusive => 3,
            Self::Trouble => 4,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command could not do what it was asked to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// One line says it, and a hint perhaps what to do.
    Message {
        /// How the program ends.
        exit: Exit,
        /// The fact and its cause; safe to show.
        text: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Everything has been said already.
    Said(Exit),
}

impl Failure {
    /// An input or an argument is wrong.
    pub(crate) fn input(text: impl AsRef<str>) -> Self {
        Self::message(Exit::BadInput, text)
    }

    /// Reading or writing failed.
    pub(crate) fn trouble(text: impl AsRef<str>) -> Self {
        Self::message(Exit::Trouble, text)
    }

    /// A file or folder could not be written.
    pub(crate) fn writing(path: &Path, cause: &impl Display) -> Self {
        Self::trouble(format!("cannot write {}: {cause}", shown(path)))
    }

    /// Standard output could not be written.
    pub(crate) fn stdout(cause: &io::Error) -> Self {
        Self::trouble(format!("cannot write to standard output: {cause}"))
    }

    /// The same with a hint.
    pub(crate) fn hint(mut self, advice: impl Into<String>) -> Self {
        if let Self::Message { hint, .. } = &mut self {
            *hint = Some(advice.into());
        }
        self
    }

    /// The fact and its cause; empty if everything has been said already.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Message { text, .. } => text.clone(),
            Self::Said(_) => String::new(),
        }
    }

    /// How the program ends.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Message { exit, .. } | Self::Said(exit) => *exit,
        }
    }

    fn message(exit: Exit, text: impl AsRef<str>) -> Self {
        Self::Message {
            exit,
            text: display_safe(text.as_ref()),
            hint: None,
        }
    }
}

/// A path in backquotes, safe to show.
pub(crate) fn shown(path: &Path) -> String {
    format!("`{}`", display_safe(&path.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_hold_no_control_bytes() {
        let failure = Failure::writing(Path::new("a\u{1b}[2J"), &"no\nspace");
        let Failure::Message { text, exit, .. } = failure else {
            panic!("a message is expected");
        };
        assert_eq!(text, "cannot write `a\\u{1b}[2J`: no\\u{a}space");
        assert_eq!(exit.code(), 4);
    }
}
