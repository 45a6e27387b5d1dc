//! Memory of instances over time, and who died of it.

use crate::id::{InstanceId, ServiceId};
use crate::model::record::{RunRecord, instance_name};
use crate::model::spec::ModelSpec;
use crate::report::{MemoryInstanceReport, MemoryReport};
use crate::time::SimTime;
use std::cmp::Reverse;

/// Instances that are told one by one \[count\].
const MOST: usize = 10;
/// Most points of one.
const MOST_POINTS: u64 = 200;

/// What the instances of a service held; nothing if they may hold any amount.
pub(super) fn memory(spec: &ModelSpec, record: &RunRecord, id: ServiceId) -> Option<MemoryReport> {
    let service = &spec.services[id];
    let limit = service.memory.as_ref()?.limit?;
    let first = service.first_instance.0;
    let all = first..first + service.instances;
    let mut told: Vec<MemoryInstanceReport> = all
        .map(|instance| of_instance(spec, record, InstanceId(instance)))
        .collect();
    let kills = record.memories.kills.iter();
    let kills = kills.filter(|kill| spec.instances[kill.instance] == id);
    let (mut kills_total, mut lost_total) = (0, 0);
    for kill in kills {
        kills_total += 1;
        lost_total += u64::from(kill.calls);
    }
    let left_out = told.len().saturating_sub(MOST);
    if left_out > 0 {
        told.sort_by_key(|it| Reverse((it.kills_total, it.most_percent)));
        told.truncate(MOST);
    }
    Some(MemoryReport {
        limit_bytes: limit.get(),
        kills_total,
        lost_total,
        instances: told,
        instances_left_out: left_out as u32,
    })
}

fn of_instance(spec: &ModelSpec, record: &RunRecord, id: InstanceId) -> MemoryInstanceReport {
    let memories = &record.memories;
    let kills = memories.kills.iter().filter(|kill| kill.instance == id);
    let kills: Vec<SimTime> = kills.map(|kill| kill.at).collect();
    let rises = memories.rises.iter().filter(|(_, of, _)| *of == id);
    let rises: Vec<(SimTime, u32)> = rises.map(|&(at, _, percent)| (at, percent)).collect();
    MemoryInstanceReport {
        name: instance_name(spec, id),
        most_percent: memories.most.get(&id).copied().unwrap_or(0),
        kills_total: kills.len() as u64,
        first_kill_ns: kills.first().map(|at| at.as_ns()),
        filled: filled(&rises, &kills, record.end.min(spec.duration).as_ns()),
    }
}

/// The highest that stood in each of equal spans: a rise stands until the next one or a kill.
fn filled(rises: &[(SimTime, u32)], kills: &[SimTime], end_ns: u64) -> Vec<u32> {
    let width = end_ns.div_ceil(MOST_POINTS).max(1);
    let (mut rises, mut kills) = (rises.iter().peekable(), kills.iter().peekable());
    let mut now = 0;
    let spans = (0..end_ns.div_ceil(width)).map(|span| {
        let until = SimTime::from_ns((span + 1) * width);
        let mut highest = now;
        loop {
            let rise = rises.peek().filter(|(at, _)| *at < until);
            let kill = kills.peek().filter(|at| ***at < until);
            match (rise, kill) {
                // It rises to too much, and dies of that at the same instant.
                (Some(&&(at, percent)), kill) if kill.is_none_or(|kill| at <= **kill) => {
                    now = percent;
                    highest = highest.max(now);
                    rises.next();
                }
                (_, Some(_)) => {
                    now = 0;
                    kills.next();
                }
                (_, None) => break,
            }
        }
        highest
    });
    spans.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_stands_until_the_next_or_a_kill() {
        let at = |second: u64| SimTime::from_ns(second * 1_000_000_000);
        let rises = [(at(1), 20), (at(3), 101), (at(5), 30)];
        let points = filled(&rises, &[at(3)], 10 * 1_000_000_000);
        // Of 200 spans of 50 ms, those in which seconds begin.
        let shown: Vec<u32> = (0..10).map(|second| points[20 * second]).collect();
        assert_eq!(shown, [0, 20, 20, 101, 0, 30, 30, 30, 30, 30]);
        assert_eq!(points.len(), 200);
    }
}
