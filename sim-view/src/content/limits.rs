//! What the report of a search for the edge says.

use super::page::{Headline, Page, Section, Statement, filled, only, safe};
use crate::format;
use crate::table::{Cell, Table, Tone};
use sim_core::experiment::design::Quantity;
use sim_core::report::limits::{
    EdgeReport, LimitsQuestion, LimitsReport, LineReport, PointReport, RampReport, Response,
    SideName,
};
use std::cmp::Ordering;

/// The whole page.
pub(super) fn page(report: &LimitsReport) -> Page {
    let parts = [edges(report), points(report), ramp(report), origin(report)];
    Page {
        name: safe(&report.scenario.name),
        title: safe(&report.scenario.title),
        question: safe(&report.scenario.question),
        headline: headline(report),
        answer: answer(report),
        figures: vec![],
        sections: filled(parts),
    }
}

fn headline(report: &LimitsReport) -> Headline {
    let edges = || report.lines.iter().any(|line| !line.edges.is_empty());
    let (word, tone) = if report.stopped {
        ("STOPPED", Tone::Warn)
    } else if report.is_unclear() {
        ("UNCLEAR", Tone::Warn)
    } else if edges() {
        ("EDGE", Tone::Plain)
    } else {
        ("NO EDGE", Tone::Plain)
    };
    let runs = format::plural(u64::from(report.runs), "run", "runs");
    let text = format!(
        "{} between {} and {}, {runs}",
        report.question.name,
        ends(report).0,
        ends(report).1
    );
    Headline {
        word,
        tone,
        text: safe(&text),
    }
}

/// The first and the last value.
fn ends(report: &LimitsReport) -> (&str, &str) {
    let values = &report.question.values;
    (
        values.first().map_or("", String::as_str),
        values.last().map_or("", String::as_str),
    )
}

/// Where it tips, in words.
fn answer(report: &LimitsReport) -> Vec<Statement> {
    let mut said: Vec<Statement> = Vec::new();
    if report.stopped {
        let text = "it was stopped: what follows is what was known by then";
        said.push(Statement::new(text, Tone::Warn));
    }
    said.extend(both(report));
    for line in &report.lines {
        said.push(sentence(report, line));
    }
    if let [line] | [line, _] = report.lines.as_slice()
        && let Some(text) = distance(&report.question, line)
    {
        said.push(Statement::new(&text, Tone::Plain));
    }
    said.extend(report.ramp.as_ref().map(|ramp| loop_sentence(report, ramp)));
    said
}

/// `vulnerable above 640/s, unstable above 890/s`: with the faults and without them.
fn both(report: &LimitsReport) -> Option<Statement> {
    let edge = |faults: bool| {
        let line = report.lines.iter().find(|line| line.faults == faults)?;
        let [edge] = line.edges.as_slice() else {
            return None;
        };
        edge.fails_behind.then(|| near(edge))
    };
    let text = format!(
        "vulnerable above {}, unstable above {}",
        edge(true)?,
        edge(false)?
    );
    Some(Statement::new(&text, Tone::Warn))
}

/// `640/s ± 10/s`, or a number and its neighbour.
pub(crate) fn near(edge: &EdgeReport) -> String {
    if is_between_neighbours(edge) {
        return edge.from.clone();
    }
    format!("{} ± {}", edge.middle, edge.reach)
}

/// Whether nothing lies between the ends: whole numbers that follow each other.
fn is_between_neighbours(edge: &EdgeReport) -> bool {
    edge.is_sharp && edge.reach == "0.5" && !edge.from.contains('.')
}

fn sentence(report: &LimitsReport, line: &LineReport) -> Statement {
    let question = &report.question;
    let (first, last) = ends(report);
    let fails = fails(question);
    let often = often(question);
    let open = report.open_ends(line);
    let text = match (line.response, line.edges.as_slice()) {
        (Response::Never | Response::Always, _) if !open.is_empty() => {
            up_to_open_ends(question, line, &open)
        }
        (Response::Rises, [edge]) => rises(question, edge),
        (Response::Falls, [edge]) => format!(
            "holds from {} up; {fails} {often} below",
            if is_between_neighbours(edge) {
                edge.to.clone()
            } else {
                near(edge)
            }
        ),
        (Response::Never, _) => format!(
            "no edge: from {first} to {last} it {fails} in less than {} of runs",
            level(question)
        ),
        (Response::Always, _) => format!("no edge: from {first} to {last} it {fails} {often}"),
        (Response::Turns, edges) => turns(question, edges),
        (Response::Rises | Response::Falls | Response::Unclear, _) => format!(
            "nothing is sure: the probability is too close to {} everywhere, or runs cannot say",
            level(question)
        ),
    };
    let tone = match line.response {
        Response::Never | Response::Always if !open.is_empty() => Tone::Warn,
        Response::Never => Tone::Good,
        Response::Always => Tone::Bad,
        Response::Turns | Response::Unclear => Tone::Warn,
        Response::Rises | Response::Falls => Tone::Plain,
    };
    Statement::new(&format!("{}{text}", label(report, line)), tone)
}

/// What is sure of a line without an edge, and at which ends nothing is.
fn up_to_open_ends(question: &LimitsQuestion, line: &LineReport, open: &[&PointReport]) -> String {
    let mut sure = line.points.iter().filter(|point| point.side.is_some());
    let first = sure.next();
    let (first, last) = (first, sure.next_back().or(first));
    let values = [first, last].map(|point| point.map_or("", |it| it.value.as_str()));
    let span = match values {
        [first, last] if first == last => format!("at {first}"),
        [first, last] => format!("from {first} to {last}"),
    };
    let often = match line.response {
        Response::Never => format!("in less than {} of runs", level(question)),
        Response::Always
        | Response::Rises
        | Response::Falls
        | Response::Turns
        | Response::Unclear => often(question),
    };
    let ends: Vec<String> = open.iter().map(|point| open_end(point)).collect();
    format!(
        "no edge is sure: {span} it {} {often}, but it cannot be told at {}; the edge may lie there",
        fails(question),
        ends.join(" and at ")
    )
}

/// `1% (6 of 15 runs, 40%)`.
fn open_end(point: &PointReport) -> String {
    let failed = &point.failed;
    match failed.share {
        Some(share) => format!(
            "{} ({} of {} runs, {})",
            point.value,
            failed.runs,
            failed.of,
            format::share(share.get())
        ),
        None => format!("{} (no run can say)", point.value),
    }
}

/// Which of several lines is meant.
fn label(report: &LimitsReport, line: &LineReport) -> String {
    match &report.question.map {
        Some(map) => format!("at {} {}: ", map.name, line.with),
        None if report.lines.len() > 1 && line.faults => "with the faults: ".to_owned(),
        None if report.lines.len() > 1 => "without the faults: ".to_owned(),
        None => String::new(),
    }
}

fn rises(question: &LimitsQuestion, edge: &EdgeReport) -> String {
    let fails = fails(question);
    let often = often(question);
    let fault = question.path.strip_prefix("faults.");
    if let Some((fault, "for")) = fault.and_then(|path| path.split_once('.'))
        && question.expectation.is_empty()
    {
        return format!(
            "recovers from `{fault}` up to {}; longer ones leave it down {often}",
            near(edge)
        );
    }
    if is_between_neighbours(edge) {
        return format!(
            "holds up to {}; {fails} {often} from {} on",
            edge.from, edge.to
        );
    }
    format!("holds up to {}; {fails} {often} above", near(edge))
}

fn turns(question: &LimitsQuestion, edges: &[EdgeReport]) -> String {
    let fails = fails(question);
    let parts = edges.iter().map(|edge| {
        let what = if edge.fails_behind {
            fails.as_str()
        } else {
            "holds"
        };
        format!("{what} above {}", near(edge))
    });
    format!(
        "not monotone: it {} (where the probability crosses {})",
        parts.collect::<Vec<_>>().join(", "),
        level(question)
    )
}

/// What a failure is called.
pub(crate) fn fails(question: &LimitsQuestion) -> String {
    if question.expectation.is_empty() {
        "collapses".to_owned()
    } else {
        format!("misses `{}`", question.expectation)
    }
}

fn level(question: &LimitsQuestion) -> String {
    format::share(question.level.get())
}

fn often(question: &LimitsQuestion) -> String {
    format!("in more than {} of runs", level(question))
}

/// How far the scenario itself is from the edge.
fn distance(question: &LimitsQuestion, line: &LineReport) -> Option<String> {
    let [edge] = line.edges.as_slice() else {
        return None;
    };
    let present = question.present.as_ref()?;
    let [now, from, to, middle] =
        [present, &edge.from, &edge.to, &edge.middle].map(|text| Quantity::parse(text));
    let (now, middle) = (now?, middle?);
    let part = |below: bool| {
        let ratio = now.as_f64() / middle.as_f64();
        let apart = if below { 1.0 - ratio } else { ratio - 1.0 };
        format::share((apart * 100.0).round() / 100.0)
    };
    let where_it_is = if now.compare(from?)? != Ordering::Greater {
        format!("{} below the edge", part(true))
    } else if now.compare(to?)? != Ordering::Less {
        format!("{} above the edge", part(false))
    } else {
        "at the edge".to_owned()
    };
    let fails = (now.compare(middle)? == Ordering::Greater) == edge.fails_behind;
    let side = match where_it_is.as_str() {
        "at the edge" => "",
        _ if fails => ", where it fails",
        _ => ", where it holds",
    };
    Some(format!(
        "the scenario itself has {present}: {where_it_is}{side}"
    ))
}

fn loop_sentence(report: &LimitsReport, ramp: &RampReport) -> Statement {
    let name = &report.question.name;
    let text = match (&ramp.falls_at, &ramp.returns_at) {
        (None, _) => format!(
            "on a ramp up and down, {} of {} runs fall",
            ramp.fell, ramp.runs
        ),
        (Some(falls), None) => format!(
            "on a ramp it falls at {name} {falls} and does not come back on the way down ({} of {} runs stay down)",
            ramp.stayed_down, ramp.fell
        ),
        (Some(falls), Some(returns)) => format!(
            "on a ramp it falls at {name} {falls} on the way up, and is up again at {returns} on the way down"
        ),
    };
    Statement::new(&text, Tone::Plain)
}

fn edges(report: &LimitsReport) -> Section {
    let mut table = Table::new(&["line", "#before", "#behind", "#about", "what happens"]);
    for line in &report.lines {
        for edge in &line.edges {
            let what = if edge.fails_behind {
                "it fails behind"
            } else {
                "it fails before"
            };
            table.push(vec![
                Cell::from(name(report, line)),
                (&edge.from).into(),
                (&edge.to).into(),
                (&edge.about).into(),
                what.into(),
            ]);
        }
    }
    Section {
        id: "edges",
        title: "Edges",
        about: "The values on both sides are surely on different sides of the level (95 % for the \
                whole search); `about` is where the observed shares cross it.",
        blocks: only(table.without_empty_columns()),
    }
}

/// The name of a line in tables and charts.
pub(crate) fn name(report: &LimitsReport, line: &LineReport) -> String {
    match (&report.question.map, report.lines.len(), line.faults) {
        (Some(map), ..) => format!("{} {}", map.name, line.with),
        (None, 1, _) => String::new(),
        (None, _, true) => "with the faults".to_owned(),
        (None, _, false) => "without the faults".to_owned(),
    }
}

fn points(report: &LimitsReport) -> Section {
    let value = format!("#{}", report.question.name);
    let mut table = Table::new(&[
        "line",
        &value,
        "#runs",
        "#failed",
        "#share",
        "#interval",
        "side",
    ]);
    for line in &report.lines {
        for point in &line.points {
            table.push(vec![
                Cell::from(name(report, line)),
                (&point.value).into(),
                (point.failed.of + point.unknown).to_string().into(),
                point.failed.runs.to_string().into(),
                format::optional(point.failed.share, |share| format::share(share.get())).into(),
                interval(point).into(),
                side(point),
            ]);
        }
    }
    Section {
        id: "points",
        title: "What was played",
        about: "The share of runs that fail at each value, with Wilson's 95 % interval. Runs that \
                cannot say count for neither side.",
        blocks: only(table.without_empty_columns()),
    }
}

fn interval(point: &PointReport) -> String {
    match (point.failed.low, point.failed.high) {
        (Some(low), Some(high)) => format!(
            "{} to {}",
            format::share(low.get()),
            format::share(high.get())
        ),
        _ => format::NOTHING.to_owned(),
    }
}

fn side(point: &PointReport) -> Cell {
    match point.side {
        Some(SideName::Below) => Cell::toned("holds", Tone::Good),
        Some(SideName::Above) => Cell::toned("fails", Tone::Bad),
        None => Cell::toned("open", Tone::Warn),
    }
}

fn ramp(report: &LimitsReport) -> Section {
    let mut table = Table::new(&[
        &report.question.name,
        "#up",
        "#up, range",
        "#down",
        "#down, range",
    ]);
    let levels = report.ramp.iter().flat_map(|ramp| &ramp.levels);
    for level in levels {
        let mut row = vec![Cell::from(&level.value)];
        for range in [level.up, level.down] {
            row.push(format::optional(range, |range| format::share(range.median.get())).into());
            let ends = |range: sim_core::report::limits::RangeReport| {
                format!(
                    "{} to {}",
                    format::share(range.min.get()),
                    format::share(range.max.get())
                )
            };
            row.push(format::optional(range, ends).into());
        }
        table.push(row);
    }
    Section {
        id: "ramp",
        title: "Up and down again",
        about: "The share of useful calls among those that start in the second half of each step: \
                median and range over runs.",
        blocks: only(table),
    }
}

fn origin(report: &LimitsReport) -> Section {
    let question = &report.question;
    let mut asked = Vec::new();
    let mut push = |name, value: String| asked.push((name, value));
    push(
        "searched",
        format!("{} = {}", question.path, question.asked),
    );
    if let Some(map) = &question.map {
        push(
            "for each",
            format!("{} = {}", map.path, map.values.join(", ")),
        );
    }
    for change in &report.scenario.overrides {
        push("changed", format!("{} = {}", change.path, change.value));
    }
    if !question.statement.is_empty() {
        push("failure", format!("not: {}", question.statement));
    }
    push("level", level(question));
    push(
        "runs of one value",
        format!("at most {}", question.runs_of_a_value),
    );
    push("seed", question.seed.to_string());
    super::origin::of_many(
        asked,
        report.engine_semantics,
        &report.reproduce,
        std::iter::once(&report.scenario.hash),
    )
}
