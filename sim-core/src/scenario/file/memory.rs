//! `memory` of a service.

use crate::scenario::read::{Limit, file_map};
use crate::units::{Bytes, Factor, Probability};

file_map! {
    /// What an instance holds in memory. It is looked at when a call comes, and each second while a
    /// fault fills it.
    MemoryFile {
        /// Held with no call there [size].
        idle: Bytes, default "0B";
        /// Held for each call that waits or runs [size].
        per_call: Bytes, default "0B";
        /// With more than this the instance is killed: all that is in it ends as `error.reset`, and it
        /// restarts as `lifecycle.restart` says [size].
        limit: Limit<Bytes>, default "unlimited";
        /// Work that starts takes longer as the limit comes near; not, if absent.
        slow: MemorySlowFile, optional;
    }
}

file_map! {
    /// Work takes longer as memory runs short, linearly.
    MemorySlowFile {
        /// From this share of the limit on.
        from: Probability, required;
        /// So many times as long at the limit.
        factor: Factor, required;
    }
}
