//! The report of a backtest: the only source of its table, its JSON and its chart.

use super::number::text_u64;
use super::{BreakerStateName, CountReport, Finite};
use crate::experiment::backtest::{
    BreakerSummary, BulkheadSummary, Decision, GroupTally, Impact, KeptChange, LayerUnit, Settings,
    Strip, Summary,
};
use crate::model::record::LayerCounts;
use crate::policy::{FallbackAnswer, Layer, Outcome};
use crate::scenario::Policy;
use serde::{Deserialize, Serialize};

/// Raised whenever a field of [`BacktestReport`] changes its name, meaning or unit.
pub const BACKTEST_SCHEMA_VERSION: u32 = 2;
/// Breakers, bulkheads, callers, targets and classes that are listed, at most of each.
const MOST_LISTED: usize = 1_000;

/// What a policy would have made of recorded calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BacktestReport {
    /// [`BACKTEST_SCHEMA_VERSION`] when it was written.
    pub backtest_schema_version: u32,
    /// Version of the engine's meaning: a backtest repeats only under the same one.
    pub engine_semantics: u32,
    /// Name of the policy.
    pub policy: String,
    /// From which the draws came, with the line of each call.
    #[serde(with = "text_u64")]
    pub seed: u64,
    /// What attempts were answered of which there is no record: `repeat` or `neighbour`.
    pub unrecorded: String,
    /// How the log writes instants.
    pub clock: ClockName,
    /// Start of the first call, on the log's clock \[ns\].
    #[serde(with = "text_u64")]
    pub from_ns: u64,
    /// The last instant at which something happened, on the log's clock \[ns\].
    #[serde(with = "text_u64")]
    pub until_ns: u64,
    /// Recorded calls \[count\].
    pub calls_total: u64,
    /// Calls whose answer never came \[count\].
    pub unanswered_total: u64,
    /// What the policy did to calls, by how they really ended.
    pub effects: ImpactsReport,
    /// Calls by how they really ended, and who answered under the policy.
    pub outcomes: Vec<RecordedOutcomeReport>,
    /// Calls by how they end under the policy.
    pub outcomes_under_policy: Vec<CountReport>,
    /// Attempts sent \[count\].
    pub attempts_total: u64,
    /// Of these, attempts of which there was no record, so that their answer was supposed \[count\].
    pub supposed_total: u64,
    /// Attempts given up before their answer came \[count\].
    pub abandoned_total: u64,
    /// Recorded latencies of the calls that never reached the callee, together \[ns\].
    pub spared_ns: u64,
    /// Layers of the policy, outermost first.
    pub layers: Vec<BacktestLayerReport>,
    /// Breakers: those that opened most often first.
    pub breakers: Vec<BacktestBreakerReport>,
    /// All breakers \[count\].
    pub breakers_total: u64,
    /// Bulkheads: the fullest first.
    pub bulkheads: Vec<BulkheadReport>,
    /// All bulkheads \[count\].
    pub bulkheads_total: u64,
    /// Changes of state in the order of time; of very many, those that were told first.
    pub transitions: Vec<TransitionReport>,
    /// All changes of state \[count\].
    pub transitions_total: u64,
    /// Calls by caller: those with most calls changed first.
    pub callers: Vec<GroupReport>,
    /// Calls by target.
    pub targets: Vec<GroupReport>,
    /// Calls by class.
    pub classes: Vec<GroupReport>,
    /// What happened over time.
    pub series: BacktestSeries,
}

/// How a log writes instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockName {
    /// Seconds since something.
    Seconds,
    /// Date and time of day; nanoseconds count from 1970 in UTC.
    Utc,
}

/// Calls by what the policy did to them, by how they really ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImpactsReport {
    /// Useful, and useful still \[count\].
    pub kept: u64,
    /// Useful, and no longer: good calls lost \[count\].
    pub lost: u64,
    /// Not useful, and now useful \[count\].
    pub rescued: u64,
    /// Not useful, and never sent: bad calls avoided \[count\].
    pub avoided: u64,
    /// Not useful, and still not \[count\].
    pub unhelped: u64,
}

impl ImpactsReport {
    fn of(effects: [u64; Impact::COUNT]) -> Self {
        Self {
            kept: effects[Impact::Kept as usize],
            lost: effects[Impact::Lost as usize],
            rescued: effects[Impact::Rescued as usize],
            avoided: effects[Impact::Avoided as usize],
            unhelped: effects[Impact::Unhelped as usize],
        }
    }

    /// All calls \[count\].
    pub const fn total(&self) -> u64 {
        self.kept + self.lost + self.rescued + self.avoided + self.unhelped
    }
}

/// Calls that really ended like this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedOutcomeReport {
    /// How they really ended.
    pub recorded: String,
    /// Answered calls \[count\].
    pub calls: u64,
    /// Answered by the callee, at the first attempt \[count\].
    pub passed: u64,
    /// Answered by the callee, at a further attempt \[count\].
    pub further_attempt: u64,
    /// Rejected by a layer \[count\].
    pub rejected: u64,
    /// Given up by a timeout \[count\].
    pub timed_out: u64,
    /// Answered by a fallback \[count\].
    pub fell_back: u64,
}

/// What a layer did, all its states together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BacktestLayerReport {
    /// Its name in the policy: `retry`, `timeout[2]`.
    pub layer: String,
    /// Its kind.
    pub kind: String,
    /// What it did, whatever is not zero: as in the report of a run; and `fallbacks_unrecorded`,
    /// failures for which a fallback would have called another operation, of which the log has no
    /// answers.
    pub acts: Vec<CountReport>,
    /// Whether it did nothing, so that the log says nothing about it.
    pub never_acted: bool,
}

/// A breaker over the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BacktestBreakerReport {
    /// Its layer.
    pub layer: String,
    /// Whose it is, unless callers share it.
    pub caller: Option<String>,
    /// What it guards, unless targets share it.
    pub target: Option<String>,
    /// How often it opened \[count\].
    pub openings_total: u64,
    /// Its state at the end of the log.
    pub state: BreakerStateName,
    /// Time closed, from the first call of the log on \[ns\].
    pub closed_ns: u64,
    /// Time open \[ns\].
    pub open_ns: u64,
    /// Time half-open \[ns\].
    pub half_open_ns: u64,
}

/// A bulkhead over the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulkheadReport {
    /// Its layer.
    pub layer: String,
    /// Whose it is, unless callers share it.
    pub caller: Option<String>,
    /// What it guards, unless targets share it.
    pub target: Option<String>,
    /// Passes inside, time-weighted; none for a log without length.
    pub in_use_mean: Option<Finite>,
    /// Most passes inside \[count\].
    pub in_use_max: u32,
    /// Most passes that waited \[count\].
    pub waiting_max: u32,
}

/// A change of a breaker's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitionReport {
    /// When, on the log's clock \[ns\].
    #[serde(with = "text_u64")]
    pub at_ns: u64,
    /// The line of the call at which it happened.
    pub line: u64,
    /// Its layer.
    pub layer: String,
    /// Whose it is, unless callers share it.
    pub caller: Option<String>,
    /// What it guards, unless targets share it.
    pub target: Option<String>,
    /// Old state.
    pub from: BreakerStateName,
    /// New state.
    pub to: BreakerStateName,
    /// What made it change: `failure_rate`, `slow_call_rate`, `failures`, `consecutive_failures`,
    /// `expression`, `probe_failed`, `probes_succeeded`, `wait_over`, `probes_too_long`,
    /// `uncounted_probe` or `late_success`.
    pub why: String,
    /// Failures, or slow calls, among the results looked at \[count\]; 0 when no result decided.
    pub failures: u32,
    /// Results looked at \[count\]; 0 when no result decided.
    pub results: u32,
}

/// Calls of one caller, target or class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupReport {
    /// Its name in the log; empty if the log names none.
    pub name: String,
    /// Its calls by what the policy did to them.
    pub effects: ImpactsReport,
}

/// What happened over time, in buckets of equal width from the first call on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BacktestSeries {
    /// Width of a bucket \[ns\].
    pub width_ns: u64,
    /// Calls that started in each bucket, by what the policy did to them.
    pub calls: Vec<ImpactsReport>,
    /// Layers with a level: breakers and bulkheads.
    pub levels: Vec<LevelSeries>,
}

/// Levels of a layer, all its states together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelSeries {
    /// Its layer.
    pub layer: String,
    /// Its kind: `circuit_breaker` or `bulkhead`.
    pub kind: String,
    /// Breakers open, or passes inside, time-weighted.
    pub first_mean: Vec<Finite>,
    /// Breakers half-open, or passes that wait, time-weighted.
    pub second_mean: Vec<Finite>,
}

/// The report of a backtest of this policy.
pub fn backtest(
    summary: &Summary,
    policy: &Policy,
    settings: Settings,
    clock: ClockName,
) -> BacktestReport {
    let names = Names { summary, policy };
    let most = MOST_LISTED;
    BacktestReport {
        backtest_schema_version: BACKTEST_SCHEMA_VERSION,
        engine_semantics: crate::ENGINE_SEMANTICS,
        policy: policy.name.clone(),
        seed: settings.seed,
        unrecorded: settings.unrecorded.name().to_owned(),
        clock,
        from_ns: summary.from.as_ns(),
        until_ns: summary.until.as_ns(),
        calls_total: summary.calls,
        unanswered_total: summary.unanswered,
        effects: ImpactsReport::of(summary.effects),
        outcomes: outcomes(summary),
        outcomes_under_policy: counts(
            Outcome::SHOWN
                .iter()
                .map(|&it| (it.name(), summary.outcomes[it as usize])),
        ),
        attempts_total: summary.attempts,
        supposed_total: summary.supposed,
        abandoned_total: summary.abandoned,
        spared_ns: summary.spared.as_ns(),
        layers: layers(summary, policy),
        breakers: breakers(&names).into_iter().take(most).collect(),
        breakers_total: summary.breakers.len() as u64,
        bulkheads: bulkheads(&names).into_iter().take(most).collect(),
        bulkheads_total: summary.bulkheads.len() as u64,
        transitions: summary
            .changes
            .iter()
            .map(|it| names.transition(it))
            .collect(),
        transitions_total: summary.changes_total,
        callers: groups(&summary.names[0], &summary.groups[0]),
        targets: groups(&summary.names[1], &summary.groups[1]),
        classes: groups(&summary.names[2], &summary.groups[2]),
        series: series(summary, policy),
    }
}

fn outcomes(summary: &Summary) -> Vec<RecordedOutcomeReport> {
    let row = |outcome: &Outcome| {
        let counts = summary.by_outcome[*outcome as usize];
        let of = |decision: Decision| counts[decision as usize];
        RecordedOutcomeReport {
            recorded: outcome.name().to_owned(),
            calls: counts.iter().sum(),
            passed: of(Decision::Passed),
            further_attempt: of(Decision::FurtherAttempt),
            rejected: of(Decision::Rejected),
            timed_out: of(Decision::TimedOut),
            fell_back: of(Decision::FellBack),
        }
    };
    let rows = Outcome::SHOWN.iter().map(row);
    rows.filter(|row| row.calls > 0).collect()
}

/// What is not zero.
fn counts<'a>(all: impl Iterator<Item = (&'a str, u64)>) -> Vec<CountReport> {
    all.filter(|&(_, count)| count > 0)
        .map(|(name, count)| CountReport {
            name: name.to_owned(),
            total: count,
        })
        .collect()
}

fn layers(summary: &Summary, policy: &Policy) -> Vec<BacktestLayerReport> {
    let layers = policy.layers.iter().zip(&summary.layers);
    layers
        .map(|(layer, counts)| BacktestLayerReport {
            layer: layer.name.clone(),
            kind: layer.kind.name().to_owned(),
            acts: acts(&layer.kind, counts),
            never_acted: counts.never_acted(),
        })
        .collect()
}

/// As in the report of a run. Where that would call another operation, the log has no answer of it.
fn acts(layer: &Layer, counts: &LayerCounts) -> Vec<CountReport> {
    let mut acts = super::build::acts(layer, counts);
    if let Layer::Fallback(fallback) = layer
        && fallback.answer == FallbackAnswer::Call
    {
        for act in acts.iter_mut().filter(|it| it.name == "fallbacks_missing") {
            UNRECORDED.clone_into(&mut act.name);
        }
    }
    acts
}

/// Failures for which another operation would have been called.
const UNRECORDED: &str = "fallbacks_unrecorded";

/// Names for numbers.
struct Names<'a> {
    summary: &'a Summary,
    policy: &'a Policy,
}

impl Names<'_> {
    fn layer(&self, unit: LayerUnit) -> String {
        self.policy.layers[unit.place as usize].name.clone()
    }

    fn caller(&self, unit: LayerUnit) -> Option<String> {
        unit.caller
            .map(|number| self.summary.names[0][number as usize].clone())
    }

    fn target(&self, unit: LayerUnit) -> Option<String> {
        unit.target
            .map(|number| self.summary.names[1][number as usize].clone())
    }

    fn breaker(&self, it: &BreakerSummary) -> BacktestBreakerReport {
        BacktestBreakerReport {
            layer: self.layer(it.unit),
            caller: self.caller(it.unit),
            target: self.target(it.unit),
            openings_total: it.openings,
            state: it.state.into(),
            closed_ns: it.held[0].as_ns(),
            open_ns: it.held[1].as_ns(),
            half_open_ns: it.held[2].as_ns(),
        }
    }

    fn bulkhead(&self, it: &BulkheadSummary) -> BulkheadReport {
        BulkheadReport {
            layer: self.layer(it.unit),
            caller: self.caller(it.unit),
            target: self.target(it.unit),
            in_use_mean: it.in_use_mean.and_then(Finite::new),
            in_use_max: it.in_use_max,
            waiting_max: it.waiting_max,
        }
    }

    fn transition(&self, it: &KeptChange) -> TransitionReport {
        TransitionReport {
            at_ns: it.at.as_ns(),
            line: it.line,
            layer: self.layer(it.unit),
            caller: self.caller(it.unit),
            target: self.target(it.unit),
            from: it.transition.from.into(),
            to: it.transition.to.into(),
            why: it.transition.why.name().to_owned(),
            failures: it.transition.failures,
            results: it.transition.results,
        }
    }
}

/// Those that opened most often first.
fn breakers(names: &Names<'_>) -> Vec<BacktestBreakerReport> {
    let mut order: Vec<&BreakerSummary> = names.summary.breakers.iter().collect();
    order.sort_by_key(|it| std::cmp::Reverse((it.openings, it.held[1])));
    order.into_iter().map(|it| names.breaker(it)).collect()
}

/// The fullest first.
fn bulkheads(names: &Names<'_>) -> Vec<BulkheadReport> {
    let mut order: Vec<&BulkheadSummary> = names.summary.bulkheads.iter().collect();
    order.sort_by_key(|it| std::cmp::Reverse((it.waiting_max, it.in_use_max)));
    order.into_iter().map(|it| names.bulkhead(it)).collect()
}

/// Those first of which most calls end otherwise than they did.
fn groups(names: &[String], tallies: &[GroupTally]) -> Vec<GroupReport> {
    let mut groups: Vec<GroupReport> = names
        .iter()
        .zip(tallies)
        .map(|(name, tally)| GroupReport {
            name: name.clone(),
            effects: ImpactsReport::of(tally.effects),
        })
        .collect();
    groups.sort_by_key(|group| {
        let it = group.effects;
        std::cmp::Reverse((it.lost + it.avoided + it.rescued, it.total()))
    });
    groups.truncate(MOST_LISTED);
    groups
}

fn series(summary: &Summary, policy: &Policy) -> BacktestSeries {
    let calls = &summary.calls_over_time;
    let counts = |sums: &[u128; Impact::COUNT]| {
        ImpactsReport::of(sums.map(|sum| u64::try_from(sum).unwrap_or(u64::MAX)))
    };
    let levels = policy.layers.iter().zip(&summary.levels_over_time);
    BacktestSeries {
        width_ns: calls.width().as_ns(),
        calls: calls.sums().iter().map(counts).collect(),
        levels: levels
            .filter(|(layer, _)| HAVE_LEVELS.contains(&layer.kind.name()))
            .map(|(layer, strip)| LevelSeries {
                layer: layer.name.clone(),
                kind: layer.kind.name().to_owned(),
                first_mean: means(strip, 0, summary),
                second_mean: means(strip, 1, summary),
            })
            .collect(),
    }
}

/// Kinds of layers whose levels are measured.
const HAVE_LEVELS: [&str; 2] = ["circuit_breaker", "bulkhead"];

/// The time-weighted mean in each bucket; the last one ends with the log.
fn means(strip: &Strip<2>, which: usize, summary: &Summary) -> Vec<Finite> {
    let width_ns = strip.width().as_ns();
    let length_ns = summary.until.since(summary.from).as_ns();
    let mean = |(bucket, sums): (u64, &[u128; 2])| {
        let span_ns = width_ns.min(length_ns.saturating_sub(bucket * width_ns));
        Finite::ratio(sums[which] as f64, span_ns.max(1) as f64).unwrap_or_default()
    };
    (0..).zip(strip.sums()).map(mean).collect()
}
