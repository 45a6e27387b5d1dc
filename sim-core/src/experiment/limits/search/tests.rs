use super::*;
use crate::random::{KeySource, uniform};

const CARE: Care = Care {
    level: 0.5,
    scan: 5,
    runs: 60,
};

/// Plays a search to its end against a chance of a hit at each place; every run has a number of its
/// own that all places share, as in a simulation. Returns the runs it took.
fn play(search: &mut Search, seed: u64, chance: &dyn Fn(usize) -> f64) -> u32 {
    let luck = KeySource::new(seed, 0).site(&["test"], "luck");
    let mut runs = 0;
    loop {
        let wanted = search.wanted();
        if wanted.is_empty() {
            return runs;
        }
        for one in wanted {
            let mut of = Hits::default();
            for run in one.runs {
                runs += 1;
                // Half of the luck is the run's own, half that of run and place together.
                let own = uniform(luck, u64::from(run));
                let both = uniform(luck, u64::from(run) + 1000 * (one.place as u64 + 1));
                let draw = if run % 2 == 0 { own } else { both };
                if draw < chance(one.place) {
                    of.hits += 1;
                } else {
                    of.misses += 1;
                }
            }
            search.take(one.place, of);
        }
    }
}

fn logistic(place: usize, middle: f64, width: f64) -> f64 {
    1.0 / (1.0 + crate::random::detmath::exp((middle - place as f64) / width))
}

#[test]
fn a_sharp_edge_is_found_between_two_neighbours() {
    for middle in [1, 17, 32, 33, 64] {
        let mut search = Search::new(65, CARE);
        let runs = play(&mut search, 1, &|place| f64::from(place >= middle));
        let edges = search.edges();
        assert_eq!(edges.len(), 1, "{edges:?}");
        assert_eq!((edges[0].from, edges[0].to), (middle - 1, middle));
        assert_eq!(edges[0].leads, Side::Above);
        assert!(runs <= 11 * 9, "{runs} runs");
    }
}

#[test]
fn the_interval_holds_the_edge_as_often_as_it_says() {
    let mut held = 0;
    let mut most = 0;
    for seed in 0..400 {
        let mut search = Search::new(65, CARE);
        let middle = 10.0 + (seed % 45) as f64 + 0.37;
        let runs = play(&mut search, seed, &|place| logistic(place, middle, 3.0));
        most = most.max(runs);
        let edges = search.edges();
        assert_eq!(edges.len(), 1, "seed {seed}: {edges:?}");
        let (from, to) = (edges[0].from as f64, edges[0].to as f64);
        held += u32::from(from < middle && middle < to);
        assert!(to - from < 25.0, "seed {seed}: {from} to {to}");
    }
    // 95 % of 400 are 380; Bonferroni makes it more.
    assert!(held >= 380, "{held} of 400");
    assert!(most <= 500, "{most} runs");
}

#[test]
fn an_edge_that_leads_down_is_found_too() {
    let mut search = Search::new(40, CARE);
    play(&mut search, 3, &|place| f64::from(place < 9));
    let edges = search.edges();
    assert_eq!(edges.len(), 1);
    assert_eq!(
        (edges[0].from, edges[0].to, edges[0].leads),
        (8, 9, Side::Below)
    );
}

#[test]
fn a_response_that_turns_back_has_two_edges() {
    let mut search = Search::new(65, CARE);
    play(&mut search, 3, &|place| {
        f64::from((20..45).contains(&place))
    });
    let edges: Vec<_> = search.edges().iter().map(|e| (e.from, e.to)).collect();
    assert_eq!(edges, [(19, 20), (44, 45)]);
}

#[test]
fn where_nothing_changes_there_is_no_edge() {
    let mut search = Search::new(65, CARE);
    let runs = play(&mut search, 3, &|_| 0.0);
    assert!(search.edges().is_empty());
    assert_eq!(runs, 5 * 11);
}

#[test]
fn a_level_near_zero_takes_more_runs_to_be_sure_of_its_absence() {
    let care = Care {
        level: 0.05,
        scan: 3,
        runs: 1,
    };
    let fewest = care.fewest_runs(17);
    assert!(fewest > 100, "{fewest}");
    let mut search = Search::new(17, care);
    play(&mut search, 3, &|place| if place < 7 { 0.0 } else { 0.6 });
    let edges = search.edges();
    assert_eq!((edges[0].from, edges[0].to), (6, 7), "{edges:?}");
}

#[test]
fn runs_that_cannot_say_leave_a_place_open() {
    let mut search = Search::new(2, CARE);
    while let [first, ..] = search.wanted().as_slice() {
        let open = first.runs.end - first.runs.start;
        let of = Hits {
            open,
            ..Hits::default()
        };
        search.take(first.place, of);
    }
    assert!(search.edges().is_empty());
    assert_eq!((search.side(0), search.side(1)), (None, None));
}

#[test]
fn neighbours_that_go_the_wrong_way_are_pooled() {
    let at = |points: &[(f64, f64)], leads| {
        let points: Vec<_> = points.iter().map(|&(x, y)| (x, y, 10.0)).collect();
        crossing(&points, 0.5, leads)
    };
    let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(close(at(&[(0.0, 0.0), (1.0, 1.0)], Side::Above), 0.5));
    assert!(close(
        at(&[(0.0, 1.0), (1.0, 0.25)], Side::Below),
        2.0 / 3.0
    ));
    // 0.6 and 0.2 become 0.4 twice; the level is crossed between the second of them and the end.
    let pooled = at(
        &[(0.0, 0.0), (0.4, 0.6), (0.6, 0.2), (1.0, 1.0)],
        Side::Above,
    );
    assert!(close(pooled, 0.6 + 0.4 / 6.0), "{pooled}");
}
