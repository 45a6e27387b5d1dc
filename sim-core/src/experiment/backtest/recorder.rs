//! Counts what happens while a log is played.

use super::bind::{Bound, Names};
use super::call::Decided;
use super::levels::Levels;
use super::strip::Strip;
use super::summary::{GroupTally, Impact, KeptChange, MOST_CHANGES, Summary};
use crate::model::record::LayerCounts;
use crate::policy::pipeline::Note;
use crate::policy::{Outcome, Transition};
use crate::time::{SimDuration, SimTime};

/// The numbers so far.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    pub(super) levels: Levels,
    summary: Summary,
}

impl Recorder {
    /// For a log that begins at this instant.
    pub(super) fn new(from: SimTime, depth: usize) -> Self {
        Self {
            levels: Levels::new(from, depth),
            summary: Summary {
                calls: 0,
                unanswered: 0,
                from,
                until: from,
                by_outcome: [[0; 5]; Outcome::COUNT],
                outcomes: [0; Outcome::COUNT],
                effects: [0; Impact::COUNT],
                attempts: 0,
                supposed: 0,
                abandoned: 0,
                spared: SimDuration::ZERO,
                layers: vec![LayerCounts::default(); depth],
                breakers: Vec::new(),
                bulkheads: Vec::new(),
                changes: Vec::new(),
                changes_total: 0,
                names: Default::default(),
                groups: Default::default(),
                calls_over_time: Strip::new(from),
                levels_over_time: Vec::new(),
            },
        }
    }

    pub(super) const fn began(&mut self) {
        self.summary.calls += 1;
    }

    pub(super) fn sent(&mut self, is_supposed: bool) {
        self.summary.attempts += 1;
        self.summary.supposed += u64::from(is_supposed);
    }

    pub(super) const fn abandoned(&mut self) {
        self.summary.abandoned += 1;
    }

    /// What a layer did that is no change of a breaker.
    pub(super) fn note(&mut self, place: u32, note: Note) {
        let counts = &mut self.summary.layers[place as usize];
        match note {
            Note::Stopped(_, by) => counts.on_stopped(by),
            Note::Waits(by) => counts.on_waits(by),
            Note::TimedOut => counts.on_timed_out(false),
            Note::RetryPlanned { delay, by, .. } => counts.on_retry_planned(delay, by),
            Note::RetryStopped { reason, .. } => counts.on_retry_stopped(reason),
            Note::BudgetAsked { granted, .. } => counts.on_budget_asked(granted),
            Note::FallbackUsed(_) => counts.on_fallback_used(),
            Note::FallbackMissing(age) => counts.on_fallback_missing(age),
            Note::FallbackFailed(_) => counts.on_fallback_failed(),
            Note::HedgeSent { .. } => counts.on_hedge_sent(),
            Note::HedgeDecided { winner, lost, .. } => counts.on_hedge_decided(winner, lost),
            Note::Applied(detail, times) => counts.on_detail(detail, times, None),
            Note::HedgeDelay(detail, after) => counts.on_detail(detail, 1, after),
            Note::Breaker(..) | Note::Limit(..) | Note::LetIn(_) | Note::FallbackAged(_) => {}
        }
    }

    /// A breaker changed its state.
    pub(super) fn changed(
        &mut self,
        (at, line): (SimTime, u64),
        bound: &Bound,
        number: u32,
        transition: Transition,
    ) {
        let unit = bound.units[number as usize];
        self.levels.changed(at, unit.place, number, transition.to);
        self.summary.changes_total += 1;
        self.summary.layers[unit.place as usize].on_breaker_changed(transition.to);
        if self.summary.changes.len() < MOST_CHANGES {
            self.summary.changes.push(KeptChange {
                at,
                line,
                unit,
                transition,
            });
        }
    }

    /// A call has its answer; `groups` are the numbers of its caller, target and class.
    pub(super) fn decided(&mut self, call: &Decided<'_>, groups: [u32; 3]) {
        let summary = &mut self.summary;
        let effect = Impact::of(call);
        summary.by_outcome[call.recorded.outcome as usize][call.decision as usize] += 1;
        summary.outcomes[call.outcome as usize] += 1;
        summary.effects[effect as usize] += 1;
        summary.calls_over_time.add(call.start, effect as usize, 1);
        if call.attempts == 0 && call.recorded.latency < SimDuration::MAX {
            summary.spared = summary.spared + call.recorded.latency;
        }
        for (tallies, number) in summary.groups.iter_mut().zip(groups) {
            let number = number as usize;
            if tallies.len() <= number {
                tallies.resize(number + 1, GroupTally::default());
            }
            tallies[number].effects[effect as usize] += 1;
        }
    }

    /// Everything, now that the log is over.
    pub(super) fn finish(self, end: SimTime, bound: &Bound, names: &[Names; 3]) -> Summary {
        let measured = self.levels.finish(end, &bound.units);
        let texts = |names: &Names| {
            (0..names.len() as u32)
                .map(|number| names.text(number).to_owned())
                .collect()
        };
        let mut summary = self.summary;
        for (tallies, names) in summary.groups.iter_mut().zip(names) {
            tallies.resize(names.len(), GroupTally::default());
        }
        let mut levels = measured.strips;
        let widths = levels.iter().map(Strip::width);
        let widest = widths
            .chain([summary.calls_over_time.width()])
            .max()
            .unwrap_or_default();
        summary.calls_over_time.fold_to(widest);
        for level in &mut levels {
            level.fold_to(widest);
        }
        // What a timer did to a breaker is told by the next call that asks it.
        summary.changes.sort_by_key(|change| change.at);
        let answered: u64 = summary.outcomes.iter().sum();
        Summary {
            unanswered: summary.calls - answered,
            until: end,
            names: names.each_ref().map(texts),
            breakers: measured.breakers,
            bulkheads: measured.bulkheads,
            levels_over_time: levels,
            ..summary
        }
    }
}
