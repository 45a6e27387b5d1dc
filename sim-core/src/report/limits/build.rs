//! From a finished search to its report.

use super::{
    EdgeReport, LIMITS_VERSION, LimitsQuestion, LimitsReport, LineReport, MapAxis, PointReport,
    RampLevel, RampReport, RangeReport, Response, SideName,
};
use crate::ENGINE_SEMANTICS;
use crate::experiment::design::{Axis, Quantity};
use crate::experiment::estimate::{Side, nearest_rank};
use crate::experiment::limits::ramp::{Loop, SettingRamp};
use crate::experiment::limits::{Care, Edge, Failing, Line, Search};
use crate::report::sweep::{SweptScenario, short_name};
use crate::report::{Finite, OverrideReport, ReproduceReport, ShareReport};
use crate::scenario::{Draft, Loaded};

/// A finished search, and what it was about.
#[derive(Clone, Debug)]
pub struct Study<'a> {
    /// The scenario before anything is tried, taken apart.
    pub draft: &'a Draft,
    /// The same, compiled.
    pub base: &'a Loaded,
    /// Settings changed on the command line, in the order given.
    pub overrides: Vec<OverrideReport>,
    /// The setting.
    pub over: &'a Axis,
    /// The second setting of a map.
    pub map: Option<&'a Axis>,
    /// What counts as a failure.
    pub failing: Failing,
    /// How it was searched.
    pub care: Care,
    /// From which all random numbers came.
    pub seed: u64,
    /// The lines that were searched.
    pub lines: &'a [StudyLine],
    /// The ramp and its runs.
    pub ramp: Option<(&'a SettingRamp, &'a [Loop])>,
    /// Whether somebody stopped it.
    pub stopped: bool,
    /// The command that searches again.
    pub command: String,
}

/// A line, and what was found along it.
#[derive(Clone, Debug)]
pub struct StudyLine {
    /// The line.
    pub line: Line,
    /// The value of the map's setting; empty without a map.
    pub with: String,
    /// Whether the faults of the scenario act.
    pub faults: bool,
    /// What was found.
    pub search: Search,
}

/// The report of a search.
pub fn limits_report(study: Study<'_>) -> LimitsReport {
    let lines: Vec<LineReport> = study.lines.iter().map(line_report).collect();
    let played = lines.iter().flat_map(|line| &line.points);
    let searched: u32 = played.map(|point| point.failed.of + point.unknown).sum();
    let ramped = study.ramp.map_or(0, |(_, loops)| loops.len() as u32);
    LimitsReport {
        kind: "limits".to_owned(),
        schema_version: LIMITS_VERSION,
        engine_semantics: ENGINE_SEMANTICS,
        question: question(&study),
        runs: searched + ramped,
        stopped: study.stopped,
        lines,
        ramp: study.ramp.map(|(ramp, loops)| ramp_report(ramp, loops)),
        scenario: SweptScenario::of(study.base, study.overrides),
        reproduce: ReproduceReport {
            command: study.command,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
    }
}

fn question(study: &Study<'_>) -> LimitsQuestion {
    let axes: Vec<&str> = std::iter::once(study.over)
        .chain(study.map)
        .map(|axis| axis.path.as_str())
        .collect();
    let expectation = match study.failing {
        Failing::Collapse => None,
        Failing::Expectation(place) => study.base.scenario.expectations.get(place),
    };
    LimitsQuestion {
        path: study.over.path.clone(),
        name: telling_name(&axes, 0),
        asked: study.over.text.clone(),
        values: study
            .lines
            .first()
            .map_or_else(Vec::new, |one| one.line.places.clone()),
        present: study.draft.value_at(&study.over.path),
        expectation: expectation.map_or_else(String::new, |one| one.name.clone()),
        statement: expectation.map_or_else(String::new, |one| one.text.clone()),
        level: Finite::new(study.care.level).unwrap_or_default(),
        runs_of_a_value: study.care.runs,
        scan: study.care.scan as u32,
        seed: study.seed,
        map: study.map.map(|map| MapAxis {
            path: map.path.clone(),
            name: telling_name(&axes, 1),
            values: map.listed().unwrap_or_default().to_vec(),
        }),
    }
}

/// The short name of a path, with what it belongs to where it says little by itself.
fn telling_name(paths: &[&str], place: usize) -> String {
    let name = short_name(paths, place);
    if !matches!(name.as_str(), "for" | "at" | "after" | "to" | "every") {
        return name;
    }
    let path = paths[place];
    let mut ends = path.rmatch_indices('.').skip(1);
    ends.next()
        .map_or(path, |(at, _)| &path[at + 1..])
        .to_owned()
}

fn line_report(one: &StudyLine) -> LineReport {
    let (line, search) = (&one.line, &one.search);
    let points = search.seen().map(|(place, of)| PointReport {
        value: line.places[place].clone(),
        failed: ShareReport::of(of.hits, of.hits + of.misses),
        unknown: of.open,
        side: search.side(place).map(side_name),
    });
    let points: Vec<PointReport> = points.collect();
    let edges = search.edges();
    LineReport {
        with: one.with.clone(),
        faults: one.faults,
        response: response(&edges, &points),
        edges: edges.iter().map(|edge| edge_report(line, edge)).collect(),
        points,
    }
}

const fn side_name(side: Side) -> SideName {
    match side {
        Side::Below => SideName::Below,
        Side::Above => SideName::Above,
    }
}

fn response(edges: &[Edge], points: &[PointReport]) -> Response {
    let first = points.iter().find_map(|point| point.side);
    match (edges, first) {
        ([one], _) if one.leads == Side::Above => Response::Rises,
        ([_], _) => Response::Falls,
        ([_, _, ..], _) => Response::Turns,
        ([], Some(SideName::Below)) => Response::Never,
        ([], Some(SideName::Above)) => Response::Always,
        ([], None) => Response::Unclear,
    }
}

fn edge_report(line: &Line, edge: &Edge) -> EdgeReport {
    let (from, to) = (&line.places[edge.from], &line.places[edge.to]);
    let pair = Quantity::parse(from).zip(Quantity::parse(to));
    let text = |value: Option<Quantity>| value.map_or_else(String::new, |one| one.to_string());
    let around = pair.and_then(|(from, to)| from.middle(to));
    let about = pair.and_then(|(from, to)| from.towards(to, edge.about));
    EdgeReport {
        from: from.clone(),
        to: to.clone(),
        middle: text(around.map(|(middle, _)| middle)),
        reach: text(around.map(|(_, reach)| reach)),
        about: text(about),
        fails_behind: edge.leads == Side::Above,
        is_sharp: edge.to == edge.from + 1,
    }
}

fn ramp_report(ramp: &SettingRamp, loops: &[Loop]) -> RampReport {
    let levels = (0..ramp.values.len()).map(|place| RampLevel {
        value: ramp.values[place].clone(),
        up: range(loops.iter().filter_map(|one| one.up[place])),
        down: range(loops.iter().filter_map(|one| one.down[place])),
    });
    let mut falls: Vec<usize> = loops.iter().filter_map(Loop::falls).collect();
    falls.sort_unstable();
    let mut returns: Vec<usize> = loops.iter().filter_map(Loop::returns).collect();
    returns.sort_unstable_by(|a, b| b.cmp(a));
    let fell = falls.len();
    // The value by which half of so many runs are there, if so many ever are.
    let half = |places: &[usize], of: usize| {
        let place = places.get(of.div_ceil(2).max(1) - 1)?;
        Some(ramp.values[*place].clone())
    };
    RampReport {
        hold_ns: ramp.hold_s * 1_000_000_000,
        runs: loops.len() as u32,
        fell: fell as u32,
        stayed_down: (fell - returns.len()) as u32,
        falls_at: half(&falls, loops.len()),
        returns_at: half(&returns, fell),
        levels: levels.collect(),
    }
}

fn range(values: impl Iterator<Item = f64>) -> Option<RangeReport> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| Finite::new(*sorted.get(place)?);
    Some(RangeReport {
        median: at(nearest_rank(sorted.len(), 50))?,
        min: at(0)?,
        max: at(sorted.len().saturating_sub(1))?,
    })
}
