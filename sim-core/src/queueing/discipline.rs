//! Disciplines: who is taken next from a line.

use crate::time::SimDuration;

/// Who is taken next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// Who has waited longest.
    Fifo,
    /// Who came last.
    Lifo,
    /// Anyone, each with the same probability.
    Random,
    /// Who is of the highest class; within a class who came first.
    Priority {
        /// After each such wait one counts as a class higher; `None`: never.
        aging: Option<SimDuration>,
    },
    /// Whose deadline comes first; who has none comes last.
    EarliestDeadline,
    /// One of each group in turn, in the order in which the groups came; of a group who came first.
    Fair,
    /// Who came first; but who came last, once the line has not been empty for longer than
    /// `interval`.
    AdaptiveLifo {
        /// How long it may take to empty the line.
        interval: SimDuration,
    },
}

impl Discipline {
    /// Whether the order of arrival alone says who is next, or a draw.
    pub const fn is_simple(self) -> bool {
        match self {
            Self::Fifo | Self::Lifo | Self::Random => true,
            Self::Priority { .. }
            | Self::EarliestDeadline
            | Self::Fair
            | Self::AdaptiveLifo { .. } => false,
        }
    }

    /// Whether it tells groups apart among those who wait.
    pub const fn has_groups(self) -> bool {
        match self {
            Self::Priority { .. } | Self::Fair => true,
            Self::Fifo
            | Self::Lifo
            | Self::Random
            | Self::EarliestDeadline
            | Self::AdaptiveLifo { .. } => false,
        }
    }
}
