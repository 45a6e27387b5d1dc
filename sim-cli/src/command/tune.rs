//! Which settings do best.

use super::replicate::threads;
use super::report::{keep, open_folder, show};
use super::scenario::Asked;
use super::search::{axis, check_apart, check_values};
use crate::args::ScenarioArgs;
use crate::args::tune::TuneArgs;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::input;
use crate::interrupt;
use crate::progress::SearchMeter;
use crate::view::{self, Files};
use sim_core::experiment::bench::{Bench, Halt, Stand, Values};
use sim_core::experiment::design::Axis;
use sim_core::experiment::tune::{Goal, OnBench, Space, Target, Tuned, tune as search};
use sim_core::experiment::{Figure, figures, measure_hint};
use sim_core::report::sweep::{COLLAPSE, INSTANCES};
use sim_core::report::tune::{Study, TuneReport, tune_report};
use sim_core::report::{Unit, Verdict};
use sim_core::scenario::{Bound, Draft, InRuns, Loaded};
use std::path::PathBuf;

/// Replications that a search needs for anything at all.
const FEWEST: u32 = 40;
/// Values of a range that are tried before anything is played, so that none is refused later.
const TRIED: usize = 33;

/// Everything that was asked for, and found to make sense.
struct Prepared {
    asked: Vec<Asked>,
    drafts: Vec<Draft>,
    bases: Vec<Loaded>,
    space: Space,
    measure: Measured,
    seed: u64,
    replications: u32,
}

/// What is to be small or large.
struct Measured {
    goal: Goal,
    name: String,
    unit: Unit,
    /// What is read off each run for it, if that takes a figure.
    figure: Option<Figure>,
}

/// Searches for the best settings.
pub(crate) fn tune(args: &TuneArgs, console: &mut Console) -> Result<Exit, Failure> {
    let prepared = prepare(args, console)?;
    let folder = args.output.as_deref().map(open_folder).transpose()?;
    interrupt::watch()?;
    let tuned = play(&prepared, args, console);
    if let Some(Halt::Unfit(why)) = &tuned.halt {
        return Err(Failure::input(why));
    }
    let report = report(&prepared, args, &tuned);
    let files = Files::of(args.files.iter().map(PathBuf::as_path));
    // What cannot be written is shown at least.
    let kept = folder.map_or(Ok(()), |folder| keep(&report, &files, folder, console));
    show(&report, &files, args.format, console)?;
    kept?;
    Ok(exit_of(&report))
}

fn prepare(args: &TuneArgs, console: &Console) -> Result<Prepared, Failure> {
    if args
        .files
        .iter()
        .filter(|file| input::is_dash(file))
        .count()
        > 1
    {
        return Err(Failure::input(
            "only one scenario can come from standard input",
        ));
    }
    let mut asked = Vec::new();
    for file in &args.files {
        asked.push(Asked::read(&ScenarioArgs {
            file: file.clone(),
            sets: args.sets.clone(),
        })?);
    }
    let (mut bases, mut drafts): (Vec<Loaded>, Vec<Draft>) = (Vec::new(), Vec::new());
    for one in &asked {
        bases.push(one.load_aloud(console)?);
        drafts.push(one.draft().map_err(|found| one.refuse(&found, console))?);
    }
    check_names(&bases)?;
    let axes = axes(&args.over, &drafts)?;
    for (one, draft) in asked.iter().zip(&drafts) {
        check_values(one, draft, &corners(&axes), console)?;
    }
    let measure = goal(args, &axes, &bases)?;
    Ok(Prepared {
        seed: args.seed.unwrap_or(bases[0].scenario.seed),
        replications: replications(args)?,
        asked,
        drafts,
        bases,
        space: Space::new(axes),
        measure,
    })
}

/// Reports and runs call scenarios by their names.
fn check_names(bases: &[Loaded]) -> Result<(), Failure> {
    let mut names: Vec<&str> = bases
        .iter()
        .map(|base| base.scenario.name.as_str())
        .collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(()),
        Some(twice) => Err(
            Failure::input(format!("two scenarios are named `{}`", twice[0]))
                .hint("give each its own name under `scenario:`"),
        ),
    }
}

/// The axes, which every scenario must have.
fn axes(over: &[String], drafts: &[Draft]) -> Result<Vec<Axis>, Failure> {
    let mut axes: Vec<Axis> = Vec::new();
    for text in over {
        for draft in drafts {
            axis(text, "--over", draft)?;
        }
        let one = axis(text, "--over", &drafts[0])?;
        for other in &axes {
            check_apart(&drafts[0], other, &one)?;
        }
        axes.push(one);
    }
    if axes.iter().all(|axis| axis.places(2).len() < 2) {
        let text = "there is nothing to choose: each setting has one value";
        return Err(Failure::input(text).hint("give a range, such as `--over PATH=1..8`"));
    }
    Ok(axes)
}

/// Settings that show whether values fit: many values of each axis, the others at their first one.
fn corners(axes: &[Axis]) -> Vec<Values> {
    let firsts: Values = axes
        .iter()
        .map(|axis| (axis.path.clone(), axis.places(2)[0].clone()))
        .collect();
    let one = |place: usize, value: String| {
        let mut values = firsts.clone();
        values[place].1 = value;
        values
    };
    let all = axes.iter().enumerate();
    all.flat_map(|(place, axis)| {
        axis.places(TRIED)
            .into_iter()
            .map(move |value| (place, value))
    })
    .map(|(place, value)| one(place, value))
    .collect()
}

/// What is to be small or large.
fn goal(args: &TuneArgs, axes: &[Axis], bases: &[Loaded]) -> Result<Measured, Failure> {
    let maximise = args.maximise.is_some();
    let wanted = args.maximise.as_ref().or(args.minimise.as_ref());
    let wanted = wanted.map_or("", String::as_str);
    let all = figures(&bases[0].scenario);
    let setting = axes.iter().position(|axis| axis.path == wanted);
    let figure = all.iter().find(|figure| figure.name == wanted).cloned();
    let (target, unit) = match (wanted, setting, &figure) {
        (COLLAPSE, ..) => (Target::Collapse, Unit::Share),
        (INSTANCES, ..) => (Target::Instances, Unit::Count),
        (_, Some(place), _) if axes[place].is_ordered() => {
            (Target::Setting(place), unit(&axes[place]))
        }
        (_, Some(_), _) => {
            let text = format!("`{wanted}` has no order, so none of its values is the least");
            return Err(Failure::input(text).hint("name a measure, such as `goodput of …`"));
        }
        (_, None, Some(figure)) => (Target::Figure(0), figure.unit),
        (_, None, None) => return Err(no_measure(wanted, &all, axes)),
    };
    for base in &bases[1..] {
        let has = |one: &Figure| {
            figures(&base.scenario)
                .iter()
                .any(|other| other.name == one.name)
        };
        if figure.as_ref().is_some_and(|figure| !has(figure)) {
            let name = &base.scenario.name;
            return Err(Failure::input(format!(
                "the scenario `{name}` has no measure `{wanted}`"
            )));
        }
    }
    Ok(Measured {
        goal: Goal { target, maximise },
        name: wanted.to_owned(),
        unit,
        figure,
    })
}

/// The unit of a setting's values.
fn unit(axis: &Axis) -> Unit {
    use sim_core::experiment::design::{Quantity, QuantityUnit as Of};
    let first = axis
        .places(2)
        .first()
        .and_then(|value| Quantity::parse(value));
    match first.map(|quantity| quantity.unit) {
        Some(Of::Time) => Unit::Ns,
        Some(Of::PerSecond | Of::PerMinute | Of::PerHour) => Unit::PerSecond,
        Some(Of::Percent | Of::Bare) | None => Unit::Count,
    }
}

fn no_measure(wanted: &str, all: &[Figure], axes: &[Axis]) -> Failure {
    let names = || {
        let figures = all.iter().map(|figure| figure.name.as_str());
        figures
            .chain([COLLAPSE, INSTANCES])
            .chain(axes.iter().map(|axis| axis.path.as_str()))
    };
    Failure::input(format!("there is no measure `{wanted}`")).hint(measure_hint(wanted, names()))
}

/// How many replications of all scenarios the runs are good for.
fn replications(args: &TuneArgs) -> Result<u32, Failure> {
    let scenarios = args.files.len() as u32;
    let replications = args.runs / scenarios;
    if replications >= FEWEST {
        return Ok(replications);
    }
    let needed = FEWEST.saturating_mul(scenarios);
    Err(
        Failure::input(format!("{} runs are too few to search with", args.runs))
            .hint(format!("say `--runs {needed}` or more")),
    )
}

fn play(prepared: &Prepared, args: &TuneArgs, console: &Console) -> Tuned {
    let scenarios = prepared.drafts.iter().zip(&prepared.bases);
    let stands: Vec<Stand> = scenarios
        .map(|(draft, base)| Stand {
            draft: draft.clone(),
            name: base.scenario.name.clone(),
            seed: args.seed.unwrap_or(base.scenario.seed),
            figures: measured(prepared, base),
        })
        .collect();
    let meter = SearchMeter::new("tuning", console.quiet);
    let bench = Bench {
        stands: &stands,
        threads: threads(args.threads),
        watcher: &meter,
    };
    let axes = prepared.space.axes().iter();
    let mut oracle = OnBench {
        bench: &bench,
        space: &prepared.space,
        goal: prepared.measure.goal,
        present: axes
            .map(|axis| prepared.drafts[0].value_at(&axis.path))
            .collect(),
        bounds: prepared.bases.iter().map(bounds).collect(),
    };
    let (seed, budget) = (prepared.seed, prepared.replications);
    search(
        &prepared.space,
        &rules(&prepared.bases),
        seed,
        budget,
        &mut oracle,
    )
}

/// What is read off each run of a scenario: the goal, and what its expectations look at.
fn measured(prepared: &Prepared, base: &Loaded) -> Vec<Figure> {
    let all = figures(&base.scenario);
    let of_expectation = |name: &String| {
        let name = format!("expectation {name}");
        all.iter().find(|figure| figure.name == name).cloned()
    };
    let names = base.scenario.expectations.iter().map(|one| &one.name);
    let goal = prepared.measure.figure.iter().cloned();
    goal.chain(names.filter_map(of_expectation)).collect()
}

/// What the expectations of a scenario allow.
fn bounds(base: &Loaded) -> Vec<Bound> {
    let all = base.scenario.expectations.iter();
    all.map(|one| one.bound).collect()
}

fn rules(bases: &[Loaded]) -> Vec<InRuns> {
    let all = bases.iter().flat_map(|base| &base.scenario.expectations);
    all.map(|one| one.in_runs).collect()
}

fn report(prepared: &Prepared, args: &TuneArgs, tuned: &Tuned) -> TuneReport {
    tune_report(Study {
        bases: &prepared.bases,
        draft: &prepared.drafts[0],
        overrides: &view::overrides(prepared.asked[0].sets()),
        space: &prepared.space,
        goal: (&prepared.measure.name, prepared.measure.unit),
        maximise: prepared.measure.goal.maximise,
        rules: &rules(&prepared.bases),
        budget: args.runs,
        seed: prepared.seed,
        tuned,
        command: &command(prepared, args),
    })
}

/// The command that searches again, with the scenarios' names for their files.
fn command(prepared: &Prepared, args: &TuneArgs) -> String {
    let mut command = "squall tune".to_owned();
    for base in &prepared.bases {
        command.extend([" ", &base.scenario.name, ".yaml"]);
    }
    let mut add = |option: &str, value: &str| {
        command.extend([" ", option, " ", &view::quoted(value)]);
    };
    for (path, value) in &args.sets {
        add("--set", &format!("{path}={value}"));
    }
    args.over.iter().for_each(|axis| add("--over", axis));
    let way = if prepared.measure.goal.maximise {
        "--maximise"
    } else {
        "--minimise"
    };
    add(way, &prepared.measure.name);
    add("--runs", &args.runs.to_string());
    // Without one, each scenario has its own.
    if let Some(seed) = args.seed {
        add("--seed", &seed.to_string());
    }
    command
}

/// The expectations decide, as for a run.
fn exit_of(report: &TuneReport) -> Exit {
    match report.best.as_ref().map(|best| best.verdict) {
        _ if report.stopped => Exit::Interrupted,
        Some(Verdict::Pass) => Exit::Ok,
        Some(Verdict::Fail) => Exit::Failed,
        Some(Verdict::Inconclusive) | None => Exit::Inconclusive,
    }
}
