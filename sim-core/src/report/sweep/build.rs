//! From cells to the report of a sweep.

use super::chance::{Chance, Runs};
use super::effects::{Measured, in_order};
use super::front::front;
use super::{
    AxisReport, Better, COLLAPSE, CellReport, DesignReport, InfluenceReport, MeasureReport,
    Prepared, SWEEP_VERSION, SweepReport, SweptScenario,
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
    let columns = measured(&measures, &shown, &cells);
    let varied = axes.iter().filter(|axis| axis.values.len() > 1).count();
    let chance = Chance {
        is_grid: prepared.plan.design == "grid" && cells.len() == prepared.cells.len(),
        questions: (columns.len() * varied) as u32,
    };
    SweepReport {
        kind: "sweep".to_owned(),
        schema_version: SWEEP_VERSION,
        engine_semantics: ENGINE_SEMANTICS,
        scenario: SweptScenario::of(&prepared.base, prepared.plan.overrides.clone()),
        missing: (prepared.cells.len() - cells.len()) as u32,
        variation: columns.iter().map(|one| one.variation(chance)).collect(),
        effects: all_effects(&columns, &axes, &cells, chance),
        front: front(
            &measures,
            &weighed(&measures, &usual),
            &|place| chance.of_measure(&cells, place) != Some(false),
            &axes,
            &cells,
        ),
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
        condition: is_condition(&axis.path),
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
    MeasureReport {
        name: figure.name.clone(),
        unit: figure.unit,
        better: Better::of(&figure.name),
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

/// The measures to look at first, the probability of collapse before all.
fn measured<'m>(
    measures: &'m [MeasureReport],
    shown: &[usize],
    cells: &[CellReport],
) -> Vec<Measured<'m>> {
    let collapse = Measured {
        name: COLLAPSE,
        unit: Unit::Share,
        values: cells.iter().map(CellReport::collapse).collect(),
        runs: cells.iter().map(Runs::of_collapse).collect(),
    };
    let others = shown.iter().map(|&place| Measured {
        name: &measures[place].name,
        unit: measures[place].unit,
        values: cells.iter().map(|cell| cell.median(place)).collect(),
        runs: cells
            .iter()
            .map(|cell| Runs::of_measure(cell, place))
            .collect(),
    });
    std::iter::once(collapse).chain(others).collect()
}

fn all_effects(
    measured: &[Measured<'_>],
    axes: &[AxisReport],
    cells: &[CellReport],
    chance: Chance,
) -> Vec<InfluenceReport> {
    let ranked = |one: &Measured<'_>| {
        let mut effects = one.effects(axes, cells, chance);
        effects.sort_by(|a, b| b.explains.get().total_cmp(&a.explains.get()));
        effects
    };
    measured.iter().flat_map(ranked).collect()
}

/// Whether a setting is a condition that a system meets, not a choice of who owns it: the load, the
/// faults, and what is asked of a run.
fn is_condition(path: &str) -> bool {
    let mut parts = path.split('.');
    match parts.next() {
        Some("faults" | "run" | "expect") => true,
        Some("clients") => parts.nth(1) != Some("policy"),
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_and_faults_are_no_choices() {
        for (path, condition) in [
            ("clients.users.arrivals.poisson.rate", true),
            ("clients.users.policy", false),
            ("faults.slow.slow.factor", true),
            ("services.shop.threads", false),
            ("policies.p.timeout.after", false),
        ] {
            assert_eq!(is_condition(path), condition, "{path}");
        }
    }
}
