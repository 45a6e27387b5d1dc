//! Timelines of the whole breaker: one instant before each boundary, and at it.

use super::*;
use crate::policy::{Applied, AppliedSet, Outcome};
use crate::time::{SimDuration, SimTime};
use crate::units::Probability;
use proptest::prelude::*;

fn ms(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(ms)
}

/// Opens with half of at least four of the last ten results, for 500 ms.
fn config(permits: u32) -> BreakerConfig {
    let trip = TripRule::failure_rate(Probability::new(0.5).unwrap(), 4);
    BreakerConfig::plain(
        Window::Calls(10),
        trip,
        SimDuration::from_millis(500),
        permits,
    )
}

fn admitted(breaker: &mut Breaker, now: SimTime, config: &BreakerConfig) -> Option<Permit> {
    assert_eq!(
        breaker.would_admit(now, config),
        matches!(
            breaker.clone().try_acquire(now, config),
            Admission::Admit(_)
        )
    );
    match breaker.try_acquire(now, config) {
        Admission::Admit(permit) => Some(permit),
        Admission::Reject | Admission::Wait(_) => None,
    }
}

/// For breakers whose wait has no jitter.
fn no_draw(_: u32) -> f64 {
    unreachable!("nothing is to be drawn here")
}

/// What time has changed when a call asks.
fn noticed(breaker: &mut Breaker, now: SimTime, config: &BreakerConfig) -> Option<Transition> {
    breaker.advance(now, config, AskedBy::Call, no_draw)
}

/// One call that begins and ends at `now`.
fn call(
    breaker: &mut Breaker,
    now: SimTime,
    config: &BreakerConfig,
    outcome: Outcome,
) -> Option<Transition> {
    let permit = admitted(breaker, now, config).expect("admitted");
    breaker.on_result(now, config, permit, outcome, no_draw)
}

/// A breaker that opened at this instant.
fn tripped_at(now: SimTime, config: &BreakerConfig) -> Breaker {
    let mut breaker = Breaker::new();
    for _ in 0..3 {
        assert_eq!(
            call(&mut breaker, now, config, Outcome::ErrorInternal),
            None
        );
    }
    let change = call(&mut breaker, now, config, Outcome::ErrorInternal);
    assert_eq!(change.map(|change| change.to), Some(BreakerStateKind::Open));
    breaker
}

#[test]
fn it_opens_with_the_result_that_reaches_the_threshold() {
    let config = config(1);
    let mut breaker = Breaker::new();
    for outcome in [Outcome::Ok, Outcome::Ok, Outcome::TimeoutResponse] {
        assert_eq!(call(&mut breaker, ms(1), &config, outcome), None);
    }
    let change = call(&mut breaker, ms(1), &config, Outcome::RejectedShed);
    let expected = Transition {
        from: BreakerStateKind::Closed,
        to: BreakerStateKind::Open,
        at: ms(1),
        why: Why::FailureRate,
        failures: 2,
        results: 4,
        wait: SimDuration::from_millis(500),
        by: AppliedSet::NONE,
    };
    assert_eq!(change, Some(expected));
}

#[test]
fn a_success_may_open_when_it_completes_the_minimum() {
    let config = config(1);
    let mut breaker = Breaker::new();
    for _ in 0..3 {
        call(&mut breaker, ms(1), &config, Outcome::ErrorInternal);
    }
    let change = call(&mut breaker, ms(1), &config, Outcome::Ok).unwrap();
    assert_eq!((change.failures, change.results), (3, 4));
}

#[test]
fn it_is_open_for_exactly_the_cool_down() {
    let config = config(1);
    let mut breaker = tripped_at(ms(100), &config);
    let just_before = ms(600).before(SimDuration::from_ns(1));
    assert_eq!(admitted(&mut breaker, just_before, &config), None);
    assert_eq!(breaker.state(just_before, &config), BreakerStateKind::Open);
    assert_eq!(breaker.state(ms(600), &config), BreakerStateKind::HalfOpen);
    let change = noticed(&mut breaker, ms(600), &config);
    assert!(admitted(&mut breaker, ms(600), &config).is_some());
    let change = change.unwrap();
    assert_eq!(change.from, BreakerStateKind::Open);
    assert_eq!(change.to, BreakerStateKind::HalfOpen);
}

#[test]
fn half_open_admits_its_permits_and_no_more() {
    let config = config(2);
    let mut breaker = tripped_at(ms(0), &config);
    let first = admitted(&mut breaker, ms(500), &config).unwrap();
    let second = admitted(&mut breaker, ms(500), &config).unwrap();
    assert_eq!(admitted(&mut breaker, ms(500), &config), None);
    assert_eq!(
        breaker.on_result(ms(510), &config, first, Outcome::Ok, no_draw),
        None
    );
    // A permit whose probe succeeded is used up.
    assert_eq!(admitted(&mut breaker, ms(510), &config), None);
    let change = breaker.on_result(ms(520), &config, second, Outcome::Degraded, no_draw);
    let expected = Transition {
        from: BreakerStateKind::HalfOpen,
        to: BreakerStateKind::Closed,
        at: ms(520),
        why: Why::ProbesSucceeded,
        failures: 0,
        results: 2,
        wait: SimDuration::ZERO,
        by: AppliedSet::NONE,
    };
    assert_eq!(change, Some(expected));
}

#[test]
fn one_failed_probe_opens_for_another_cool_down() {
    let config = config(2);
    let mut breaker = tripped_at(ms(0), &config);
    let first = admitted(&mut breaker, ms(500), &config).unwrap();
    let second = admitted(&mut breaker, ms(500), &config).unwrap();
    breaker.on_result(ms(510), &config, first, Outcome::Ok, no_draw);
    let change = breaker.on_result(ms(700), &config, second, Outcome::TimeoutResponse, no_draw);
    let change = change.unwrap();
    assert_eq!(change.to, BreakerStateKind::Open);
    assert_eq!((change.failures, change.results), (1, 2));
    assert_eq!(admitted(&mut breaker, ms(1199), &config), None);
    assert!(admitted(&mut breaker, ms(1200), &config).is_some());
}

#[test]
fn rule_7_a_cancelled_probe_gives_its_permit_back() {
    let config = config(1);
    let mut breaker = tripped_at(ms(0), &config);
    let probe = admitted(&mut breaker, ms(500), &config).unwrap();
    assert_eq!(admitted(&mut breaker, ms(501), &config), None);
    let change = breaker.on_result(ms(502), &config, probe, Outcome::Cancelled, no_draw);
    assert_eq!(change, None);
    assert!(admitted(&mut breaker, ms(502), &config).is_some());
}

#[test]
fn rule_7_cancelled_counts_as_neither_while_closed() {
    let config = config(1);
    let mut breaker = Breaker::new();
    let before = breaker.clone();
    call(&mut breaker, ms(1), &config, Outcome::Cancelled);
    breaker.take_remarks();
    assert_eq!(breaker, before);
}

#[test]
fn rule_29_the_callers_own_mistakes_are_no_failures() {
    let config = config(1);
    let mut breaker = Breaker::new();
    for _ in 0..20 {
        let change = call(&mut breaker, ms(1), &config, Outcome::ErrorInvalid);
        assert_eq!(change, None);
    }
}

#[test]
fn late_results_change_nothing() {
    let config = config(1);
    let mut breaker = Breaker::new();
    let old = admitted(&mut breaker, ms(0), &config).unwrap();
    for _ in 0..4 {
        call(&mut breaker, ms(0), &config, Outcome::ErrorInternal);
    }
    let late = |breaker: &mut Breaker, now, outcome| {
        breaker.take_remarks();
        let before = breaker.clone();
        assert_eq!(breaker.on_result(now, &config, old, outcome, no_draw), None);
        breaker.take_remarks();
        assert_eq!(*breaker, before);
    };
    late(&mut breaker, ms(1), Outcome::Ok);
    let probe = admitted(&mut breaker, ms(500), &config).unwrap();
    late(&mut breaker, ms(501), Outcome::Ok);
    late(&mut breaker, ms(501), Outcome::ErrorInternal);
    late(&mut breaker, ms(501), Outcome::Cancelled);
    breaker.on_result(ms(502), &config, probe, Outcome::Ok, no_draw);
    late(&mut breaker, ms(503), Outcome::ErrorInternal);
}

#[test]
fn the_window_is_empty_after_closing() {
    let config = config(1);
    let mut breaker = tripped_at(ms(0), &config);
    call(&mut breaker, ms(500), &config, Outcome::Ok);
    for _ in 0..3 {
        let change = call(&mut breaker, ms(501), &config, Outcome::ErrorInternal);
        assert_eq!(change, None);
    }
    assert!(call(&mut breaker, ms(501), &config, Outcome::ErrorInternal).is_some());
}

#[test]
fn rule_22_a_changed_cool_down_holds_from_the_next_opening() {
    let before = config(1);
    let mut breaker = tripped_at(ms(0), &before);
    let after = BreakerConfig {
        open: OpenRule::constant(SimDuration::from_secs(9)),
        ..before
    };
    call(&mut breaker, ms(500), &after, Outcome::ErrorInternal);
    assert_eq!(admitted(&mut breaker, ms(9499), &after), None);
    assert!(admitted(&mut breaker, ms(9500), &after).is_some());
}

#[test]
fn rule_22_fewer_probes_than_have_succeeded_close_at_the_next_call() {
    let mut breaker = tripped_at(ms(0), &config(3));
    call(&mut breaker, ms(500), &config(3), Outcome::Ok);
    call(&mut breaker, ms(500), &config(3), Outcome::Ok);
    let change = noticed(&mut breaker, ms(501), &config(2));
    assert!(admitted(&mut breaker, ms(501), &config(2)).is_some());
    assert_eq!(change.unwrap().to, BreakerStateKind::Closed);
}

#[test]
fn it_is_small() {
    assert!(size_of::<Breaker>() <= 168);
    assert!(size_of::<Option<Permit>>() <= 16);
}

#[derive(Clone, Debug)]
enum Deed {
    Wait(u64),
    Ask,
    Answer(usize, Outcome),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let outcome = prop::sample::select(vec![
        Outcome::Ok,
        Outcome::ErrorInternal,
        Outcome::TimeoutResponse,
        Outcome::Cancelled,
    ]);
    let deed = prop_oneof![
        1 => (0_u64..400).prop_map(Deed::Wait),
        4 => Just(Deed::Ask),
        4 => (0_usize..8, outcome).prop_map(|(which, outcome)| Deed::Answer(which, outcome)),
    ];
    prop::collection::vec(deed, 0..300)
}

/// Drives a breaker and notes what an onlooker sees, without looking inside.
struct Onlooker {
    config: BreakerConfig,
    breaker: Breaker,
    now: SimTime,
    /// Permits out, and whether each was given to a probe of the present half-open phase.
    out: Vec<(Permit, bool)>,
    opened_at: Option<SimTime>,
    half_open: bool,
    succeeded: usize,
}

impl Onlooker {
    fn new(permits: u32) -> Self {
        Self {
            config: config(permits),
            breaker: Breaker::new(),
            now: SimTime::ZERO,
            out: Vec::new(),
            opened_at: None,
            half_open: false,
            succeeded: 0,
        }
    }

    fn probes(&self) -> usize {
        self.out.iter().filter(|(_, probe)| *probe).count()
    }

    fn see(&mut self, change: Option<Transition>) {
        let Some(change) = change else { return };
        for (_, probe) in &mut self.out {
            *probe = false;
        }
        self.succeeded = 0;
        self.half_open = change.to == BreakerStateKind::HalfOpen;
        self.opened_at = (change.to == BreakerStateKind::Open).then_some(self.now);
    }

    fn ask(&mut self, permits: usize) {
        let would_admit = self.breaker.would_admit(self.now, &self.config);
        let change = noticed(&mut self.breaker, self.now, &self.config);
        self.see(change);
        let admission = self.breaker.try_acquire(self.now, &self.config);
        let Admission::Admit(permit) = admission else {
            assert!(!would_admit);
            return;
        };
        assert!(would_admit);
        assert_eq!(self.opened_at, None, "admitted while open");
        self.out.push((permit, self.half_open));
        assert!(self.probes() + self.succeeded <= permits, "too many probes");
    }

    fn answer(&mut self, which: usize, outcome: Outcome) {
        if self.out.is_empty() {
            return;
        }
        let (permit, probe) = self.out.swap_remove(which % self.out.len());
        self.succeeded += usize::from(probe && outcome == Outcome::Ok);
        let change = self
            .breaker
            .on_result(self.now, &self.config, permit, outcome, no_draw);
        self.see(change);
    }
}

proptest! {
    #[test]
    fn it_never_admits_while_open_nor_more_probes_than_permitted(
        permits in 1_u32..4,
        deeds in deeds(),
    ) {
        let mut onlooker = Onlooker::new(permits);
        for deed in deeds {
            match deed {
                Deed::Wait(span) => onlooker.now = onlooker.now + SimDuration::from_millis(span),
                Deed::Ask => onlooker.ask(permits as usize),
                Deed::Answer(which, outcome) => onlooker.answer(which, outcome),
            }
        }
        // However it went, once everything has answered and time has passed it admits again.
        while !onlooker.out.is_empty() {
            onlooker.answer(0, Outcome::Cancelled);
        }
        let later = onlooker.now + SimDuration::from_secs(1);
        prop_assert!(onlooker.breaker.would_admit(later, &onlooker.config));
    }
}

fn remarks(breaker: &mut Breaker) -> Vec<(Applied, u32)> {
    breaker.take_remarks().iter().collect()
}

#[test]
fn it_remembers_looks_that_the_minimum_of_calls_held_back() {
    let config = config(1);
    let mut breaker = Breaker::new();
    // 1 of 1, 1 of 2 and 2 of 3 are half or more; 1 of 2 at the second.
    for outcome in [Outcome::ErrorInternal, Outcome::Ok, Outcome::ErrorInternal] {
        assert_eq!(call(&mut breaker, ms(0), &config, outcome), None);
    }
    let held_back = [(Applied::HeldBackByMinimum, 3)];
    assert_eq!(remarks(&mut breaker), held_back);
    assert_eq!(remarks(&mut breaker), [], "told once");
    let mut well = Breaker::new();
    call(&mut well, ms(0), &config, Outcome::Ok);
    assert_eq!(remarks(&mut well), [], "nothing to hold back");
}

/// A run of failures is its own minimum.
#[test]
fn a_run_that_is_too_short_is_not_held_back() {
    let trip = TripRule::failure_rate(Probability::ONE, 3);
    let wait = SimDuration::from_secs(1);
    let config = BreakerConfig::plain(Window::Consecutive, trip, wait, 1);
    let mut breaker = Breaker::new();
    call(&mut breaker, ms(0), &config, Outcome::ErrorInternal);
    assert_eq!(remarks(&mut breaker), []);
}

#[test]
fn it_remembers_what_became_of_late_and_of_uncounted_results() {
    for (late, expected) in [
        (LateRule::Ignore, [(Applied::LateResultIgnored, 1)]),
        (LateRule::CurrentState, [(Applied::LateResultUsed, 1)]),
    ] {
        let config = BreakerConfig { late, ..config(1) };
        let mut breaker = Breaker::new();
        let old = admitted(&mut breaker, ms(0), &config).unwrap();
        for _ in 0..4 {
            call(&mut breaker, ms(0), &config, Outcome::ErrorInternal);
        }
        breaker.take_remarks();
        noticed(&mut breaker, ms(500), &config);
        breaker.on_result(ms(500), &config, old, Outcome::ErrorInternal, no_draw);
        assert_eq!(remarks(&mut breaker), expected, "{late:?}");
    }
    // An open breaker takes no notice, whatever the rule.
    let config = BreakerConfig {
        late: LateRule::CurrentState,
        ..config(1)
    };
    let mut breaker = Breaker::new();
    let old = admitted(&mut breaker, ms(0), &config).unwrap();
    for _ in 0..4 {
        call(&mut breaker, ms(0), &config, Outcome::ErrorInternal);
    }
    breaker.take_remarks();
    breaker.on_result(ms(1), &config, old, Outcome::ErrorInternal, no_draw);
    assert_eq!(remarks(&mut breaker), [(Applied::LateResultIgnored, 1)]);

    let mut breaker = Breaker::new();
    call(&mut breaker, ms(0), &config, Outcome::Cancelled);
    assert_eq!(remarks(&mut breaker), [(Applied::UncountedResult, 1)]);
}

#[test]
fn an_opening_says_how_long_it_waits_and_why() {
    let open = OpenRule {
        growth: Some(Growth {
            factor: 2.0,
            max: SimDuration::from_millis(1_500),
            jitter: WaitJitter::None,
            unit: SimDuration::ZERO,
            per: GrowthPer::Breaker,
        }),
        ..OpenRule::constant(SimDuration::from_millis(500))
    };
    let config = BreakerConfig { open, ..config(1) };
    let mut breaker = Breaker::new();
    for _ in 0..3 {
        call(&mut breaker, ms(0), &config, Outcome::ErrorInternal);
    }
    let first = call(&mut breaker, ms(0), &config, Outcome::ErrorInternal).unwrap();
    assert_eq!(
        (first.wait, first.by),
        (SimDuration::from_millis(500), AppliedSet::NONE)
    );
    let mut open_again = |at| {
        noticed(&mut breaker, ms(at), &config);
        let change = call(&mut breaker, ms(at), &config, Outcome::ErrorInternal).unwrap();
        (change.wait, change.by)
    };
    let grown = AppliedSet::of(Applied::OpenGrown);
    assert_eq!(open_again(500), (SimDuration::from_secs(1), grown));
    let most = grown.with_if(true, Applied::OpenAtMaximum);
    assert_eq!(open_again(1_500), (SimDuration::from_millis(1_500), most));
    let half_open = noticed(&mut breaker, ms(3_000), &config).unwrap();
    assert_eq!(half_open.wait, SimDuration::ZERO);
}
