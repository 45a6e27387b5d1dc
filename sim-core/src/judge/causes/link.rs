//! A link of a chain of causes, and what it is about.

use crate::judge::episodes::Episodes;
use crate::judge::run_view::RunView;
use crate::time::{SimDuration, SimTime};

/// What begins so long after something is taken for its consequence.
pub(super) const SOON: SimDuration = SimDuration::from_secs(60);

/// A link of a chain of causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// When it begins.
    pub at: SimTime,
    /// What points of a series show begins before this instant, not at `at` exactly.
    pub(super) before: SimTime,
    /// Until when it holds.
    pub(super) until: SimTime,
    pub(super) kind: Kind,
    /// What happened, without the time.
    pub text: String,
}

/// What a link is about: of two that begin together, the earlier one leads to the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Fault,
    Threads,
    Queue,
    Attempts,
    PassedOn,
    Extra,
    Layer,
    Calls,
    Over,
    Sustained,
    Recovery,
}

impl Link {
    /// What is known to the instant.
    pub(super) fn exactly(at: SimTime, until: SimTime, kind: Kind, text: String) -> Self {
        let before = at;
        Self {
            at,
            before,
            until,
            kind,
            text,
        }
    }

    /// What points of a series show.
    pub(super) fn of(view: &RunView<'_>, episodes: &Episodes, kind: Kind, text: String) -> Self {
        Self {
            at: episodes.from(view),
            before: view.record.series.grid.end_of(episodes.first()),
            until: episodes.until(view),
            kind,
            text,
        }
    }
}

impl Kind {
    /// Which links make room for others if there are too many: the greatest first.
    pub(super) const fn dispensable(self) -> u8 {
        match self {
            Self::Fault | Self::Over | Self::Sustained | Self::Recovery => 0,
            Self::Calls => 1,
            Self::Queue | Self::Extra => 2,
            Self::Layer => 3,
            Self::Attempts => 4,
            Self::PassedOn => 5,
            Self::Threads => 6,
        }
    }
}
