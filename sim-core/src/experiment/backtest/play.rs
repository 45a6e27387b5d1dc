//! Playing a log: one call after another, and everything that comes due between them.

use super::bind::{Bound, MOST_PAIRS};
use super::call::{RecordedCall, Unrecorded, Watcher};
use super::replay_host::ReplayHost;
use super::summary::Summary;
use super::under_way::{CallUnderWay, Due};
use crate::kernel::{Class, Exhausted};
use crate::policy::pipeline::{Owner, Pipelines};
use crate::random::{KeySource, SiteKey, child_key};
use crate::scenario::Policy;
use crate::time::SimTime;
use std::fmt;

/// How a log is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// From which all draws come, together with the line of a call.
    pub seed: u64,
    /// What an attempt is answered of which there is no record.
    pub unrecorded: Unrecorded,
}

/// Why a call cannot be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It starts before the call in front of it, which started then.
    OutOfOrder(SimTime),
    /// It has no answer.
    NoAnswer,
    /// There are too many callers and targets.
    TooManyPairs,
    /// Too much is under way at once.
    TooManyUnderWay,
    /// The log is too long.
    TooLong,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfOrder(last) => {
                write!(f, "it starts before the call in front of it ({last})")
            }
            Self::NoAnswer => f.write_str("it has no answer"),
            Self::TooManyPairs => write!(
                f,
                "there are more than {MOST_PAIRS} different pairs of caller and target"
            ),
            Self::TooManyUnderWay => {
                f.write_str("more than 16 million calls are under way at once")
            }
            Self::TooLong => f.write_str("the log takes more than 68 thousand million events"),
        }
    }
}

/// A log that is being played through a policy.
///
/// ```
/// use sim_core::experiment::backtest::{Answer, Backtest, RecordedCall, Settings, Unrecorded};
/// use sim_core::policy::Outcome;
/// use sim_core::scenario::{Source, load_policies};
/// use sim_core::time::{SimDuration, SimTime};
///
/// let text = "policies: { careful: [ { circuit_breaker: \
///             { consecutive_failures: 2, open_for: 5s } } ] }";
/// let source = Source { name: "policy.yaml".into(), text: text.into() };
/// let policies = load_policies(&source, &[], &|_| Err("no files".into())).unwrap();
///
/// let settings = Settings { seed: 1, unrecorded: Unrecorded::Repeat };
/// let mut backtest = Backtest::new(&policies[0], settings, ());
/// for second in 0..4 {
///     let answer = Answer::new(SimDuration::from_millis(10), Outcome::ErrorInternal);
///     let call = RecordedCall {
///         line: second,
///         start: SimTime::ZERO + SimDuration::from_secs(second),
///         caller: "shop",
///         target: "payments",
///         class: "",
///         idempotent: true,
///         answers: &[answer],
///     };
///     backtest.play(&call).unwrap();
/// }
/// let (summary, ()) = backtest.finish().unwrap();
/// // It opens at the second failure; the other two calls are spared.
/// assert_eq!(summary.changes[0].at.to_string(), "1.01s");
/// assert_eq!(summary.attempts, 2);
/// ```
#[derive(Debug)]
pub struct Backtest<W> {
    pipelines: Pipelines,
    host: ReplayHost<W>,
    calls: SiteKey,
    /// Start of the last call; none before the first.
    last: Option<SimTime>,
}

impl<W: Watcher> Backtest<W> {
    /// A policy that has seen nothing; `watcher` is told what happens.
    pub fn new(policy: &Policy, settings: Settings, watcher: W) -> Self {
        let keys = KeySource::new(settings.seed, 0);
        let bound = Bound::new(policy, &keys);
        let mut pipelines = Pipelines::default();
        for budget in &policy.budgets {
            pipelines.layers.budgets.push(budget.kind.clone());
        }
        Self {
            pipelines,
            host: ReplayHost::new(bound, settings.unrecorded, watcher),
            calls: keys.site(&["policy", &policy.name], "call"),
            last: None,
        }
    }

    /// When the processes of the log began, before the first call is played: cycles of rate limits,
    /// ticks, and windows that begin with their breaker count from there. Else they count from zero.
    pub fn began_at(&mut self, at: SimTime) {
        self.pipelines.layers.began_at(at);
    }

    /// Plays everything that comes due until this call begins, and lets it begin.
    ///
    /// # Errors
    /// A call that cannot be played is refused and changes nothing.
    pub fn play(&mut self, call: &RecordedCall<'_>) -> Result<(), Refusal> {
        let [first, more @ ..] = call.answers else {
            return Err(Refusal::NoAnswer);
        };
        match self.last {
            Some(last) if call.start < last => return Err(Refusal::OutOfOrder(last)),
            Some(_) => {}
            None => self.host.open(call.start),
        }
        let Self {
            host, pipelines, ..
        } = self;
        let groups = host.numbers([call.caller, call.target, call.class]);
        let pair = host
            .bound
            .pair(&mut pipelines.layers, groups[0], groups[1])
            .ok_or(Refusal::TooManyPairs)?;
        host.watch_new_states();
        let ix = host.calls.open(CallUnderWay {
            line: call.line,
            start: call.start,
            groups,
            pair,
            key: child_key(self.calls.0, call.line, 0),
            idempotent: call.idempotent,
            hint: None,
            first: *first,
            more: more.into(),
            attempts: 0,
            stopped: None,
            gave_up: None,
            detached: 0,
            answered: false,
        });
        let due = Due::Begin(ix);
        host.events.schedule(call.start, Class::Start, due);
        run(host, pipelines, Some(due))?;
        self.last = Some(call.start);
        Ok(())
    }

    /// Who is told what happens.
    pub const fn watcher(&mut self) -> &mut W {
        &mut self.host.watcher
    }

    /// Plays to the end what is under way, and sums up.
    ///
    /// # Errors
    /// When the numbers run out before the end.
    pub fn finish(mut self) -> Result<(Summary, W), Refusal> {
        run(&mut self.host, &mut self.pipelines, None)?;
        let host = self.host;
        let end = host.events.now();
        let summary = host.recorder.finish(end, &host.bound, &host.names);
        Ok((summary, host.watcher))
    }
}

/// Handles what comes due, until this call has begun or nothing is left.
fn run<W: Watcher>(
    host: &mut ReplayHost<W>,
    pipelines: &mut Pipelines,
    until: Option<Due>,
) -> Result<(), Refusal> {
    loop {
        match host.events.exhausted() {
            Some(Exhausted::Slots) => return Err(Refusal::TooManyUnderWay),
            Some(Exhausted::Sequence) => return Err(Refusal::TooLong),
            None => {}
        }
        let Some((_, due)) = host.events.pop(SimTime::NEVER) else {
            return Ok(());
        };
        handle(host, pipelines, due);
        measure(host, pipelines);
        if until == Some(due) {
            return Ok(());
        }
    }
}

fn handle<W: Watcher>(host: &mut ReplayHost<W>, pipelines: &mut Pipelines, due: Due) {
    match due {
        Due::Begin(ix) => {
            let first = host.begin(ix);
            pipelines.start(host, ix, first);
        }
        Due::Answer(ix) => {
            let attempt = host.take_answer(ix);
            let ending = host.heard(&attempt);
            pipelines.on_result(host, ix, attempt.outer, attempt.call, ending);
        }
        Due::Alarm(frame) => pipelines.on_alarm(host, frame),
    }
}

/// Looks how full the bulkheads are in which something may have happened.
fn measure<W: Watcher>(host: &mut ReplayHost<W>, pipelines: &Pipelines) {
    let now = host.events.now();
    for pair in host.touched.drain(..) {
        for &place in &host.bound.bulkheads {
            let layer = host.bound.layer(pair, place);
            let filling = pipelines.layers.filling(layer, Owner(0));
            let unit = host.bound.unit(layer);
            host.recorder.levels.filled(now, place, unit, filling);
        }
    }
}
