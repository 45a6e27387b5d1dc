//! From cells to the report of a sweep.

use super::effects::{effects, in_order};
use super::front::front;
use super::{
    AxisReport, Better, COLLAPSE, CellReport, DesignReport, EffectReport, MeasureReport, Prepared,
    SWEEP_VERSION, SweepReport, SweptScenario,
};
use crate::ENGINE_SEMANTICS;
use crate::experiment::Figure;
use crate::report::{OverrideReport, ReproduceReport, Unit};
use crate::scenario::Loaded;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// The report of a sweep. `cells` may come in any order and more than once; `command` plays the
/// sweep again.
pub fn sweep_report(
    prepared: &Prepared,
    cells: impl IntoIterator<Item = CellReport>,
    command: String,
) -> SweepReport {
    let mut done: BTreeMap<String, CellReport> = BTreeMap::new();
    for cell in cells {
        done.entry(cell.cell.clone()).or_insert(cell);
    }
    let wanted = prepared.plan.cells.iter().zip(&prepared.cells);
    let cells: Vec<CellReport> = wanted
        .filter_map(|(name, cell)| {
            let values = cell.values.clone();
            Some(CellReport {
                values,
                ..done.remove(name)?
            })
        })
        .collect();
    let measures: Vec<MeasureReport> = prepared.figures.iter().map(measure).collect();
    let usual = usual(&measures, &cells);
    let shown = match prepared.plan.shown.as_slice() {
        [] => usual.clone(),
        names => places(names, &measures),
    };
    let axes = axes(prepared, &cells);
    SweepReport {
        kind: "sweep".to_owned(),
        schema_version: SWEEP_VERSION,
        engine_semantics: ENGINE_SEMANTICS,
        scenario: SweptScenario::of(&prepared.base, prepared.plan.overrides.clone()),
        missing: (prepared.cells.len() - cells.len()) as u32,
        effects: all_effects(&axes, &measures, &shown, &cells),
        front: front(&measures, &weighed(&measures, &usual), &cells),
        design: design(prepared, axes),
        shown: shown.iter().map(|&place| place as u32).collect(),
        measures,
        cells,
        reproduce: ReproduceReport {
            command,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
    }
}

impl SweptScenario {
    /// A scenario, and what was changed in it on the command line.
    pub(in crate::report) fn of(base: &Loaded, overrides: Vec<OverrideReport>) -> Self {
        let scenario = &base.scenario;
        Self {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            question: scenario.question.clone(),
            hash: scenario.hash.clone(),
            text: base.normalised.clone(),
            duration_ns: scenario.model.duration.as_ns(),
            overrides,
        }
    }
}

fn design(prepared: &Prepared, axes: Vec<AxisReport>) -> DesignReport {
    let plan = &prepared.plan;
    DesignReport {
        kind: plan.design.clone(),
        axes,
        cells_total: prepared.cells.len() as u32,
        replications: plan.replications,
        seed: plan.seed,
        independent: plan.independent,
    }
}

fn axes(prepared: &Prepared, cells: &[CellReport]) -> Vec<AxisReport> {
    let axes = prepared.design.axes();
    let paths: Vec<&str> = axes.iter().map(|axis| axis.path.as_str()).collect();
    let drawn = |place: usize| {
        let values: BTreeSet<&String> = cells.iter().map(|cell| &cell.values[place]).collect();
        let mut values: Vec<String> = values.into_iter().cloned().collect();
        in_order(&mut values);
        values
    };
    let axes = axes.iter().enumerate();
    axes.map(|(place, axis)| AxisReport {
        path: axis.path.clone(),
        name: short_name(&paths, place),
        asked: axis.text.clone(),
        values: axis.listed().map_or_else(|| drawn(place), <[_]>::to_vec),
    })
    .collect()
}

/// The least number of parts from the end of a path that no other axis ends in.
pub(in crate::report) fn short_name(paths: &[&str], place: usize) -> String {
    let path = paths[place];
    let starts = path.rmatch_indices('.').map(|(at, _)| at + 1);
    let unique = |name: &str| {
        let ends_so = |other: &str| other == name || other.ends_with(&format!(".{name}"));
        paths.iter().filter(|other| ends_so(other)).count() == 1
    };
    let mut names = starts.map(|at| &path[at..]);
    names.find(|name| unique(name)).unwrap_or(path).to_owned()
}

fn measure(figure: &Figure) -> MeasureReport {
    let starts = |words: &[&str]| words.iter().any(|word| figure.name.starts_with(word));
    let better = if starts(&["success of", "goodput of", "throughput of"]) {
        Better::Higher
    } else if starts(&["expectation ", "utilisation of", "in system of"]) {
        Better::Neither
    } else {
        Better::Lower
    };
    MeasureReport {
        name: figure.name.clone(),
        unit: figure.unit,
        better,
    }
}

/// What to look at first: success, goodput and latency of the callers, and the load on the service
/// whose load is multiplied most.
fn usual(measures: &[MeasureReport], cells: &[CellReport]) -> Vec<usize> {
    let first = |start: &str| measures.iter().position(|one| one.name.starts_with(start));
    let callers = ["success of", "goodput of", "p99 latency of"].into_iter();
    callers
        .filter_map(first)
        .chain(most_multiplied(measures, cells))
        .collect()
}

fn most_multiplied(measures: &[MeasureReport], cells: &[CellReport]) -> Option<usize> {
    let places = (0..measures.len()).filter(|&place| {
        measures[place]
            .name
            .starts_with("amplification along all paths")
    });
    let greatest = |place: usize| {
        let values = cells.iter().filter_map(|cell| cell.median(place));
        values.fold(0.0, f64::max)
    };
    let mut best: Option<(usize, f64)> = None;
    for place in places {
        let value = greatest(place);
        if best.is_none_or(|(_, most)| value > most) {
            best = Some((place, value));
        }
    }
    best.map(|(place, _)| place)
}

/// Success is goodput by another name, so it is not weighed a second time.
fn weighed(measures: &[MeasureReport], usual: &[usize]) -> Vec<usize> {
    let places = usual.iter().copied();
    places
        .filter(|&place| !measures[place].name.starts_with("success of"))
        .collect()
}

fn places(names: &[String], measures: &[MeasureReport]) -> Vec<usize> {
    let place = |name: &String| measures.iter().position(|one| one.name == *name);
    names.iter().filter_map(place).collect()
}

fn all_effects(
    axes: &[AxisReport],
    measures: &[MeasureReport],
    shown: &[usize],
    cells: &[CellReport],
) -> Vec<EffectReport> {
    let mut all = effects(COLLAPSE, Unit::Share, axes, cells, &CellReport::collapse);
    for &place in shown {
        let one = &measures[place];
        let value = |cell: &CellReport| cell.median(place);
        all.extend(effects(&one.name, one.unit, axes, cells, &value));
    }
    let order: Vec<String> = all.iter().map(|one| one.measure.clone()).collect();
    let rank = |effect: &EffectReport| order.iter().position(|name| *name == effect.measure);
    all.sort_by(|a, b| {
        let strength = b.explains.get().total_cmp(&a.explains.get());
        rank(a).cmp(&rank(b)).then(strength)
    });
    all
}
