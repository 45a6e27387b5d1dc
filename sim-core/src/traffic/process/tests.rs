use super::*;
use crate::random::{KeySource, Stream};
use crate::time::SimDuration;
use crate::traffic::{ModulatedState, Ramp, RatePoint};
use crate::units::Rate;

fn stream(seed: u64) -> Stream {
    KeySource::new(seed, 0).stream(&["clients", "tests"], "arrivals")
}

fn rate(per_second: f64) -> Rate {
    Rate::per_second(per_second).unwrap()
}

fn factor(value: f64) -> Factor {
    Factor::new(value).unwrap()
}

fn ms(ms: u64) -> SimTime {
    SimTime::from_ns(ms * 1_000_000)
}

fn poisson(profile: RateProfile) -> Arrivals {
    let batch = Batch::ONE;
    Arrivals::Poisson { profile, batch }
}

fn constant(per_second: f64) -> Arrivals {
    let (profile, batch) = (RateProfile::constant(rate(per_second)), Batch::ONE);
    Arrivals::Constant { profile, batch }
}

/// 100/s at the start, 300/s at 10 s and from then on.
fn ramp() -> RateProfile {
    let point = |at, per_second, ramp| RatePoint {
        at: ms(at),
        rate: rate(per_second),
        ramp,
    };
    RateProfile::points(&[
        point(0, 100.0, Ramp::Step),
        point(10_000, 300.0, Ramp::Linear),
    ])
    .unwrap()
}

fn on_off() -> Arrivals {
    let state = |per_second, ms| ModulatedState {
        rate: rate(per_second),
        mean_duration: SimDuration::from_millis(ms),
    };
    Arrivals::markov_modulated(vec![state(400.0, 50), state(0.0, 150)]).unwrap()
}

/// The arrivals of `process` before `end`.
fn until(end: SimTime, process: &mut ArrivalProcess, stream: &mut Stream) -> Vec<SimTime> {
    let times = std::iter::from_fn(|| process.next(stream).map(|(time, _)| time));
    times.take_while(|&time| time < end).collect()
}

#[test]
fn constant_arrivals_come_when_they_are_expected() {
    let (mut stream, mut times) = (stream(1), Vec::new());
    let mut process = ArrivalProcess::new(&constant(4.0), &mut stream);
    for _ in 0..4 {
        times.push(process.next(&mut stream).unwrap());
    }
    assert_eq!(times, [250, 500, 750, 1_000].map(|at| (ms(at), 1)));
    assert_eq!(stream.position(), 0);
}

#[test]
fn a_change_of_load_keeps_the_part_of_the_wait_that_is_over() {
    let mut stream = stream(1);
    let mut process = ArrivalProcess::new(&constant(1.0), &mut stream);
    assert_eq!(process.next(&mut stream), Some((ms(1_000), 1)));
    // After 0.4 s, 0.6 is left, which takes 0.3 s at twice the rate.
    process.set_load_factor(ms(400), factor(2.0));
    assert_eq!(process.reschedule(ms(400)), Some(ms(700)));
    // After 0.2 s more, 0.2 is left, which takes 0.4 s at half the rate.
    process.set_load_factor(ms(600), factor(0.5));
    assert_eq!(process.reschedule(ms(600)), Some(ms(1_000)));
    assert_eq!(process.next(&mut stream), Some((ms(3_000), 1)));
    // And back: 0.5 is left.
    process.set_load_factor(ms(2_000), factor(1.0));
    assert_eq!(process.reschedule(ms(2_000)), Some(ms(2_500)));
    assert_eq!(process.next(&mut stream), Some((ms(3_500), 1)));
}

#[test]
fn no_load_stops_arrivals_and_its_end_resumes_them() {
    let mut stream = stream(1);
    let mut process = ArrivalProcess::new(&constant(1.0), &mut stream);
    process.next(&mut stream);
    process.set_load_factor(ms(400), factor(0.0));
    assert_eq!(process.reschedule(ms(400)), None);
    process.set_load_factor(ms(9_000), factor(1.0));
    assert_eq!(process.reschedule(ms(9_000)), Some(ms(9_600)));
    assert_eq!(process.pending_batch(), 1);
}

#[test]
fn a_change_at_the_very_instant_of_an_arrival_leaves_it_there() {
    let mut stream = stream(1);
    let mut process = ArrivalProcess::new(&constant(3.0), &mut stream);
    let (due, _) = process.next(&mut stream).unwrap();
    process.set_load_factor(due, factor(0.001));
    let moved = process.reschedule(due).unwrap();
    assert!(due.until(moved) <= SimDuration::from_ns(1_000), "{moved}");
}

#[test]
fn ramps_bring_arrivals_as_computed_by_hand() {
    let mut stream = stream(1);
    let (profile, batch) = (ramp(), Batch::ONE);
    let mut process = ArrivalProcess::new(&Arrivals::Constant { profile, batch }, &mut stream);
    let times = until(ms(20_000), &mut process, &mut stream);
    // 100 t + 10 t²: 750 by 5 s, 2000 by 10 s, then 300 a second.
    assert_eq!(times[749], ms(5_000));
    assert_eq!(times[1_999], ms(10_000));
    assert_eq!(times[2_299], ms(11_000));
}

#[test]
fn counts_agree_with_the_cumulative_rate() {
    let day = SimDuration::from_secs(30);
    let profiles = [
        RateProfile::constant(rate(250.0)),
        ramp(),
        RateProfile::daily(rate(0.0), rate(500.0), ms(7_000), day).unwrap(),
    ];
    for profile in profiles {
        let end = ms(100_000);
        let expected = profile.cumulative(end);
        let mut stream = stream(3);
        let mut process = ArrivalProcess::new(&poisson(profile), &mut stream);
        let count = until(end, &mut process, &mut stream).len() as f64;
        assert!(
            (count - expected).abs() < 5.0 * expected.sqrt(),
            "{count} of {expected}"
        );
    }
}

#[test]
fn one_draw_per_arrival_and_one_more_for_a_geometric_batch() {
    for (batch, draws) in [(Batch::ONE, 1), (Batch::geometric(3.0).unwrap(), 2)] {
        let mut stream = stream(4);
        let profile = ramp();
        let mut process = ArrivalProcess::new(&Arrivals::Poisson { profile, batch }, &mut stream);
        for n in 1..=1_000 {
            process.next(&mut stream);
            assert_eq!(stream.position(), n * draws);
        }
    }
}

#[test]
fn the_nth_arrival_is_the_same_amount_under_any_load() {
    let (mut plain_stream, mut loaded_stream) = (stream(5), stream(5));
    let arrivals = poisson(RateProfile::constant(rate(10.0)));
    let mut plain = ArrivalProcess::new(&arrivals, &mut plain_stream);
    let mut loaded = ArrivalProcess::new(&arrivals, &mut loaded_stream);
    loaded.set_load_factor(SimTime::ZERO, factor(2.0));
    for _ in 0..1_000 {
        let (time, _) = plain.next(&mut plain_stream).unwrap();
        let (sooner, _) = loaded.next(&mut loaded_stream).unwrap();
        assert!(time.as_ns().abs_diff(2 * sooner.as_ns()) <= 2);
    }
}

#[test]
fn recorded_instants_come_back_exactly_and_can_be_played_faster() {
    let times = vec![ms(0), ms(10), ms(10), ms(1_000)];
    let arrivals = Arrivals::recorded(times.clone()).unwrap();
    let mut stream = stream(1);
    let mut process = ArrivalProcess::new(&arrivals, &mut stream);
    assert_eq!(until(SimTime::NEVER, &mut process, &mut stream), times);
    assert_eq!(process.reschedule(ms(2_000)), None);

    let mut process = ArrivalProcess::new(&arrivals, &mut stream);
    for _ in 0..4 {
        process.next(&mut stream);
    }
    process.set_load_factor(ms(500), factor(2.0));
    assert_eq!(process.reschedule(ms(500)), Some(ms(750)));
}

#[test]
fn on_off_arrivals_have_their_mean_rate_and_come_in_bursts() {
    let mut stream = stream(6);
    let mut process = ArrivalProcess::new(&on_off(), &mut stream);
    let times = until(ms(1_000_000), &mut process, &mut stream);
    assert_eq!(stream.position(), times.len() as u128 + 2);
    // 100/s on average. On-off periods of 0.2 s with 20 arrivals each: the variance of the count
    // over a time t is 100 t (1 + 2 · 400 · 0.75 · 0.0375), with 0.0375 s as relaxation time.
    let expected = 100_000.0;
    let sd = (expected * 23.5_f64).sqrt();
    assert!(
        (times.len() as f64 - expected).abs() < 5.0 * sd,
        "{}",
        times.len()
    );
    let gaps = times.windows(2).map(|pair| pair[1].since(pair[0]));
    let long = gaps
        .filter(|&gap| gap > SimDuration::from_millis(50))
        .count();
    assert!(
        (3_000..6_000).contains(&long),
        "{long} pauses in 5000 periods"
    );
}

#[test]
fn a_load_factor_leaves_the_bursts_where_they_are() {
    let (mut plain_stream, mut loaded_stream) = (stream(7), stream(7));
    let mut plain = ArrivalProcess::new(&on_off(), &mut plain_stream);
    let mut loaded = ArrivalProcess::new(&on_off(), &mut loaded_stream);
    loaded.set_load_factor(SimTime::ZERO, factor(50.0));
    let few = until(ms(20_000), &mut plain, &mut plain_stream);
    let many = until(ms(20_000), &mut loaded, &mut loaded_stream);
    assert!(many.len() > 40 * few.len());
    for time in few {
        let next = many.partition_point(|&other| other < time);
        let near = |i: usize| {
            many.get(i)
                .map_or(u64::MAX, |t| t.as_ns().abs_diff(time.as_ns()))
        };
        let gap = near(next).min(near(next.saturating_sub(1)));
        assert!(gap < 2_000_000, "{time} has no arrival near it under load");
    }
}

#[test]
fn a_change_of_load_in_a_silent_state_is_exact() {
    let mut stream = stream(8);
    let mut process = ArrivalProcess::new(&on_off(), &mut stream);
    let mut changed = 0;
    for _ in 0..500 {
        let (due, _) = process.next(&mut stream).unwrap();
        let now = SimTime::from_ns(due.as_ns() - due.as_ns() % 1_000_000);
        if now >= process.clock_time_of_reading() {
            // Twice the same load in a row changes nothing.
            process.set_load_factor(now, Factor::ONE);
            let again = process.reschedule(now).unwrap();
            assert!(
                again.as_ns().abs_diff(due.as_ns()) <= 5,
                "{due} became {again}"
            );
            changed += 1;
        }
    }
    assert!(changed > 100);
}

impl ArrivalProcess {
    fn clock_time_of_reading(&self) -> SimTime {
        self.clock.time_of(self.reading).unwrap()
    }
}

#[test]
fn impossible_arrivals_are_refused() {
    let state = |per_second, ms| ModulatedState {
        rate: rate(per_second),
        mean_duration: SimDuration::from_millis(ms),
    };
    let messages = [
        Arrivals::markov_modulated(vec![]),
        Arrivals::markov_modulated(vec![state(1.0, 1)]),
        Arrivals::markov_modulated(vec![state(1.0, 1), state(1.0, 0)]),
        Arrivals::markov_modulated(vec![state(0.0, 1), state(0.0, 1)]),
        Arrivals::recorded(vec![ms(2), ms(1)]),
    ]
    .map(|refused| refused.unwrap_err().to_string());
    insta::assert_snapshot!(messages.join("\n"));
}
