//! Did the system recover by itself when the fault was over?
//!
//! A share of useful calls before the fault is the baseline (rule 37). Recovered is the earliest
//! whole second after the fault from which on calls are nearly as useful as before, for long enough
//! that it is no luck. To say that a system did *not* recover takes patience (rule 38): a minute,
//! several such spans, and time for the longest call to come back. If it had every reason to
//! recover and did not, it is metastable (rule 39), and something that the fault left behind keeps
//! it down. A system that was in trouble before the fault is soon as it was: that is no recovery.
//!
//! Load that rises for a while by no fault and comes back is judged like a fault.
//!
//! A caller's own mistake (`error.invalid`) says nothing about how well its callee is: all shares
//! of this judgement leave such calls out. Negative answers are useful.
//!
//! Relapses are looked for until the next fault begins: what happens after that is that fault's.

use super::calls_by_second::{CallsBySecond, Started};
use super::rise::Rise;
use super::run_view::RunView;
use super::sustaining::sustaining_effects;
use super::verdict::RecoveryVerdict;
use super::words::{percent, seconds, span};
use crate::id::{ClientId, FaultId};
use crate::model::record::baseline_start;
use crate::model::spec::ModelSpec;
use crate::scenario::expect::RecoveryOf;
use crate::time::{SimDuration, SimTime};

/// Fewer calls than this give no baseline, and a hold is stretched to have as many.
pub const ENOUGH_CALLS: u64 = 400;
/// Calls must stay useful for so long \[s\].
pub const HOLD_S: u64 = 10;
/// Share of the baseline that counts as recovered.
pub const RECOVERED: f64 = 0.95;
/// Share of the baseline below which it is a relapse.
pub const RELAPSED: f64 = 0.80;
/// A baseline below this is saturated before the fault.
pub const HEALTHY: f64 = 0.90;
/// Offered load may have grown by so much for a failure to count as self-sustained.
pub const SAME_LOAD: f64 = 1.05;
/// Shortest observation after the fault before "not recovered" may be said.
pub const PATIENCE: SimDuration = SimDuration::from_secs(60);
/// Share of useful calls at the end of a run below which it has collapsed.
pub const COLLAPSED: f64 = 0.5;

/// The calls before a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// Useful among those started, from 0 to 1.
    pub share: f64,
    /// Started per second.
    pub offered_per_second: f64,
    /// Useful per second.
    pub goodput_per_second: f64,
}

/// What a system has to recover from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A fault.
    Fault(FaultId),
    /// A rise in the load of a client, by no fault.
    Load(ClientId),
}

impl Trigger {
    /// `payments-slow`, or `rise in load of shoppers`.
    pub fn name(self, spec: &ModelSpec) -> String {
        match self {
            Self::Fault(id) => spec.faults[id].name.clone(),
            Self::Load(id) => format!("rise in load of {}", spec.clients[id].name),
        }
    }

    /// What it is, as in `before the fault`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fault(_) => "fault",
            Self::Load(_) => "rise in load",
        }
    }
}

/// What became of useful calls after a fault, or after a rise in load.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovery {
    /// After what.
    pub trigger: Trigger,
    /// Whose calls.
    pub of: RecoveryOf,
    /// When it first began.
    pub began: SimTime,
    /// When it ended for the last time.
    pub ended: SimTime,
    /// Whether the run lasted until it began.
    pub reached: bool,
    /// The calls before it; absent if they were too few.
    pub baseline: Option<Baseline>,
    /// Useful among the calls that started while it lasted; absent if they were too few.
    pub during: Option<f64>,
    /// How long calls must stay useful, at the fault's end.
    pub hold: SimDuration,
    /// The verdict.
    pub verdict: RecoveryVerdict,
    /// Since when it has recovered.
    pub recovered_at: Option<SimTime>,
    /// When it fell again.
    pub relapsed_at: Option<SimTime>,
    /// Whether it is metastable (rule 39).
    pub metastable: bool,
    /// What keeps it down, with figures; empty unless metastable.
    pub sustained_by: Vec<String>,
}

impl Recovery {
    /// From the fault's end to recovery.
    pub fn time(&self) -> Option<SimDuration> {
        self.recovered_at.map(|at| at.since(self.ended))
    }

    /// Whether calls were in trouble before the fault (rule 39).
    pub fn saturated_before(&self) -> bool {
        self.baseline
            .is_some_and(|baseline| baseline.share < HEALTHY)
    }

    /// The verdict as a sentence.
    pub fn text(&self) -> String {
        let baseline = self.baseline.map_or(0.0, |baseline| baseline.share);
        let trigger = self.trigger.word();
        match (self.verdict, self.time(), self.relapsed_at) {
            (RecoveryVerdict::Relapsed, Some(time), Some(at)) => {
                format!(
                    "recovered after {}, and fell again at {}",
                    span(time),
                    seconds(at)
                )
            }
            (RecoveryVerdict::Recovered | RecoveryVerdict::Relapsed, time, _) => {
                match time.unwrap_or_default() {
                    SimDuration::ZERO => "recovered at once".to_owned(),
                    time => format!("recovered after {}", span(time)),
                }
            }
            (RecoveryVerdict::NotRecovered, ..) => {
                format!(
                    "did not come back to {} of useful calls",
                    percent(baseline * RECOVERED)
                )
            }
            (RecoveryVerdict::SaturatedBefore, ..) => {
                format!(
                    "cannot say: only {} of calls were useful before the {trigger}",
                    percent(baseline)
                )
            }
            (RecoveryVerdict::NoBaseline, ..) => {
                format!("cannot say: fewer than {ENOUGH_CALLS} calls started before the {trigger}")
            }
            (RecoveryVerdict::TooShortToJudge, ..) => {
                format!("cannot say: the run ends too soon after the {trigger}")
            }
            (RecoveryVerdict::NeverEnded, ..) if !self.reached => {
                format!("cannot say: the run ends before the {trigger} begins")
            }
            (RecoveryVerdict::NeverEnded, ..) => {
                format!("cannot say: the {trigger} lasts to the end of the run")
            }
        }
    }
}

/// Recovery after one fault.
pub fn recovery(view: &RunView<'_>, fault: FaultId, of: RecoveryOf) -> Recovery {
    let spans = &view.spec().faults[fault].spans;
    let began = spans.first().map_or(SimTime::NEVER, |span| span.0);
    let ended = spans.last().map_or(SimTime::NEVER, |span| span.1);
    recovery_between(view, Trigger::Fault(fault), (began, ended), of)
}

/// Recovery after a rise in load.
pub(super) fn recovery_of_rise(view: &RunView<'_>, rise: Rise, of: RecoveryOf) -> Recovery {
    let span = (rise.began, rise.ended);
    recovery_between(view, Trigger::Load(rise.client), span, of)
}

fn recovery_between(
    view: &RunView<'_>,
    trigger: Trigger,
    (began, ended): (SimTime, SimTime),
    of: RecoveryOf,
) -> Recovery {
    let by_second = CallsBySecond::of(view.record, of);
    let mut result = Recovery {
        trigger,
        of,
        began,
        ended,
        reached: began < view.record.end,
        baseline: None,
        during: during(&by_second, began, ended.min(view.record.end)),
        hold: SimDuration::from_secs(HOLD_S),
        verdict: RecoveryVerdict::NeverEnded,
        recovered_at: None,
        relapsed_at: None,
        metastable: false,
        sustained_by: Vec::new(),
    };
    if ended >= view.record.end {
        return result;
    }
    result.baseline = baseline(&by_second, began, view.spec().warmup);
    result.verdict = match result.baseline {
        None => RecoveryVerdict::NoBaseline,
        Some(before) => after_the_fault(view, &by_second, before, &mut result),
    };
    result
}

/// The calls of the half minute before the fault, in whole seconds.
fn baseline(by_second: &CallsBySecond, began: SimTime, warmup: SimTime) -> Option<Baseline> {
    let from = second_not_before(baseline_start(began, warmup));
    let until = began.as_ns() / 1_000_000_000;
    let calls = by_second.span(from, until);
    if until <= from || calls.started < ENOUGH_CALLS {
        return None;
    }
    let length_s = (until - from) as f64;
    Some(Baseline {
        share: calls.useful_share()?,
        offered_per_second: calls.started as f64 / length_s,
        goodput_per_second: calls.useful as f64 / length_s,
    })
}

/// The useful share of the calls of the whole seconds in which it lasted.
fn during(by_second: &CallsBySecond, began: SimTime, ended: SimTime) -> Option<f64> {
    let (from, until) = (second_not_before(began), ended.as_ns() / 1_000_000_000);
    if until <= from {
        return None;
    }
    let calls = by_second.span(from, until);
    (calls.started >= ENOUGH_CALLS)
        .then(|| calls.useful_share())
        .flatten()
}

fn second_not_before(at: SimTime) -> u64 {
    at.as_ns().div_ceil(1_000_000_000)
}

fn at_second(second: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(second)
}

fn after_the_fault(
    view: &RunView<'_>,
    by_second: &CallsBySecond,
    before: Baseline,
    result: &mut Recovery,
) -> RecoveryVerdict {
    let first = second_not_before(result.ended);
    let hold = by_second.hold(first, HOLD_S, ENOUGH_CALLS);
    if let Some(hold) = hold {
        result.hold = SimDuration::from_secs(hold);
    }
    if let Some(second) = recovered_second(by_second, first, before.share * RECOVERED) {
        if result.saturated_before() {
            return RecoveryVerdict::SaturatedBefore;
        }
        result.recovered_at = Some(at_second(second));
        result.relapsed_at = relapse(view, by_second, second, before.share * RELAPSED);
        return match result.relapsed_at {
            Some(_) => RecoveryVerdict::Relapsed,
            None => RecoveryVerdict::Recovered,
        };
    }
    if hold.is_none() || is_too_short(view, result) {
        return RecoveryVerdict::TooShortToJudge;
    }
    judge_metastable(view, by_second, before, result);
    RecoveryVerdict::NotRecovered
}

/// The earliest second from which on calls are useful enough for a whole hold.
fn recovered_second(by_second: &CallsBySecond, first: u64, enough: f64) -> Option<u64> {
    by_second.turns(first, HOLD_S).into_iter().find(|&second| {
        let share = window(by_second, second).and_then(|(_, calls)| calls.useful_share());
        share.is_some_and(|share| share >= enough)
    })
}

/// The hold that begins at a second: where it ends, and the calls that start in it.
fn window(by_second: &CallsBySecond, second: u64) -> Option<(u64, Started)> {
    let hold = by_second.hold(second, HOLD_S, ENOUGH_CALLS)?;
    Some((second + hold, by_second.span(second, second + hold)))
}

/// The first later hold in which too few calls are useful, unfinished ones given the benefit of
/// the doubt, before another fault begins.
fn relapse(
    view: &RunView<'_>,
    by_second: &CallsBySecond,
    recovered: u64,
    too_few: f64,
) -> Option<SimTime> {
    let quiet_until = next_fault(view, at_second(recovered)).as_ns() / 1_000_000_000;
    let turns = by_second.turns(recovered + 1, HOLD_S).into_iter();
    let mut later = turns.map_while(|second| {
        let (until, calls) = window(by_second, second)?;
        (until <= quiet_until).then_some((second, calls))
    });
    let fallen = later.find(|(_, calls)| calls.best_share().is_some_and(|share| share < too_few));
    fallen.map(|(second, _)| at_second(second))
}

/// When any fault next begins, or is still active, after an instant.
fn next_fault(view: &RunView<'_>, after: SimTime) -> SimTime {
    let spans = view.spec().faults.iter().flat_map(|fault| &fault.spans);
    let later = spans.filter(|span| span.1 > after).map(|span| span.0);
    later.min().unwrap_or(SimTime::NEVER)
}

/// Rule 38.
fn is_too_short(view: &RunView<'_>, result: &Recovery) -> bool {
    let observed = view.record.end.since(result.ended);
    let needed = PATIENCE
        .max(result.hold.times(5))
        .max(view.longest_call.times(3));
    observed < needed
}

/// Rule 39.
fn judge_metastable(
    view: &RunView<'_>,
    by_second: &CallsBySecond,
    before: Baseline,
    result: &mut Recovery,
) {
    let first = second_not_before(result.ended);
    let calls = by_second.span(first, by_second.len());
    let offered = calls.started as f64 / (by_second.len() - first) as f64;
    let same_load = offered <= before.offered_per_second * SAME_LOAD;
    // While another fault acts, it is not the past one that keeps the system down.
    let is_quiet = next_fault(view, result.ended) == SimTime::NEVER;
    result.metastable = before.share >= HEALTHY && same_load && is_quiet;
    if result.metastable {
        result.sustained_by = sustaining_effects(view, result.began, result.ended);
    }
}

/// What a run that collapsed looks like at its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Collapse {
    /// Useful at most, among all but the callers' mistakes, from 0 to 1.
    pub share: f64,
    /// The callers' mistakes \[count\].
    pub mistaken: u64,
}

/// Whether fewer than half of the calls started in the last tenth of the run are useful, the
/// unfinished given the benefit of the doubt, and the callers' mistakes left out (rule 39).
pub fn collapsed(view: &RunView<'_>) -> Option<Collapse> {
    let by_second = CallsBySecond::of(view.record, RecoveryOf::AllClients);
    let length = by_second.len();
    let calls = by_second.span(length - length / 10, length);
    let (share, mistaken) = (calls.best_share()?, calls.mistaken);
    (share < COLLAPSED && calls.ended > mistaken).then_some(Collapse { share, mistaken })
}
