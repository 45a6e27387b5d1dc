use super::*;
use crate::experiment::design::{Axis, Design, DesignKind};
use crate::experiment::{NeverStops, Threads};
use crate::scenario::fixture::{SHOP, draft};

fn request() -> SweepRequest {
    SweepRequest {
        seed: 7,
        replications: 2,
        independent: false,
        shown: Vec::new(),
        overrides: Vec::new(),
        file: "shop.yaml".to_owned(),
    }
}

fn prepared(axes: &[&str]) -> Prepared {
    try_prepared(SHOP, axes, request()).unwrap()
}

fn try_prepared(text: &str, axes: &[&str], request: SweepRequest) -> Result<Prepared, String> {
    let draft = draft(text);
    let base = draft.with([]).unwrap();
    let axes = axes.iter().map(|text| Axis::parse(text).unwrap()).collect();
    let design = Design::new(axes, DesignKind::Grid).unwrap();
    Prepared::new(draft, base, design, request)
        .map_err(|wrong| format!("{} ({})", wrong.message, wrong.hint.unwrap_or_default()))
}

fn played(prepared: &Prepared) -> Vec<CellReport> {
    let (cells, figures) = (&prepared.cells, &prepared.figures);
    let outcomes = prepared
        .sweep()
        .play(cells, figures, Threads::Exactly(2), &NeverStops);
    let pairs = cells.iter().zip(outcomes);
    pairs
        .map(|(cell, outcome)| CellReport::of(&prepared.design, cell, &outcome.unwrap()))
        .collect()
}

const AXES: [&str; 2] = [
    "services.shop.threads=1,2,3",
    "clients.users.arrivals.poisson.rate=80/s,120/s",
];

#[test]
fn a_plan_read_back_is_the_same_sweep() {
    let original = prepared(&AXES);
    let text = serde_json::to_string(&original.plan).unwrap();
    let again = Prepared::from_plan(&text).unwrap();
    assert_eq!(again.plan, original.plan);
    assert_eq!(
        again.plan.cells[1],
        "clients.users.arrivals.poisson.rate=120/s services.shop.threads=1"
    );
    let report = |it: &Prepared| {
        serde_json::to_string(&sweep_report(it, played(it), "again".into())).unwrap()
    };
    assert_eq!(report(&again), report(&original));
    for (from, to) in [
        ("threads=1,2,3", "threads=1,2,4"),
        ("\"engine_semantics\":", "\"engine_semantics\":9"),
        ("\"sweep-plan\"", "\"report\""),
        ("100/s", "900/s"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(
            Prepared::from_plan(&text.replace(from, to)).is_err(),
            "{from}"
        );
    }
}

#[test]
fn paths_and_measures_that_are_not_there_are_refused_with_the_nearest() {
    for (axes, shown, said) in [
        (
            &["services.shop.thread=1,2"][..],
            "",
            "(did you mean `threads`?)",
        ),
        (
            &[
                "policies.patient.timeout.after=1s",
                "policies.patient.timeout=2s",
            ],
            "",
            "vary one of them",
        ),
        (
            &["services.shop.threads=1,2"],
            "success of user",
            "did you mean `success of users`?",
        ),
    ] {
        let shown = if shown.is_empty() {
            Vec::new()
        } else {
            vec![shown.to_owned()]
        };
        let wrong = try_prepared(SHOP, axes, SweepRequest { shown, ..request() }).unwrap_err();
        assert!(wrong.contains(said), "{wrong}");
    }
}

#[test]
fn a_report_takes_cells_in_any_order_and_more_than_once() {
    let it = prepared(&AXES);
    let cells = played(&it);
    let report = sweep_report(&it, cells.clone(), "again".into());
    let shuffled = cells.iter().rev().chain(&cells).cloned();
    assert_eq!(sweep_report(&it, shuffled, "again".into()), report);
    assert_eq!((report.missing, report.cells.len()), (0, 6));
    let fewer = sweep_report(&it, cells[1..4].to_vec(), "again".into());
    assert_eq!((fewer.missing, fewer.cells.len()), (3, 3));
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<SweepReport>(&text).unwrap(), report);
}

#[test]
fn effects_rank_what_matters() {
    let it = prepared(&[AXES[0], "run.resolution=10ms,20ms"]);
    let report = sweep_report(&it, played(&it), "again".into());
    let of_success: Vec<&InfluenceReport> = report
        .effects
        .iter()
        .filter(|effect| effect.measure == "success of users")
        .collect();
    assert_eq!(of_success[0].axis, "services.shop.threads");
    assert!(of_success[0].explains.get() > 0.999, "{of_success:?}");
    assert!(
        of_success[1].explains.get() < 1e-9,
        "the width of points changes nothing"
    );
    let levels: Vec<f64> = of_success[0]
        .levels
        .iter()
        .map(|level| level.mean.get())
        .collect();
    assert!(levels[0] < levels[1] && levels[1] < levels[2], "{levels:?}");
    assert_eq!(report.design.axes[0].name, "threads");
}

/// The journal of three cells, and the cells.
fn journal() -> (Prepared, Vec<CellReport>, String) {
    let it = prepared(&["services.shop.threads=1,2,3"]);
    let cells = played(&it);
    let header = JournalHeader::of(&it);
    let lines: String = cells.iter().map(|cell| header.cell_line(cell)).collect();
    let text = header.line() + &lines;
    (it, cells, text)
}

/// Reads bytes as lines.
fn read(it: &Prepared, bytes: &[u8]) -> Result<Journal, Mismatch> {
    let mut journal = Journal::new(JournalHeader::of(it));
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let content = line.strip_suffix(b"\n");
        journal.take(content.unwrap_or(line), content.is_some())?;
    }
    Ok(journal)
}

#[test]
fn a_journal_cut_anywhere_keeps_its_whole_lines() {
    let (it, cells, text) = journal();
    let bytes = text.as_bytes();
    for cut in 0..=bytes.len() {
        let kept = &bytes[..cut];
        let whole = text[..cut].matches('\n').count();
        let torn = !kept.is_empty() && kept.last() != Some(&b'\n');
        let journal = read(&it, kept).unwrap();
        assert_eq!(journal.cells().len(), whole.saturating_sub(1), "{cut}");
        assert_eq!(journal.damage().len(), usize::from(torn), "{cut}");
        assert_eq!(journal.has_header(), whole > 0, "{cut}");
        let mut found = journal.into_cells().into_values().collect::<Vec<_>>();
        found.sort_by_key(|cell| cells.iter().position(|one| one.cell == cell.cell));
        assert_eq!(found, cells[..found.len()], "{cut}");
    }
}

#[test]
fn every_flipped_bit_is_found_and_costs_no_more_than_the_lines_it_touches() {
    let (it, cells, text) = journal();
    for bit in 0..text.len() * 8 {
        if bit % 61 != 0 {
            continue;
        }
        let mut bytes = text.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let journal = read(&it, &bytes).unwrap();
        assert!(!journal.damage().is_empty(), "bit {bit}");
        let touched = if text.as_bytes()[bit / 8] == b'\n' {
            2
        } else {
            1
        };
        assert!(journal.cells().len() + touched >= cells.len(), "bit {bit}");
        for cell in &cells {
            let found = journal.cells().get(&cell.cell);
            assert!(found.is_none_or(|found| found == cell), "bit {bit}");
        }
    }
}

#[test]
fn a_bad_line_before_good_ones_is_told_from_a_torn_end() {
    let (it, _, text) = journal();
    let lines: Vec<&str> = text.lines().collect();
    let hurt = lines[2].replacen('1', "2", 1);
    let text = [lines[0], lines[1], &hurt, lines[3], "{\"cell"].join("\n");
    let journal = read(&it, text.as_bytes()).unwrap();
    let damage: Vec<(u64, bool)> = journal
        .damage()
        .iter()
        .map(|one| (one.line, one.followed))
        .collect();
    assert_eq!(damage, [(3, true), (5, false)]);
    assert_eq!(journal.cells().len(), 2);
}

#[test]
fn a_journal_of_another_sweep_is_refused_with_the_difference() {
    let (it, _, text) = journal();
    let with = |change: &dyn Fn(&mut SweepRequest)| {
        let mut request = request();
        change(&mut request);
        try_prepared(SHOP, &["services.shop.threads=1,2,3"], request).unwrap()
    };
    let other = with(&|request| request.seed = 8);
    let wrong = read(&other, text.as_bytes()).unwrap_err();
    assert_eq!(
        wrong.reason,
        "it was begun with seed 7, 2 replications, and this is seed 8, 2 replications"
    );
    let wrong = read(&with(&|request| request.replications = 3), text.as_bytes()).unwrap_err();
    assert!(
        wrong.reason.contains("this is seed 7, 3 replications"),
        "{}",
        wrong.reason
    );
    assert!(
        read(
            &with(&|request| request.independent = true),
            text.as_bytes()
        )
        .is_err()
    );
    let changed = SHOP.replace("20ms", "30ms");
    let changed = try_prepared(&changed, &["services.shop.threads=1"], request()).unwrap();
    let wrong = read(&changed, text.as_bytes()).unwrap_err();
    assert_eq!(
        wrong.reason,
        "it belongs to another version of the scenario `shop`"
    );
    let newer = JournalHeader {
        engine_semantics: 99,
        ..JournalHeader::of(&it)
    };
    let wrong = read(&it, newer.line().as_bytes()).unwrap_err();
    assert!(
        wrong
            .reason
            .contains("version 99 of the simulator's meaning"),
        "{}",
        wrong.reason
    );
    let headless = text.split_once('\n').unwrap().1;
    let wrong = read(&other, headless.as_bytes()).unwrap_err();
    assert_eq!(
        (wrong.line, wrong.reason.as_str()),
        (1, "this line belongs to another sweep")
    );
}

#[test]
fn a_journal_serves_a_larger_design() {
    let (_, cells, text) = journal();
    let larger = prepared(&["services.shop.threads=1,2,3,4"]);
    let journal = read(&larger, text.as_bytes()).unwrap();
    assert_eq!(journal.cells().len(), cells.len());
    assert!(
        !journal.has_header(),
        "the header of the larger design is still to be written"
    );
}
