//! `timeout`: gives up waiting.

use crate::policy::{OnExpiry, TimeoutConfig};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics};
use crate::scenario::like::library_names;
use crate::scenario::read::{At, choices, file_map};
use crate::time::SimDuration;

library_names! {
    /// A library whose timeout has a table.
    TimeoutLike = TIMEOUTS;
}

file_map! {
    /// Gives up waiting; its place decides whether it limits an attempt or the whole call.
    TimeoutFile short after {
        /// The library whose timeout it is like: its settings stand in for the keys that are missing
        /// here.
        like: TimeoutLike, optional;
        /// How long it waits (needed unless `like` or `connect` is given); resilience4j and Hystrix: 1s,
        /// opossum: 10s, Envoy: 15s, Polly: 30s.
        after: SimDuration, optional;
        /// What becomes of the attempt: abandoned (Polly, Envoy, gRPC), or left to run on
        /// (resilience4j, opossum).
        on_expiry: OnExpiryFile, default "cancel";
        /// Whether the attempt carries the deadline to the callee: gRPC does, the others here do not.
        propagate: bool, default "false";
        /// How long an attempt may take to connect; then it ends as `timeout.connect`. It acts where
        /// the instance cannot be reached: a partition of requests, or a crash with `callers_see:
        /// unreachable`. Without it, such an attempt waits for `after`; alone it limits nothing else.
        /// (Envoy: 5s.)
        connect: SimDuration, optional;
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

choices! {
    /// What becomes of what was given up.
    OnExpiryFile {
        /// It is abandoned.
        cancel = Cancel;
        /// It runs on and keeps what it holds; its result comes too late.
        detach = Detach;
    }
}

impl TimeoutFile {
    /// What it means; `None` after a mistake. The table that `like` names has been put into the file
    /// before it was read.
    pub(super) fn config(at: &At<Self>, found: &mut Diagnostics) -> Option<TimeoutConfig> {
        let file = &at.value;
        debug_assert!(file.like.is_none_or(|it| !it.0.is_empty()));
        if file.after.is_none() && file.connect.is_none() {
            let message = format!("`{}` has no `after`, which says how long it waits", at.path);
            let hint =
                "write `timeout: 500ms`, or `timeout: { connect: 100ms }` for connecting alone";
            found.push(Diagnostic::error("missing-key", at.span, message).hint(hint));
            return None;
        }
        Some(TimeoutConfig {
            after: file.after.unwrap_or(SimDuration::MAX),
            on_expiry: match file.on_expiry {
                OnExpiryFile::Cancel => OnExpiry::Cancel,
                OnExpiryFile::Detach => OnExpiry::Detach,
            },
            propagate: file.propagate,
            connect: file.connect,
        })
    }
}
