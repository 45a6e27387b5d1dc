//! `bulkhead`: limits what is under way at once.

use super::scope::{ScopeFile, scope_or_share};
use crate::model::spec::Scope;
use crate::policy::BulkheadConfig;
use crate::scenario::diagnostic::Diagnostics;
use crate::scenario::like::library_names;
use crate::scenario::read::{At, Limit, file_map};
use crate::scenario::value::{Count, Name};
use crate::time::SimDuration;

library_names! {
    /// A library whose bulkhead has a table.
    BulkheadLike = BULKHEADS;
}

file_map! {
    /// Limits what is under way at once.
    BulkheadFile {
        /// The library whose bulkhead it is like: its settings stand in for the keys that are missing
        /// here.
        like: BulkheadLike, optional;
        /// Calls inside at once [count] (needed unless `like` gives it); resilience4j: 25, Polly:
        /// 1000, Envoy: 1024.
        max_concurrent: Count<1>, required;
        /// Calls that may wait [count], first come, first served; resilience4j, Polly, opossum: 0,
        /// Envoy: 1024.
        max_waiting: Limit<Count<0>>, default "0";
        /// How long one may wait; Polly and Envoy set no limit of their own. resilience4j's
        /// `maxWaitDuration` 0 is `max_waiting: 0`.
        max_wait: Limit<SimDuration>, default "unlimited";
        /// Who owns its state; resilience4j, Polly and Envoy: `caller`.
        scope: ScopeFile, implied "caller";
        /// Bulkheads with this name in one process are the same one.
        share: Name, optional;
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

impl BulkheadFile {
    /// Who owns its state.
    pub(super) fn scope(at: &At<Self>, found: &mut Diagnostics) -> Scope {
        scope_or_share(at, at.value.scope, at.value.share.as_ref(), found)
    }

    /// What it means. The table that `like` names has been put into the file before it was read.
    pub(super) fn config(&self) -> BulkheadConfig {
        debug_assert!(self.like.is_none_or(|it| !it.0.is_empty()));
        BulkheadConfig {
            max_concurrent: self.max_concurrent.get(),
            max_waiting: self.max_waiting.or_any(),
            max_wait: self.max_wait.or_forever(),
        }
    }
}
