use super::*;
use crate::experiment::design::{Axis, DesignKind};
use crate::experiment::figures::figures;
use crate::scenario::fixture::{SHOP, draft};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{ThreadId, current};

/// Ends the sweep after so many cells.
struct Impatient(AtomicU32);

impl SweepWatcher for Impatient {
    fn cell_done(&self, _place: usize, _outcome: &CellOutcome) -> bool {
        self.0.fetch_sub(1, Ordering::Relaxed);
        true
    }
    fn run_done(&self) {}
    fn goes_on(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

fn design(axes: &[&str]) -> Design {
    let axes = axes.iter().map(|text| Axis::parse(text).unwrap()).collect();
    Design::new(axes, DesignKind::Grid).unwrap()
}

fn sweep<'a>(draft: &'a Draft, design: &'a Design) -> Sweep<'a> {
    Sweep {
        draft,
        design,
        seed: 7,
        replications: 2,
        independent: false,
    }
}

fn play(sweep: Sweep<'_>, threads: u32) -> Vec<(String, Option<CellOutcome>)> {
    let base = sweep.draft.with([]).unwrap();
    let cells = sweep.design.cells(sweep.seed);
    let all = figures(&base.scenario);
    let outcomes = sweep.play(&cells, &all, Threads::Exactly(threads), &NeverStops);
    let names = cells.iter().map(|cell| sweep.design.name(cell));
    names.zip(outcomes).collect()
}

const THREADS: &str = "services.shop.threads=2,3,4";
const RATE: &str = "clients.users.arrivals.poisson.rate=80/s,120/s";

#[test]
fn nobody_sees_the_number_of_threads() {
    let (draft, design) = (draft(SHOP), design(&[THREADS, RATE]));
    let one = play(sweep(&draft, &design), 1);
    assert!(
        one.iter()
            .all(|(_, cell)| cell.as_ref().unwrap().finished == 2)
    );
    for threads in [2, 3, 8] {
        assert_eq!(play(sweep(&draft, &design), threads), one, "{threads}");
    }
}

#[test]
fn a_larger_grid_leaves_all_other_cells_as_they_were() {
    let draft = draft(SHOP);
    let small = design(&[THREADS, RATE]);
    let large = design(&[RATE, "services.shop.threads=1,2,3,4,9", "run.warmup=0s,1s"]);
    let large = play(sweep(&draft, &large), 2);
    let wider = design(&["services.shop.threads=1,2,3,4,9", RATE]);
    let wider = play(sweep(&draft, &wider), 2);
    for (name, cell) in play(sweep(&draft, &small), 2) {
        let again = wider.iter().find(|(other, _)| *other == name).unwrap();
        assert_eq!(again.1, cell, "{name}");
        let longer = large.iter().find(|(other, _)| {
            other.contains("warmup=0s") && name.split(' ').all(|part| other.contains(part))
        });
        assert_eq!(
            longer.unwrap().1,
            cell,
            "{name}: no warm-up is what it has anyway"
        );
    }
}

#[test]
fn cells_share_their_random_numbers_unless_asked_not_to() {
    let draft = draft(SHOP);
    let design = design(&["policies.patient.timeout.after=1s,2s"]);
    let common = sweep(&draft, &design);
    let calls = |sweep: Sweep<'_>| -> Vec<u128> {
        play(sweep, 1)
            .into_iter()
            .map(|(_, cell)| cell.unwrap().digest)
            .collect()
    };
    let shared = calls(common);
    assert_eq!(
        shared[0], shared[1],
        "no call waits a second: both cells are the same run"
    );
    let own = calls(Sweep {
        independent: true,
        ..common
    });
    assert_ne!(own[0], own[1]);
    assert_ne!(own[0], shared[0]);
}

#[test]
fn a_sweep_that_is_stopped_keeps_what_is_finished() {
    let (draft, design) = (draft(SHOP), design(&[THREADS, RATE]));
    let base = draft.with([]).unwrap();
    let (it, cells) = (sweep(&draft, &design), design.cells(7));
    let watcher = Impatient(AtomicU32::new(2));
    let outcomes = it.play(
        &cells,
        &figures(&base.scenario),
        Threads::Exactly(1),
        &watcher,
    );
    let whole = play(it, 1);
    assert_eq!(outcomes.iter().flatten().count(), 2);
    for (stopped, (_, whole)) in outcomes.iter().zip(&whole) {
        assert!(stopped.is_none() || stopped == whole);
    }
}

/// Notes on which threads runs are played.
#[derive(Default)]
struct Seen(Mutex<Vec<ThreadId>>);

impl SweepWatcher for Seen {
    fn cell_done(&self, _place: usize, _outcome: &CellOutcome) -> bool {
        true
    }
    fn run_done(&self) {
        self.0.lock().unwrap().push(current().id());
    }
    fn goes_on(&self) -> bool {
        true
    }
}

#[test]
fn one_thread_is_that_of_the_caller_alone() {
    let (draft, design) = (draft(SHOP), design(&["services.shop.threads=2,4"]));
    let it = Sweep {
        replications: 20,
        ..sweep(&draft, &design)
    };
    let seen = Seen::default();
    it.play(&design.cells(1), &[], Threads::Exactly(1), &seen);
    assert_eq!(*seen.0.lock().unwrap(), vec![current().id(); 40]);
}

#[test]
fn a_cell_that_breaks_takes_no_other_with_it() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let places: Vec<usize> = (0..20).collect();
    for broken in 0..20 {
        for together in [1, 3] {
            let play = |places: &[usize]| {
                let fine = |&place: &usize| {
                    assert!(place != broken, "cell {broken} broke");
                    Some(CellOutcome::failed(1, "fine"))
                };
                places.iter().map(fine).collect()
            };
            let bunches = places.chunks(together);
            let outcomes = bunches.flat_map(|bunch| guarded(bunch, &NeverStops, &play));
            let outcomes: Vec<_> = outcomes.collect();
            assert_eq!(outcomes.len(), 20);
            for (place, outcome) in outcomes {
                let said = if place == broken {
                    format!("cell {broken} broke")
                } else {
                    "fine".into()
                };
                assert_eq!(outcome.status, CellStatus::Failed(said));
            }
        }
    }
    std::panic::set_hook(hook);
}

#[test]
fn settings_that_do_not_fit_together_are_found_before_anything_is_played() {
    let draft = draft(SHOP);
    let design = design(&[
        "services.shop.queue.capacity=8",
        "services.shop.threads=1,2,none",
    ]);
    let it = sweep(&draft, &design);
    let cells = design.cells(1);
    for threads in [1, 2] {
        let (place, found) = it.first_bad(&cells, Threads::Exactly(threads)).unwrap();
        assert_eq!(place, 2);
        assert!(
            found
                .to_string()
                .contains("`services.shop.threads` is `none`"),
            "{found}"
        );
    }
    assert_eq!(it.first_bad(&cells[..2], Threads::Exactly(2)), None);
}

#[test]
fn a_path_that_hides_another_is_found() {
    let draft = draft(SHOP);
    for (path, by, hidden) in [
        (
            "services.shop.threads",
            "services.shop.queue.capacity",
            false,
        ),
        (
            "policies.patient.timeout",
            "policies.patient.timeout.after",
            true,
        ),
        (
            "policies.patient.timeout.after",
            "policies.patient.timeout",
            true,
        ),
        (
            "policies.patient.timeout.after",
            "policies.patient.timeout[1].after",
            true,
        ),
        ("services.shop.queue.capacity", "services.shop.queue", true),
        ("services.shop.queue", "services.shop.queue.capacity", true),
        ("run.warmup", "run.seed", false),
        (
            "policies.patient.timeout",
            "policies.patient.timeout.on_expiry",
            false,
        ),
        (
            "policies.patient.timeout.on_expiry",
            "policies.patient.timeout",
            true,
        ),
    ] {
        assert_eq!(draft.is_hidden(path, by), hidden, "{path} by {by}");
    }
    let wrong = draft.check_path("services.shop.thread").unwrap_err();
    assert_eq!(wrong.hint.unwrap(), "did you mean `threads`?");
}

#[test]
fn cells_that_begin_alike_are_what_they_are_alone() {
    let slow = "faults: { slow: { at: 1s, for: 500ms, service: shop, slow: { factor: 2 } } }\n";
    let draft = draft(&format!("{SHOP}{slow}"));
    let design = design(&[
        "faults.slow.for=100ms,500ms,1s",
        RATE,
        "faults.slow.slow.factor=2,6",
    ]);
    let sweep = sweep(&draft, &design);
    let cells = design.cells(7);
    let bunches = sweep.bunches(&cells, Threads::Exactly(1));
    assert_eq!(bunches.iter().map(Vec::len).collect::<Vec<_>>(), [6, 6]);
    let all = figures(&draft.with([]).unwrap().scenario);
    let threads = Threads::Exactly(1);
    let alone = cells
        .iter()
        .flat_map(|cell| sweep.play(std::slice::from_ref(cell), &all, threads, &NeverStops));
    let alone: Vec<_> = alone.collect();
    assert!(
        alone
            .iter()
            .flatten()
            .any(|cell| Some(cell) != alone[0].as_ref())
    );
    assert!(sweep.play(&cells, &all, threads, &NeverStops) == alone);
    let mut several = sweep;
    several.replications = 3;
    let played = |threads| several.play(&cells, &all, Threads::Exactly(threads), &NeverStops);
    assert!(played(1) == played(3));
}
