//! Instances that die of what they hold.

use super::{About, Finding};
use crate::judge::run_view::RunView;
use crate::judge::verdict::Severity;
use crate::judge::words::{count, counted, seconds};
use crate::model::record::MemoryKill;

/// Instances of a service were killed for holding more than they may.
pub(super) fn killed_for_memory(view: &RunView<'_>) -> Vec<Finding> {
    let services = view.spec().services.ids();
    let of = |id| {
        let kills = view.record.memories.kills.iter();
        let kills: Vec<&MemoryKill> = kills
            .filter(|kill| view.spec().instances[kill.instance] == id)
            .collect();
        let (first, last) = (*kills.first()?, *kills.last()?);
        let calls: u64 = kills.iter().map(|kill| u64::from(kill.calls)).sum();
        let when = if kills.len() == 1 {
            format!("at {}", seconds(first.at))
        } else {
            format!("from {} to {}", seconds(first.at), seconds(last.at))
        };
        Some(Finding {
            code: "killed-for-memory",
            severity: Severity::Critical,
            place: About::service(view, id),
            text: format!(
                "{} {when}, the first with {} in it; {} in all died with them",
                counted(kills.len() as u64, "kill"),
                counted(u64::from(first.calls), "call"),
                count(calls)
            ),
            remedy: "fewer calls at once than there is memory for: a `bulkhead` or an `admission` limit, a \
                     shorter queue, a timeout on what they wait for",
        })
    };
    services.filter_map(of).collect()
}
