//! Services: how busy, how long the wait, how much in vain; and what became of each operation.

use super::page::{Block, Section, Statement, only, with_few};
use crate::format::{self, NOTHING};
use crate::table::{Cell, Table, Tone};
use sim_core::report::{CountReport, Finite, OperationReport, Report, ServiceReport};
use sim_core::units::Bytes;

/// Threads and queues: a row for each service.
pub(super) fn section(report: &Report) -> Section {
    let mut table = Table::new(&[
        "service",
        "#threads",
        "#busy",
        "#waiting",
        "#peak queue",
        "#wait p50",
        "#wait p99",
    ]);
    for service in &report.services {
        table.push(row(service));
    }
    Section {
        id: "services",
        title: "Services",
        about: "Busy is the mean share of busy threads, waiting the mean number of operations that \
                wait for one; the peak queue is the longest in one instance, of the places it has.",
        blocks: with_few(table.without_empty_columns()),
    }
}

fn row(one: &ServiceReport) -> Vec<Cell> {
    let waiting = &one.queue.waiting_time;
    vec![
        Cell::from(&one.name),
        threads(one).into(),
        level(one.utilisation, 0.8, 0.95),
        format::number(one.queue.mean_length.get()).into(),
        peak(one),
        format::percentile(waiting, 50.0, waiting.p50_ns).into(),
        format::percentile(waiting, 99.0, waiting.p99_ns).into(),
    ]
}

/// How much is in a service, and how long it waits there: a row for each in which something waited.
pub(super) fn queueing(report: &Report) -> Section {
    let mut table = Table::new(&[
        "service",
        "#in system",
        "#waiting",
        "#that waited",
        "#mean wait",
        "#s.d.",
    ]);
    let waited = |one: &&ServiceReport| one.queue.waiting_time.max_ns > 0;
    for one in report.services.iter().filter(waited) {
        let waiting = &one.queue.waiting_time;
        table.push(vec![
            Cell::from(&one.name),
            format::number(one.in_system.get()).into(),
            format::number(one.queue.mean_length.get()).into(),
            format::optional(one.queue.waited_share, |share| format::share(share.get())).into(),
            format::duration(waiting.mean_ns).into(),
            format::duration(waiting.deviation_ns).into(),
        ]);
    }
    Section {
        id: "queueing",
        title: "Waiting for a thread",
        about: "In the system is the mean number of operations that wait or are at work, of which so \
                many wait; that waited is the share of those that got a thread which had to wait for \
                it at all. Mean and standard deviation are over all that got one.",
        blocks: only(table),
    }
}

/// Instances of services that have several: a row for each that the report tells.
pub(super) fn instances(report: &Report) -> Section {
    let mut table = Table::new(&["instance", "#attempts", "#busy", "#waiting", "#in system"]);
    let mut left_out = 0;
    for one in &report.services {
        left_out += u64::from(one.instances_left_out);
        for load in &one.instance_loads {
            table.push(vec![
                Cell::from(&load.name),
                format::count(load.arrived_total).into(),
                level(load.utilisation, 0.8, 0.95),
                format::number(load.mean_queue.get()).into(),
                format::number(load.in_system.get()).into(),
            ]);
        }
    }
    let mut blocks = only(table.without_empty_columns());
    if left_out > 0 {
        let text = format!(
            "{} in between are left out.",
            format::plural(left_out, "instance", "instances")
        );
        blocks.push(Block::Text(Statement::new(&text, Tone::Quiet)));
    }
    Section {
        id: "instances",
        title: "Load of instances",
        about: "How evenly work is spread. Of services with very many instances, those with most and \
                with fewest attempts.",
        blocks,
    }
}

/// What services turned away, and by what; where more than a full queue can.
pub(super) fn turned_away(report: &Report) -> Section {
    let mut table = Table::new(&["service", "by", "#attempts", "#of those that came"]);
    for one in &report.services {
        let came: u64 = one.operations.iter().map(|it| it.arrived_total).sum();
        for by in &one.turned_away {
            let share = by.total as f64 / came.max(1) as f64;
            table.push(vec![
                Cell::from(&one.name),
                Cell::from(&by.name),
                format::count(by.total).into(),
                format::share(share).into(),
            ]);
        }
    }
    Section {
        id: "turned-away",
        title: "Turned away by services",
        about: "Attempts that a service refused: at its gate by a layer of `admission`, when a thread was free \
                for them but they had waited for too long (`codel`), or because the queue was full, which \
                is whoever comes or who has waited longest.",
        blocks: only(table),
    }
}

/// What instances held in memory: a row for each that the report tells.
pub(super) fn memory(report: &Report) -> Section {
    let mut table = Table::new(&["instance", "#limit", "#most held", "#killed", "#first"]);
    let mut left_out = 0;
    let all = report.services.iter().filter_map(|one| one.memory.as_ref());
    for memory in all {
        left_out += u64::from(memory.instances_left_out);
        for one in &memory.instances {
            let killed = format::count(one.kills_total);
            table.push(vec![
                Cell::from(&one.name),
                Bytes::new(memory.limit_bytes).to_string().into(),
                format!("{}%", one.most_percent).into(),
                if one.kills_total > 0 {
                    Cell::toned(&killed, Tone::Bad)
                } else {
                    killed.into()
                },
                format::optional(one.first_kill_ns, |at| {
                    format::instant(at, report.scenario.duration_ns)
                })
                .into(),
            ]);
        }
    }
    let mut blocks = only(table.without_empty_columns());
    if left_out > 0 {
        let text = format!(
            "{} that held less are left out.",
            format::plural(left_out, "instance", "instances")
        );
        blocks.push(Block::Text(Statement::new(&text, Tone::Quiet)));
    }
    Section {
        id: "memory",
        title: "Memory",
        about: "The most that an instance held of what it may, and how often it was killed for more, \
                with all calls in it.",
        blocks,
    }
}

/// What services did, and for whom: a row for each.
pub(super) fn work(report: &Report) -> Section {
    let mut table = Table::new(&[
        "service",
        "#finished",
        "#wanted",
        "#thread time",
        "#wasted",
        "#lost hedges",
        "#lost",
        "#path amplif.",
    ]);
    for service in &report.services {
        table.push(work_row(service));
    }
    Section {
        id: "work",
        title: "Work of services",
        about: "Finished are operations, whether anyone still waited or not; wanted are those whose \
                answer reached a caller who did. Wasted is the share of thread time spent on the \
                rest, of which lost hedges are attempts that another of their call beat, and lost \
                what died with an instance. Path amplification is attempts at the service \
                per original attempt, along all paths.",
        blocks: only(table.without_empty_columns()),
    }
}

fn work_row(one: &ServiceReport) -> Vec<Cell> {
    let lost = if one.work.lost_ns == 0 {
        NOTHING.to_owned()
    } else {
        format::duration(one.work.lost_ns)
    };
    let hedges = if one.work.lost_hedges_ns == 0 {
        NOTHING.to_owned()
    } else {
        format::duration(one.work.lost_hedges_ns)
    };
    vec![
        Cell::from(&one.name),
        format::rate(one.throughput_per_second.get()).into(),
        format::rate(one.goodput_per_second.get()).into(),
        format::duration(one.work.held_ns).into(),
        level(one.work.wasted_share, 0.05, 0.25),
        hedges.into(),
        lost.into(),
        format::optional(one.path_amplification, |value| format::factor(value.get())).into(),
    ]
}

fn threads(one: &ServiceReport) -> String {
    let each = one.threads.map_or_else(
        || "unlimited".to_owned(),
        |count| format::count(u64::from(count)),
    );
    format!("{} x {each}", one.instances)
}

fn peak(one: &ServiceReport) -> Cell {
    let peak = format::count(u64::from(one.queue.peak_in_one_instance));
    match one.queue_capacity {
        Some(places) if places > 0 && one.queue.peak_in_one_instance >= places => {
            Cell::toned(&format!("{peak} (full)"), Tone::Bad)
        }
        Some(places) => format!("{peak} of {}", format::count(u64::from(places))).into(),
        None => peak.into(),
    }
}

/// A share, marked from two levels on.
fn level(share: Option<Finite>, high: f64, very_high: f64) -> Cell {
    let tone = match share.map(Finite::get) {
        Some(share) if share >= very_high => Tone::Bad,
        Some(share) if share >= high => Tone::Warn,
        Some(_) | None => Tone::Plain,
    };
    Cell::toned(
        &format::optional(share, |share| format::share(share.get())),
        tone,
    )
}

/// A row for each operation.
pub(super) fn operations(report: &Report) -> Section {
    let mut table = Table::new(&[
        "operation",
        "#arrived",
        "#started",
        "#unwanted",
        "#lost",
        "#duplicates",
        "turned away",
        "known by key",
        "answered",
        "dropped",
    ]);
    for operation in report
        .services
        .iter()
        .flat_map(|service| &service.operations)
    {
        table.push(operation_row(operation));
    }
    Section {
        id: "operations",
        title: "Operations",
        about: "What became of the attempts that arrived. Unwanted are answers for which nobody \
                waited any more; lost are those that died with their instance. Duplicates are what \
                must not be done twice and was done once more for the same call.",
        blocks: only(table.without_empty_columns()),
    }
}

fn operation_row(one: &OperationReport) -> Vec<Cell> {
    let some = |count: u64| {
        Cell::from(if count == 0 {
            NOTHING.to_owned()
        } else {
            format::count(count)
        })
    };
    vec![
        Cell::from(&one.name),
        format::count(one.arrived_total).into(),
        format::count(one.started_total).into(),
        some(one.unwanted_total),
        some(one.lost_total),
        some(one.duplicates_total),
        counts(&one.rejected).into(),
        counts(&one.keys).into(),
        counts(&one.finished).into(),
        counts(&one.dropped).into(),
    ]
}

/// A row for each health check.
pub(super) fn health(report: &Report) -> Section {
    let mut table = Table::new(&[
        "check",
        "#passed",
        "failed",
        "#failing found",
        "#passing found",
    ]);
    for service in &report.services {
        for check in &service.health {
            table.push(vec![
                Cell::from(&format!("{}.{}", service.name, check.name)),
                format::count(check.passed_total).into(),
                counts(&check.failed).into(),
                format::count(check.fails_total).into(),
                format::count(check.passes_total).into(),
            ]);
        }
    }
    Section {
        id: "health",
        title: "Health checks",
        about: "What became of the checks of all instances, and how often they found one that fails, \
                or one that passes after a failure or a start. They are in no count of traffic.",
        blocks: only(table.without_empty_columns()),
    }
}

/// `ok 417,000, error.internal 900`.
pub(super) fn counts(counts: &[CountReport]) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut whole = "";
    for count in counts {
        let total = format::count(count.total);
        // A part stands behind the whole that it is of.
        match (count.name.split_once('.'), told.last_mut()) {
            (Some((what, why)), Some(last)) if what == whole => {
                let why = why.replace('_', " ");
                *last = format!("{last} ({why} {total})");
            }
            _ => {
                whole = &count.name;
                told.push(format!("{} {total}", words(&count.name)));
            }
        }
    }
    if told.is_empty() {
        NOTHING.to_owned()
    } else {
        told.join(", ")
    }
}

/// `gave_up.attempts_used_up` as words; names of outcomes stay as they are.
fn words(name: &str) -> String {
    match name.split_once('.') {
        Some((what @ ("gave_up" | "refused" | "timed_out" | "fallbacks_missing"), why)) => {
            let [what, why] = [what, why].map(|words| words.replace('_', " "));
            format!("{what} ({why})")
        }
        Some(_) => name.to_owned(),
        None => name.replace('_', " "),
    }
}
