//! Pools that were checked, before it is known who uses them.

use crate::model::spec::PoolSpec;
use crate::scenario::diagnostic::Span;

/// A pool as written and checked, before it is known who uses it.
pub(super) struct PoolDraft {
    pub(super) name: String,
    /// None after a mistake, which was reported.
    pub(super) spec: Option<PoolSpec>,
    pub(super) span: Span,
    pub(super) is_used: bool,
}
