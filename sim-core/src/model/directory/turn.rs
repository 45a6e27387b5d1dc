//! A mark that changes, and what that is to who looks at it.

use super::member::Mark;
use crate::id::InstanceId;

/// A mark that is set or lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) instance: InstanceId,
    /// Who fills its slot.
    pub(crate) incarnation: u32,
    pub(crate) mark: Mark,
    /// Whether it is set.
    pub(crate) holds: bool,
}

/// What became of a mark that was to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It was so already.
    Nothing,
    /// The mark changed; the member is in rotation, or out of it, as before.
    Mark,
    /// The member left the rotation, or came back into it.
    Rotation,
}
