//! The bar: on three scenarios whose best settings a full grid finds, the search comes within the
//! confidence that it states, with at most a tenth of the grid's runs.

use sim_core::experiment::bench::{Bench, Stand};
use sim_core::experiment::design::Axis;
use sim_core::experiment::tune::{
    Asked, Candidate, Goal, OnBench, Oracle, Point, Space, Target, tune,
};
use sim_core::experiment::{NeverStops, Threads, figures};
use sim_core::scenario::{Bound, Draft, InRuns, Source};

/// A shop with attempts that can be given up too early or too late, and retries that can help or
/// harm.
fn shop(replaced: &[(&str, &str)]) -> String {
    let mut text = "\
scenario: shop
run: { duration: 6s, seed: 7 }
clients:
  users:
    arrivals: { poisson: { rate: 30/s } }
    calls: shop.buy
    policy: careful
services:
  shop:
    threads: 4
    queue: { capacity: 20 }
    operations:
      buy: { idempotent: true, steps: [ { work: { lognormal: { mean: 60ms, p99: 700ms } } } ] }
policies:
  careful:
    - retry: { max_attempts: 2, backoff: { exponential: { initial: 20ms, max: 1s } }, jitter: full }
    - timeout: 400ms
expect:
  useful: { success: { client: users, at_least: 1% } }
"
    .to_owned();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text
}

fn stand(text: &str, figure: &str) -> (Stand, Vec<InRuns>, Vec<Bound>) {
    let source = Source {
        name: "shop".to_owned(),
        text: text.to_owned(),
    };
    let draft = Draft::read(&source, &[], &|_| Err("no files".to_owned())).unwrap();
    let base = draft.with([]).unwrap().scenario;
    let (goal, rest): (Vec<_>, Vec<_>) = figures(&base)
        .into_iter()
        .partition(|one| one.name == figure);
    let expected = rest.into_iter();
    let expected = expected.filter(|one| one.name.starts_with("expectation "));
    let figures = goal.into_iter().chain(expected).collect();
    let bounds = base.expectations.iter().map(|one| one.bound).collect();
    let rules = base.expectations.iter().map(|one| one.in_runs).collect();
    let stand = Stand {
        draft,
        name: "shop".to_owned(),
        seed: 7,
        figures,
    };
    (stand, rules, bounds)
}

fn space(axes: &[&str]) -> Space {
    Space::new(axes.iter().map(|text| Axis::parse(text).unwrap()).collect())
}

/// Compares a search with a grid that has each of these values on each axis.
fn against_the_grid(text: &str, axes: &[&str], goal: Goal, figure: &str, runs: u32) {
    let (stand, rules, bounds) = stand(text, figure);
    let stands = [stand];
    let bench = Bench {
        stands: &stands,
        threads: Threads::All,
        watcher: &NeverStops,
    };
    let space = space(axes);
    let mut oracle = OnBench {
        bench: &bench,
        space: &space,
        goal,
        present: vec![None; axes.len()],
        bounds: vec![bounds],
    };
    let places: Vec<Vec<String>> = space.axes().iter().map(|axis| axis.places(1000)).collect();
    let points: Vec<Point> = grid(&space, &places);
    let budget = points.len() as u32 * runs / 10;
    let tuned = tune(&space, &rules, 1, budget, &mut oracle);
    assert!(tuned.played <= budget, "{} of {budget}", tuned.played);

    let asked: Vec<Asked<'_>> = points
        .iter()
        .map(|point| (Some(point), 5000..5000 + runs))
        .collect();
    let swept = oracle.play(&asked).unwrap();
    let swept = points.iter().zip(swept).map(|(point, fresh)| Candidate {
        fresh,
        ..Candidate::new(Some(point.clone()))
    });
    let swept: Vec<Candidate> = swept.collect();
    let holding = swept.iter().filter(|one| !one.fails(&rules));
    let mean = |one: &Candidate| one.estimate().map_or(f64::INFINITY, |mean| mean.mean);
    let best = holding.min_by(|a, b| mean(a).total_cmp(&mean(b))).unwrap();
    let chosen = &tuned.candidates[tuned.finalists[0]];
    let values = |one: &Candidate| one.point.as_ref().unwrap().values.clone();
    let on_grid = swept
        .iter()
        .find(|one| values(one) == values(chosen))
        .unwrap();
    let doubt = chosen.estimate().unwrap().half_width.unwrap();
    let lost = mean(on_grid) - mean(best);
    assert!(
        lost <= doubt.max(mean(best).abs() * 1e-9),
        "{:?} costs {lost} more than {:?}, and the doubt is {doubt}",
        values(chosen),
        values(best)
    );
}

fn grid(space: &Space, places: &[Vec<String>]) -> Vec<Point> {
    let middle = |count: usize, place: usize| (place as f64 + 0.5) / count as f64;
    let start = space.spread(1, 1).remove(0);
    let mut all = vec![start];
    for (axis, values) in places.iter().enumerate() {
        let wider = all.iter().flat_map(|point| {
            (0..values.len())
                .map(move |place| space.moved(point, axis, middle(values.len(), place)))
        });
        all = wider.collect();
    }
    all
}

const fn least(target: Target) -> Goal {
    Goal {
        target,
        maximise: false,
    }
}

#[test]
fn the_best_timeout_and_backoff_are_found_with_a_tenth_of_the_runs() {
    let axes = [
        "policies.careful.timeout.after=40ms..800ms step 40ms",
        "policies.careful.retry.max_attempts=1..6 step 1",
    ];
    let goal = least(Target::Figure(0));
    against_the_grid(&shop(&[]), &axes, goal, "p99 latency of users", 12);
}

#[test]
fn the_smallest_pool_that_holds_is_found_with_a_tenth_of_the_runs() {
    let text = shop(&[
        ("at_least: 1%", "at_least: 99%"),
        ("timeout: 400ms", "timeout: 1s"),
    ]);
    let axes = [
        "services.shop.threads=1..60 step 1",
        "services.shop.queue.capacity=5,40",
    ];
    let goal = least(Target::Setting(0));
    against_the_grid(&text, &axes, goal, "success of users", 10);
}

#[test]
fn the_best_jitter_and_attempts_under_overload_are_found_with_a_tenth_of_the_runs() {
    let text = shop(&[("rate: 30/s", "rate: 75/s")]);
    let axes = [
        "policies.careful.retry.jitter=none,full,equal",
        "policies.careful.retry.max_attempts=1..5 step 1",
        "policies.careful.timeout.after=100ms..700ms step 100ms",
    ];
    let goal = Goal {
        target: Target::Figure(0),
        maximise: true,
    };
    against_the_grid(&text, &axes, goal, "goodput of users", 10);
}
