//! Traffic: by client, by edge, by outcome, and where failures began.

use super::page::{Block, Section, Statement, only, with_few};
use crate::format::{self, NOTHING};
use crate::table::{Cell, Table, Tone};
use sim_core::report::{CallsReport, Finite, LabelReport, OutcomeReport, Report};

/// Outcomes named beside an edge, at most.
const FAILURES_MAX: usize = 3;

/// Calls of each client.
pub(super) fn clients(report: &Report) -> Section {
    let clients = report.clients.iter().map(|one| (&one.name, &one.calls));
    Section {
        id: "clients",
        title: "Traffic by client",
        about: "Calls that started after the warm-up, by how they ended.",
        blocks: only(by_whom("client", clients)),
    }
}

/// Calls of each tenant, where there are some.
pub(super) fn tenants(report: &Report) -> Section {
    labels("tenants", "tenant", "Traffic by tenant", &report.tenants)
}

/// Calls of each class, where there are some.
pub(super) fn classes(report: &Report) -> Section {
    labels("classes", "class", "Traffic by class", &report.classes)
}

fn labels(
    id: &'static str,
    what: &'static str,
    title: &'static str,
    labels: &[LabelReport],
) -> Section {
    let each = labels.iter().map(|one| (&one.name, &one.calls));
    Section {
        id,
        title,
        about: "Calls of all clients that started after the warm-up.",
        blocks: only(by_whom(what, each)),
    }
}

fn by_whom<'a>(
    what: &'static str,
    each: impl Iterator<Item = (&'a String, &'a CallsReport)>,
) -> Table {
    let mut table = Table::new(&[
        what,
        "#calls",
        "#offered",
        "#goodput",
        "#useful",
        "#unfinished",
        "failed by",
    ]);
    for (name, calls) in each {
        let name = if name.is_empty() { NOTHING } else { name };
        table.push(vec![
            Cell::from(name),
            format::count(calls.started_total).into(),
            format::rate(calls.offered_per_second.get()).into(),
            format::rate(calls.goodput_per_second.get()).into(),
            useful(calls),
            some(calls.unfinished_total),
            failures(calls).into(),
        ]);
    }
    table.without_empty_columns()
}

/// Calls and attempts of each edge.
pub(super) fn edges(report: &Report) -> Section {
    let mut table = Table::new(&[
        "caller -> operation",
        "#calls",
        "#useful",
        "#attempts",
        "#retries",
        "#lost",
        "#amplif.",
        "failed by",
    ]);
    for edge in &report.edges {
        table.push(vec![
            Cell::from(&edge.name),
            format::count(edge.calls.started_total).into(),
            useful(&edge.calls),
            format::count(edge.attempts.sent_total).into(),
            some(edge.attempts.retries_total),
            some(edge.attempts.messages_lost_total),
            amplification(edge.attempts.amplification),
            failures(&edge.calls).into(),
        ]);
    }
    Section {
        id: "edges",
        title: "Traffic by edge",
        about: "A call is what a caller wants done; an attempt is one try sent over the network. \
                Amplification is attempts per call.",
        blocks: only(table.without_empty_columns()),
    }
}

/// How calls ended, with the latency of each outcome.
pub(super) fn outcomes(report: &Report) -> Section {
    let mut table = Table::new(&[
        "calls of", "outcome", "#calls", "#share", "#p50", "#p90", "#p99", "#max",
    ]);
    let mut means = Table::new(&["calls of", "outcome", "#mean", "#standard deviation"]);
    let clients = report
        .clients
        .iter()
        .map(|client| (&client.name, &client.calls));
    let edges = report
        .edges
        .iter()
        .filter(|edge| !edge.from_client)
        .map(|edge| (&edge.name, &edge.calls));
    let mut some_left_out = false;
    for (name, calls) in clients.chain(edges) {
        for outcome in &calls.outcomes {
            table.push(outcome_row(name, outcome));
            means.push(means_row(name, outcome));
        }
        if let Some(row) = left_out(name, calls) {
            table.push(row);
            some_left_out = true;
        }
    }
    let mut blocks = with_few(table);
    blocks.extend(only(means));
    if some_left_out {
        let text = "Calls under way when the run ended have no latency: the longest are among them, \
                    so means and percentiles come out too low. `run.drain` lets them end.";
        blocks.push(Block::Text(Statement::new(text, Tone::Quiet)));
    }
    Section {
        id: "outcomes",
        title: "Latency by outcome",
        about: "From the start of a call until its caller learned the outcome. Each outcome has a row \
                of its own: fast failures would make a common percentile look good.",
        blocks,
    }
}

/// The calls that no latency knows of, if there are some.
fn left_out(name: &str, calls: &CallsReport) -> Option<Vec<Cell>> {
    if calls.unfinished_total == 0 {
        return None;
    }
    let mut row = vec![
        Cell::from(name),
        Cell::toned("under way: left out", Tone::Warn),
        format::count(calls.unfinished_total).into(),
    ];
    row.resize_with(8, || Cell::from(NOTHING));
    Some(row)
}

fn outcome_row(name: &str, one: &OutcomeReport) -> Vec<Cell> {
    let latency = &one.latency;
    let at = |percent, ns| Cell::from(format::percentile(latency, percent, ns));
    vec![
        Cell::from(name),
        outcome(one),
        format::count(one.calls_total).into(),
        format::share(one.share.get()).into(),
        at(50.0, latency.p50_ns),
        at(90.0, latency.p90_ns),
        at(99.0, latency.p99_ns),
        at(100.0, latency.max_ns),
    ]
}

fn means_row(name: &str, one: &OutcomeReport) -> Vec<Cell> {
    vec![
        Cell::from(name),
        outcome(one),
        format::duration(one.latency.mean_ns).into(),
        format::duration(one.latency.deviation_ns).into(),
    ]
}

/// Its name, and how it is meant.
fn outcome(one: &OutcomeReport) -> Cell {
    let tone = match one.outcome.as_str() {
        "ok" => Tone::Good,
        "degraded" | "negative" => Tone::Plain,
        _ => Tone::Bad,
    };
    Cell::toned(&one.outcome, tone)
}

/// Where the failures of clients' calls began.
pub(super) fn first_causes(report: &Report) -> Section {
    let mut table = Table::new(&["client", "outcome", "began at", "while", "#calls"]);
    for client in &report.clients {
        for cause in &client.calls.first_causes {
            table.push(vec![
                Cell::from(&client.name),
                Cell::from(&cause.outcome),
                Cell::from(&cause.place),
                Cell::from(&cause.doing),
                format::count(cause.calls_total).into(),
            ]);
        }
    }
    Section {
        id: "first-causes",
        title: "Where failures began",
        about: "The deepest place in the chain of results that decided a call.",
        blocks: only(table),
    }
}

/// Share of useful calls.
fn useful(calls: &CallsReport) -> Cell {
    let tone = match calls.useful_share.map(Finite::get) {
        None => Tone::Plain,
        Some(0.99..) => Tone::Good,
        Some(0.9..) => Tone::Warn,
        Some(_) => Tone::Bad,
    };
    let text = format::optional(calls.useful_share, |share| format::share(share.get()));
    Cell::toned(&text, tone)
}

fn amplification(value: Option<Finite>) -> Cell {
    let tone = match value.map(Finite::get) {
        Some(2.0..) => Tone::Bad,
        Some(1.2..) => Tone::Warn,
        Some(_) | None => Tone::Plain,
    };
    Cell::toned(
        &format::optional(value, |value| format::factor(value.get())),
        tone,
    )
}

/// The commonest ways to fail.
fn failures(calls: &CallsReport) -> String {
    let mut failed: Vec<&OutcomeReport> = calls
        .outcomes
        .iter()
        .filter(|one| !matches!(one.outcome.as_str(), "ok" | "degraded" | "negative"))
        .collect();
    failed.sort_by_key(|one| std::cmp::Reverse(one.calls_total));
    let told: Vec<String> = failed
        .iter()
        .take(FAILURES_MAX)
        .map(|one| format!("{} {}", one.outcome, format::share(one.share.get())))
        .collect();
    if told.is_empty() {
        NOTHING.to_owned()
    } else {
        told.join(", ")
    }
}

/// A number of things, or `-` for none.
fn some(count: u64) -> Cell {
    if count == 0 {
        NOTHING.to_owned()
    } else {
        format::count(count)
    }
    .into()
}
