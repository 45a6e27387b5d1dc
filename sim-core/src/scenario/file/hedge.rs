//! `hedge`: the same call once more before the first has failed.

use super::budget::BudgetRef;
use super::distribution::DistFile;
use super::like::HedgeLike;
use super::policy::OutcomesFile;
use crate::scenario::read::{
    At, FileType, Reader, choices, field_presence, field_read, field_type, file_map,
};
use crate::scenario::shape::Shape;
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Percentile};

file_map! {
    /// Begins the same call again before it has failed; the first useful answer wins.
    HedgeFile {
        /// The library whose hedge it is like: its settings stand in for the keys that are missing
        /// here.
        like: HedgeLike, optional;
        /// How long after the beginning of one pass the next begins; 0s: all at once. (Polly: 2s;
        /// gRPC has no default.)
        delay: HedgeDelayFile, required;
        /// Passes besides the first [count], at most (Polly: 1; gRPC: `maxAttempts` - 1, at most 4;
        /// Envoy: `num_retries`); 0: none.
        max_hedges: Count<0, 100>, default "1";
        /// Failures that leave the others their chance, where another answers at once (gRPC calls
        /// these fatal): by default all but `error.invalid`
        /// and `cancelled`, own choice: what is the caller's mistake will fail again.
        on: OutcomesFile, optional;
        /// What a failure does to the pass that is due.
        on_failure: OnFailureFile, default "wait";
        /// What becomes of the passes that lost.
        losers: LosersFile, default "cancel";
        /// Whether instances that were tried are left out while another is left.
        other_instance: bool, default "true";
        /// Which of `budgets` has to grant each pass besides the first, or one of its own; nobody, if
        /// absent or `none`. Once it
        /// refuses one, the call begins no other.
        budget: BudgetRef, optional;
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

choices! {
    /// What a failure does to the pass that is due.
    OnFailureFile {
        /// Nothing: it begins when its delay is over (Finagle).
        wait = Wait;
        /// It begins at once (gRPC, Polly, Envoy).
        at_once = AtOnce;
    }
}

choices! {
    /// What becomes of the passes that lost.
    LosersFile {
        /// They are abandoned.
        cancel = Cancel;
        /// They run to their ends, and the call returns only then (Polly around work that does not
        /// heed its cancellation).
        r#await = Await;
        /// They run on unobserved, and keep what they hold (Finagle without interrupts).
        leave = Leave;
    }
}

/// A span, a distribution, or a percentile of what was seen.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum HedgeDelayFile {
    /// Drawn for each.
    Drawn(DistFile),
    /// A percentile of recent latencies.
    Percentile(At<PercentileFile>),
}

file_map! {
    /// A percentile of the latencies of recent passes: of the last 30 s, in each process. The span
    /// is own choice: long enough for some hundred calls, short enough to follow a slow callee.
    PercentileFile {
        /// Which: above 0, below 100.
        percentile: Percentile, required;
        /// What holds while there are too few results; without it, there is no hedge until then.
        fallback: DistFile, optional;
        /// Results that make it believable [count]; own choice: below a hundred results a p99 is
        /// one of them.
        minimum_samples: Count<1>, default "100";
    }
}

impl FileType for HedgeDelayFile {
    fn shape() -> Shape {
        Shape::Either(vec![DistFile::shape, PercentileFile::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let is_percentile = matches!(&node.kind, Kind::Map(entries)
            if entries.iter().any(|entry| entry.key == "percentile"));
        if is_percentile {
            At::read(node, reader).map(Self::Percentile)
        } else {
            DistFile::read(node, reader).map(Self::Drawn)
        }
    }
}
