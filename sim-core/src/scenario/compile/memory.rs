//! `memory` of a service.

use super::Compiler;
use crate::queueing::MemoryConfig;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::file::memory::MemoryFile;
use crate::scenario::read::At;
use crate::units::{Bytes, Factor};

impl Compiler<'_> {
    pub(super) fn memory(&mut self, at: &At<MemoryFile>) -> MemoryConfig {
        let (file, path) = (&at.value, &at.path);
        let limit = file.limit.0;
        if let Some(limit) = limit
            && file.idle > limit
        {
            let message = format!(
                "`{path}`: idle it holds {}, but the limit is {limit}: it would be killed as it starts",
                file.idle
            );
            let hint = "raise `limit` above `idle` and what calls hold";
            self.found
                .push(Diagnostic::error("bad-value", at.span, message).hint(hint));
        } else if let Some(limit) = limit
            && file.idle.plus(file.per_call) > limit
        {
            let message = format!(
                "`{path}`: with one call it holds {}, but the limit is {limit}: each call would kill it",
                file.idle.plus(file.per_call)
            );
            let hint = "raise `limit`, or lower `per_call`";
            self.found
                .push(Diagnostic::error("bad-value", at.span, message).hint(hint));
        }
        if file.slow.is_some() && limit.is_none() {
            let message = format!("`{path}.slow` needs `limit`: it begins at a share of that");
            let hint = "add `limit`, such as `limit: 1GB`, or leave out `slow`";
            self.found
                .push(Diagnostic::error("missing-key", at.span, message).hint(hint));
        }
        let factor = file.slow.as_ref().map_or(Factor::ONE, |slow| slow.factor);
        if factor < Factor::ONE {
            let message = format!(
                "`{path}.slow.factor` is {}, but scarce memory does not make work faster",
                factor.get()
            );
            let hint = "give `factor` at least 1: so many times as long at the limit";
            self.found
                .push(Diagnostic::error("bad-value", at.span, message).hint(hint));
        }
        let from = |share: f64| Bytes::new((limit.map_or(0, Bytes::get) as f64 * share) as u64);
        MemoryConfig {
            idle: file.idle,
            per_call: file.per_call,
            limit,
            slow: file
                .slow
                .as_ref()
                .map(|slow| (from(slow.from.get()), slow.factor)),
        }
    }
}
