//! From the recorder of a run that is over to its record.

use super::calls::{Calls, Causes, edges_of};
use super::conservation::conservation;
use super::counts::Counts;
use super::episodes::Episodes;
use super::recorder::Recorder;
use super::run::{DigestRecord, Drain, Live, RunRecord, RunStatus, WindowRecord};
use crate::id::{EdgeId, IdMap, WindowId};
use crate::model::spec::{LabelFilter, Subject};
use crate::time::SimTime;

impl Recorder {
    /// The record of the run, which ended at `end`. `live` is what the model counts as under way;
    /// with it, conservation is checked between two independent counts.
    #[expect(clippy::too_many_lines, reason = "a line for each part of the record")]
    pub fn finish(mut self, end: SimTime, status: RunStatus, live: Option<Live>) -> RunRecord {
        self.close(end);
        let measured_end = end.min(self.duration);
        for outages in &mut self.outages {
            outages.pass(measured_end);
        }
        self.ejections.close(measured_end);
        let conservation = conservation(&self, live);
        debug_assert!(
            conservation.iter().all(super::Conservation::holds),
            "{conservation:?}"
        );
        let full = self.full.as_ref().unwrap_or(&self.counts);
        let measured = full.since(self.warm.as_ref().unwrap_or(full));
        let waiting_at_end = self.full_waiting.take().unwrap_or_else(|| self.waiting());
        let drain = drain(&self, end);
        let full_load = self.full_load.take().unwrap_or_else(|| self.load());
        let warm_load = self.warm_load.as_ref().unwrap_or(&full_load);
        let instances = full_load
            .iter()
            .zip(warm_load.iter())
            .map(|(full, warm)| full.since(warm))
            .collect();
        let windows = windows(&self);
        self.lives.close(measured_end);
        let (lives, counts_over_time) = self.lives.into_records();
        // What a timer did is told only when somebody asks the breaker.
        self.breaker_changes.sort_by_key(|change| change.at);
        let edges = self.calls;
        let calls = edges.map(|_, edge| edge.total.clone(), Calls::default());
        let causes = edges.map(|_, edge| edge.causes.clone(), Causes::default());
        RunRecord {
            end: measured_end,
            drain,
            status,
            calls_started: measured.edges.iter().map(|edge| edge.started).collect(),
            whole: self.counts,
            measured,
            calls,
            causes,
            waits: self.waits,
            windows,
            seconds: self
                .seconds
                .iter_mut()
                .map(|seconds| std::mem::take(&mut seconds.all))
                .collect(),
            instances,
            snapshots: self.snapshots,
            waiting_at_end,
            series: self.series,
            least_left: self.least_left,
            breaker_changes: self.breaker_changes,
            limit_changes: self.limit_changes,
            breaker_changes_left_out: self.breaker_changes_left_out,
            events: self.events,
            health_changes: self.health_changes,
            outages: self.outages,
            ejections: self.ejections,
            memories: self.memories,
            failing: self.failing,
            kept: self.kept.finish(end),
            deeds: self.deeds,
            queues: self.queues.records,
            sagas: self.sagas,
            ages: self.ages,
            layer_waits: self.layer_waits,
            lives,
            counts_over_time,
            full_episodes: self
                .episodes
                .iter()
                .cloned()
                .flat_map(Episodes::into_inner)
                .collect(),
            conservation,
            digest: DigestRecord {
                value: self.digest.value(),
                facts: self.digest.facts(),
                trail: self.digest.trail(),
            },
        }
    }
}

/// What the time after the last arrival was needed for; none if there was to be none, or the run
/// did not come so far.
fn drain(recorder: &Recorder, end: SimTime) -> Option<Drain> {
    let spec = &recorder.spec;
    let full = recorder.full.as_ref().filter(|_| !spec.drain.is_zero())?;
    let of_clients = |counts: &Counts| -> u64 {
        let edges = edges_of(spec, Subject::AllClients).into_iter();
        let under_way = edges.map(|edge| {
            let edge = &counts.edges[edge];
            edge.started - edge.ended_total()
        });
        under_way.sum()
    };
    Some(Drain {
        took: recorder.duration.until(end),
        under_way: of_clients(full),
        unfinished: of_clients(&recorder.counts),
    })
}

fn windows(recorder: &Recorder) -> IdMap<WindowId, WindowRecord> {
    let all = recorder.windows.iter_enumerated();
    all.map(|(id, calls)| WindowRecord {
        started: started_in(recorder, id),
        calls: Calls::clone(calls),
    })
    .collect()
}

/// Calls that started in a window: counted by label, or a difference of snapshots.
fn started_in(recorder: &Recorder, id: WindowId) -> u64 {
    let window = recorder.spec.windows[id];
    if window.label != LabelFilter::Any {
        return recorder.labelled_started[id];
    }
    let edges = edges_of(&recorder.spec, window.of).into_iter();
    let started = |edge: EdgeId| {
        recorder
            .snapshots
            .edge(edge, window.from, window.until)
            .started
    };
    edges.map(started).sum()
}
