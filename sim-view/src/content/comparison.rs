//! What two designs say on the same random numbers: what differs, and whether it could be chance.

use super::replications::thresholds;
use super::{Block, Figure, Headline, Page, Section, SideMoment, Statement, only, safe};
use crate::format::{self, NOTHING};
use crate::table::{Cell, Table, Tone};
use sim_core::experiment::compare::SIGNIFICANCE;
use sim_core::report::sweep::Better;
use sim_core::report::{
    ArrivalsReport, ComparisonReport, DifferenceReport, EventReport, FaultReport, SideReport,
    TimelineEntry, Unit,
};

/// The page.
pub(super) fn page(report: &ComparisonReport) -> Page {
    let parts = [
        events(report),
        figures(report),
        timelines(report),
        thresholds(&report.thresholds),
        origin(report),
    ];
    let (a, b) = (&report.a, &report.b);
    let is_one_title = a.scenario.title == b.scenario.title;
    Page {
        name: format!("{} against {}", safe(&a.label), safe(&b.label)),
        title: if is_one_title {
            safe(&a.scenario.title)
        } else {
            String::new()
        },
        question: String::new(),
        headline: headline(report),
        answer: answer(report),
        figures: cards(report),
        sections: parts
            .into_iter()
            .filter(|part| !part.blocks.is_empty())
            .collect(),
    }
}

fn headline(report: &ComparisonReport) -> Headline {
    if report.nothing_in_common {
        return Headline {
            word: "NOTHING IN COMMON",
            tone: Tone::Warn,
            text: "they cannot be compared: no figure is in both".to_owned(),
        };
    }
    let differing = differing(report);
    let pairs = format::plural(u64::from(report.pairs), "pair", "pairs");
    let of = format::plural(told(report).count() as u64, "figure", "figures");
    let count = |wanted| {
        told(report)
            .filter(|one| effect(report, one) == wanted)
            .count()
    };
    let (better, worse) = (count(Effect::Better), count(Effect::Worse));
    let ways = if better + worse > 0 {
        format!(" ({better} for the better, {worse} for the worse)")
    } else {
        String::new()
    };
    Headline {
        word: if differing == 0 { "SAME" } else { "DIFFERENT" },
        tone: Tone::Plain,
        text: format!("{differing} of {of} differ by more than chance{ways}, over {pairs} of runs"),
    }
}

fn differing(report: &ComparisonReport) -> usize {
    told(report).filter(|one| one.significant).count()
}

/// Figures that say something.
pub(crate) fn told(report: &ComparisonReport) -> impl Iterator<Item = &DifferenceReport> {
    report.figures.iter().filter(|one| !is_idle(one))
}

/// What a difference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// B is better, by more than chance.
    Better,
    /// B is worse, by more than chance.
    Worse,
    /// It is another one, which may be good or bad.
    Other,
    /// The latency of useful calls fell because fewer calls are useful: slow ones failed.
    FewerCalls,
    /// It could be chance.
    Chance,
}

impl Effect {
    const fn of(better: Better, rises: bool) -> Self {
        match (better, rises) {
            (Better::Neither, _) => Self::Other,
            (Better::Higher, true) | (Better::Lower, false) => Self::Better,
            (Better::Higher, false) | (Better::Lower, true) => Self::Worse,
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Better => Tone::Good,
            Self::Worse => Tone::Bad,
            Self::FewerCalls => Tone::Warn,
            Self::Other => Tone::Plain,
            Self::Chance => Tone::Quiet,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::FewerCalls => "fewer calls",
            Self::Other => "another",
            Self::Chance => "no",
        }
    }
}

/// What a difference means.
pub(crate) fn effect(report: &ComparisonReport, one: &DifferenceReport) -> Effect {
    if !one.significant {
        return Effect::Chance;
    }
    let rises = one.change.get() > 0.0;
    if !rises && lost_success(report, &one.name).is_some() {
        return Effect::FewerCalls;
    }
    Effect::of(Better::of(&one.name), rises)
}

/// The success of a client whose latency a figure tells, if that fell by more than chance: the calls
/// that are missing were not the quick ones.
fn lost_success<'r>(report: &'r ComparisonReport, figure: &str) -> Option<&'r DifferenceReport> {
    let (_, client) = figure.split_once(" latency of ")?;
    let name = format!("success of {client}");
    let success = report.figures.iter().find(|one| one.name == name)?;
    (success.significant && success.change.get() < 0.0).then_some(success)
}

/// What B does about something that happens in a run or not.
fn event_effect(one: &EventReport) -> Effect {
    if !one.significant {
        return Effect::Chance;
    }
    let better = if one.name == "collapsed" {
        Better::Lower
    } else {
        Better::Higher
    };
    Effect::of(better, one.in_b > one.in_a)
}

/// What the two are.
fn who(report: &ComparisonReport) -> Statement {
    let (a, b) = (&report.a, &report.b);
    let is_one_title = a.scenario.title == b.scenario.title;
    let told = |side: &SideReport| {
        let file = side.command.split(' ').nth(2).unwrap_or_default();
        let title = if is_one_title || side.scenario.title.is_empty() {
            String::new()
        } else {
            format!(", “{}”", side.scenario.title)
        };
        format!("{} ({file}{title})", side.scenario.name)
    };
    let changes: Vec<String> = (b.scenario.overrides.iter())
        .map(|one| format!("{}={}", one.path, one.value))
        .collect();
    let changes = changes.join(" ");
    let is_one_file = b.label == changes && !changes.is_empty();
    let text = match (is_one_file, changes.is_empty()) {
        (true, _) => format!("A is {} as it is; B is the same with {changes}.", told(a)),
        (false, true) => format!("A is {}; B is {}.", told(a), told(b)),
        (false, false) => format!("A is {}; B is {} with {changes}.", told(a), told(b)),
    };
    Statement::new(&text, Tone::Plain)
}

/// Where latency looks better because calls are missing from it.
fn survivors(report: &ComparisonReport) -> Vec<Statement> {
    let mut told: Vec<&str> = Vec::new();
    let mut all = Vec::new();
    for one in &report.figures {
        let Some(success) = lost_success(report, &one.name) else {
            continue;
        };
        if one.change.get() >= 0.0 || told.contains(&success.name.as_str()) {
            continue;
        }
        told.push(&success.name);
        let text = format!(
            "{} looks better in B because fewer calls are useful ({} → {}): it is that of useful calls, \
             and those that failed are not in it.",
            one.name,
            side(success, true),
            side(success, false)
        );
        all.push(Statement::new(&text, Tone::Warn));
    }
    all
}

/// What more pairs would decide.
fn undecided(report: &ComparisonReport) -> Option<Statement> {
    let open: Vec<String> = (report.events.iter())
        .filter_map(|one| {
            let pairs = one.pairs_to_decide?;
            let pairs = format::plural(u64::from(pairs), "pair", "pairs");
            Some(format!(
                "{} (A in {} of {}, B in {}): {pairs} decide it",
                one.name, one.in_a, one.pairs, one.in_b
            ))
        })
        .collect();
    let text = format!(
        "Not decided: {}, if they go on as they began; say so with --replications.",
        open.join("; ")
    );
    (!open.is_empty()).then(|| Statement::new(&text, Tone::Warn))
}

fn answer(report: &ComparisonReport) -> Vec<Statement> {
    let mut answer = vec![who(report)];
    answer.push(if report.nothing_in_common {
        nothing_in_common()
    } else {
        traffic(report)
    });
    answer.extend([&report.a, &report.b].into_iter().filter_map(shortcoming));
    let sure = report.events.iter().filter(|one| one.significant);
    answer.extend(sure.map(|one| {
        let text = format!(
            "{}: A in {} of {} runs, B in {}.",
            one.name, one.in_a, one.pairs, one.in_b
        );
        Statement::new(&text, event_effect(one).tone())
    }));
    answer.extend(survivors(report));
    answer.extend(undecided(report));
    answer
}

/// What to do about designs of which no figure can be compared.
fn nothing_in_common() -> Statement {
    let text = "Figures are those of clients and services, and are compared where the names agree: \
                give a client or a service the same name in both.";
    Statement::new(text, Tone::Warn)
}

/// Whether both meet the same calls.
fn traffic(report: &ComparisonReport) -> Statement {
    if report.same_traffic {
        let text = format!("Both meet the same calls in all {} pairs.", report.pairs);
        return Statement::new(&text, Tone::Good);
    }
    let differ = |one: &&ArrivalsReport| one.same < one.pairs || one.pairs == 0;
    let how = |one: &ArrivalsReport| match one.pairs {
        0 => format!("only one of them has {}", one.client),
        pairs => format!(
            "arrivals of {} differ in {} of {pairs} pairs",
            one.client,
            pairs - one.same
        ),
    };
    let clients: Vec<String> = report.arrivals.iter().filter(differ).map(how).collect();
    let text = format!(
        "They do not meet the same traffic: {}. Part of every difference is that.",
        clients.join("; ")
    );
    Statement::new(&text, Tone::Warn)
}

/// Runs that are missing on one side.
fn shortcoming(side: &SideReport) -> Option<Statement> {
    let runs = &side.runs;
    let lost = runs.missing + runs.stopped_at_limit + runs.broken.len() as u32;
    let text = format!(
        "{}: of {} runs, {} were not played, {} stopped at a limit and {} broke.",
        side.label,
        runs.asked,
        runs.missing,
        runs.stopped_at_limit,
        runs.broken.len()
    );
    (lost > 0).then(|| Statement::new(&text, Tone::Warn))
}

fn cards(report: &ComparisonReport) -> Vec<Figure> {
    let wanted = [
        ("success of ", "useful calls"),
        ("goodput of ", "goodput"),
        ("p99 latency of ", "p99 of useful calls"),
    ];
    let card = |(start, name): (&str, &'static str)| {
        let one = report
            .figures
            .iter()
            .find(|one| one.name.starts_with(start))?;
        let known = effect(report, one);
        Some(Figure {
            name,
            value: format!("{} → {}", side(one, true), side(one, false)),
            note: if known == Effect::FewerCalls {
                format!("{}, of fewer calls", change(one))
            } else {
                change(one)
            },
            tone: if known == Effect::Chance {
                Tone::Plain
            } else {
                known.tone()
            },
        })
    };
    wanted.into_iter().filter_map(card).collect()
}

/// The mean of one side.
fn side(one: &DifferenceReport, first: bool) -> String {
    let spread = if first { &one.a } else { &one.b };
    format::optional(spread.mean, |mean| format::value(mean, spread.unit))
}

/// `+44.9 pp ± 0.3 pp`.
fn change(one: &DifferenceReport) -> String {
    let sign = match one.change.get() {
        change if change > 0.0 => "+",
        change if change < 0.0 => "−",
        _ => "",
    };
    let size = size_of(one.change.get(), one.unit());
    match one.half_width {
        Some(half) => format!("{sign}{size} ± {}", size_of(half.get(), one.unit())),
        None => format!("{sign}{size}"),
    }
}

/// The size of a difference; between shares, in points of a percent.
fn size_of(value: f64, unit: Unit) -> String {
    let size = value.abs();
    match unit {
        Unit::Share | Unit::YesNo => format!("{} pp", format::number(size * 100.0)),
        Unit::Ns => format::duration(size.round() as u64),
        Unit::PerSecond => format::rate(size),
        Unit::Factor => format::factor(size),
        Unit::Count => format::number(size),
    }
}

fn events(report: &ComparisonReport) -> Section {
    let mut table = Table::new(&[
        "in how many runs",
        "#A",
        "#B",
        "#only A",
        "#only B",
        "#chance",
        "beyond chance",
        "#pairs it takes",
    ]);
    for one in &report.events {
        table.push(event_row(one));
    }
    Section {
        id: "events",
        title: "What happens in a run or not",
        about: "Chance is how often luck alone would part the pairs so far (McNemar, exact).",
        blocks: only(table.without_empty_columns()),
    }
}

fn event_row(one: &EventReport) -> Vec<Cell> {
    vec![
        Cell::from(&one.name),
        format!("{} of {}", one.in_a, one.pairs).into(),
        format!("{} of {}", one.in_b, one.pairs).into(),
        one.only_a.to_string().into(),
        one.only_b.to_string().into(),
        format::share(one.p_value.get()).into(),
        meant(event_effect(one)),
        pairs(one.pairs_to_decide),
    ]
}

fn meant(effect: Effect) -> Cell {
    Cell::toned(effect.word(), effect.tone())
}

/// How many pairs would decide it.
fn pairs(needed: Option<u32>) -> Cell {
    format::optional(needed, |pairs| pairs.to_string()).into()
}

fn figures(report: &ComparisonReport) -> Section {
    let mut table = Table::new(&[
        "figure",
        "#A",
        "#B",
        "#B − A",
        "#change",
        "beyond chance",
        "#pairs it takes",
    ]);
    for one in told(report) {
        let relative = one.a.mean.filter(|mean| mean.get() > 0.0);
        let relative = relative.map(|mean| one.change.get() / mean.get() * 100.0);
        table.push(vec![
            Cell::from(&one.name),
            side(one, true).into(),
            side(one, false).into(),
            change(one).into(),
            relative.map_or_else(|| NOTHING.to_owned(), percent).into(),
            meant(effect(report, one)),
            pairs(one.pairs_to_decide),
        ]);
    }
    let mut blocks = only(table.without_empty_columns());
    blocks.extend(luck(told(report).count()));
    if !report.unmatched.is_empty() {
        let text = format!("Only one design has: {}.", report.unmatched.join("; "));
        blocks.push(Block::Text(Statement::new(&text, Tone::Quiet)));
    }
    Section {
        id: "figures",
        title: "Figures",
        about: "Means over pairs of runs that meet the same random numbers; B − A has a 95% interval over \
                the pairs (Student), and is beyond chance where that leaves out zero. So many pairs \
                it takes to decide what could be chance, if they go on as they began.",
        blocks,
    }
}

/// How many of so many figures would seem to differ if nothing had changed.
fn luck(figures: usize) -> Option<Block> {
    let by_luck = figures as f64 * SIGNIFICANCE;
    let text = format!(
        "If nothing had changed, about {} of {figures} figures would still seem to differ, by luck.",
        format::number(by_luck.max(1.0).round())
    );
    (figures > 1).then(|| Block::Text(Statement::new(&text, Tone::Quiet)))
}

/// `+12%`, `−0.3%`.
fn percent(change: f64) -> String {
    match change {
        change if change > 0.0 => format!("+{}%", format::number(change)),
        change if change < 0.0 => format!("−{}%", format::number(-change)),
        _ => "0%".to_owned(),
    }
}

/// Retries that never happened and work that was never wasted say nothing.
fn is_idle(one: &DifferenceReport) -> bool {
    use super::replications::says_something;
    !says_something(&one.name, &one.a) && !says_something(&one.name, &one.b)
}

/// The faults of both designs: one that both have once, and the others marked with whose they are.
pub(crate) fn faults(report: &ComparisonReport) -> Vec<FaultReport> {
    let (a, b) = (&report.a.faults, &report.b.faults);
    let marked = |whose: &str, fault: &FaultReport| FaultReport {
        name: format!("{whose}: {}", fault.name),
        ..fault.clone()
    };
    let of_a = a.iter().map(|fault| {
        if b.contains(fault) {
            fault.clone()
        } else {
            marked("A", fault)
        }
    });
    let only_b = b.iter().filter(|fault| !a.contains(fault));
    of_a.chain(only_b.map(|fault| marked("B", fault))).collect()
}

/// The first runs of both, side by side.
fn timelines(report: &ComparisonReport) -> Section {
    let (a, b) = (&report.a, &report.b);
    let horizon_ns = a.scenario.duration_ns.max(b.scenario.duration_ns);
    let mut moments: Vec<(Option<&TimelineEntry>, Option<&TimelineEntry>)> =
        a.timeline.iter().map(|entry| (Some(entry), None)).collect();
    for entry in &b.timeline {
        // Of one kind and at one instant, they are one row, whatever their figures.
        let alike = |one: &TimelineEntry| (one.at_ns, one.kind) == (entry.at_ns, entry.kind);
        let mut free = moments.iter_mut().filter(|row| row.1.is_none());
        match free.find(|row| row.0.is_some_and(alike)) {
            Some(row) => row.1 = Some(entry),
            None => moments.push((None, Some(entry))),
        }
    }
    let at_ns = |row: &(Option<&TimelineEntry>, Option<&TimelineEntry>)| {
        row.0.or(row.1).map_or(0, |entry| entry.at_ns)
    };
    moments.sort_by_key(at_ns);
    let words = |entry: Option<&TimelineEntry>| entry.map_or_else(String::new, |it| safe(&it.text));
    let moments = moments.into_iter().map(|row| SideMoment {
        at: format::instant(at_ns(&row), horizon_ns),
        a: words(row.0),
        b: words(row.1),
    });
    let moments: Vec<SideMoment> = moments.collect();
    Section {
        id: "timeline",
        title: "What happened in replication 0",
        about: "",
        blocks: if moments.is_empty() {
            vec![]
        } else {
            vec![Block::Sides(moments)]
        },
    }
}

fn origin(report: &ComparisonReport) -> Section {
    let mut table = Table::new(&["what", "A", "B"]);
    let (a, b) = (&report.a, &report.b);
    let mut push = |name: &str, show: &dyn Fn(&SideReport) -> String| {
        table.push(vec![Cell::from(name), show(a).into(), show(b).into()]);
    };
    push("scenario", &|side| side.scenario.name.clone());
    push("changed", &|side| {
        let sets = side.scenario.overrides.iter();
        let sets: Vec<String> = sets
            .map(|one| format!("{}={}", one.path, one.value))
            .collect();
        if sets.is_empty() {
            NOTHING.to_owned()
        } else {
            sets.join(" ")
        }
    });
    push("seed", &|side| side.scenario.seed.to_string());
    push("runs", &|side| side.runs.finished.to_string());
    push("hash", &|side| {
        side.scenario.hash.chars().take(16).collect()
    });
    let commands = [&report.reproduce.command, &a.command, &b.command];
    let mut blocks: Vec<Block> = commands
        .into_iter()
        .map(|command| Block::Command(safe(command)))
        .collect();
    blocks.push(Block::Table(table));
    Section {
        id: "reproduce",
        title: "How to reproduce",
        about: "Replication k of both designs draws the same random numbers for the same calls.",
        blocks,
    }
}
