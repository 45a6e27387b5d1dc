//! Two designs on the same random numbers.

use super::play::{Brake, play};
use super::replicate::{origin, threads};
use super::report::{keep, open_folder, show};
use super::scenario::Asked;
use crate::args::{CompareArgs, ScenarioArgs};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::input;
use crate::interrupt;
use crate::progress::RunsMeter;
use crate::view::{self, Files};
use sim_core::experiment::{Experiment, Plan, Play, Replications};
use sim_core::report::{
    ComparedDesign, ComparisonReport, ManyRuns, Report, RunOrigin, SideReport, comparison,
};
use sim_core::scenario::Loaded;
use std::path::{Path, PathBuf};

/// A design, and what it is called.
struct Chosen {
    asked: Asked,
    loaded: Loaded,
    label: String,
}

/// Compares two designs.
pub(crate) fn compare(args: &CompareArgs, console: &mut Console) -> Result<Exit, Failure> {
    let (a, b) = choose(args, console)?;
    let folder = args.output.as_deref().map(open_folder).transpose()?;
    interrupt::watch()?;
    let seed = args.seed.unwrap_or(a.loaded.scenario.seed);
    let plan = Plan {
        batch: args.replications,
        most: args.replications,
        goal: None,
    };
    let experiments =
        [&a, &b].map(|one| Experiment::new(&one.loaded.scenario, seed, threads(args.threads)));
    let mut meter = RunsMeter::new(2 * plan.most, false, console.quiet);
    let all = experiments.each_ref().map(|one| {
        let all = one.carry_out(&plan, &meter);
        meter.go_on_from(plan.most);
        all
    });
    drop(meter);
    if all
        .iter()
        .any(|one| one.runs.is_empty() && one.is_interrupted())
    {
        return Err(interrupted());
    }
    let command = whole_command(args, &a, &b, seed);
    let sides = [played(&a, seed, console)?, played(&b, seed, console)?];
    let design = |place: usize, label| ComparedDesign {
        label,
        many: many(&experiments[place], &plan, &all[place], &sides[place]),
        first: &sides[place].first,
    };
    let report = comparison(&design(0, &a.label), &design(1, &b.label), &command);
    let files = Files::of(
        std::iter::once(&args.first)
            .chain(&args.second)
            .map(PathBuf::as_path),
    );
    // What cannot be written is shown at least.
    let kept = folder.map_or(Ok(()), |folder| keep(&report, &files, folder, console));
    show(&report, &files, args.format, console)?;
    kept?;
    Ok(exit_of(&report))
}

/// Reads both designs; the second may be the first with changed settings.
fn choose(args: &CompareArgs, console: &Console) -> Result<(Chosen, Chosen), Failure> {
    let dashes = [Some(&args.first), args.second.as_ref()];
    if dashes
        .into_iter()
        .flatten()
        .filter(|path| input::is_dash(path))
        .count()
        > 1
    {
        return Err(Failure::input(
            "both designs cannot come from standard input",
        ));
    }
    let first = Asked::read(&of(&args.first, &[]))?;
    let loaded = first.load_aloud(console)?;
    let name = loaded.scenario.name.clone();
    let (asked, label) = match &args.second {
        Some(second) => (Asked::read(&of(second, &args.sets))?, None),
        None => (first.with_sets(&args.sets), Some(changes(&args.sets))),
    };
    let other = match &args.second {
        Some(_) => asked.load_aloud(console)?,
        // What the first one was warned about need not be said again.
        None => asked
            .load()
            .map_err(|found| asked.refuse(&found, console))?,
    };
    let label = label.unwrap_or_else(|| other.scenario.name.clone());
    let a = Chosen {
        asked: first,
        loaded,
        label: name,
    };
    let b = Chosen {
        asked,
        loaded: other,
        label,
    };
    Ok((a, b))
}

fn of(file: &Path, sets: &[(String, String)]) -> ScenarioArgs {
    ScenarioArgs {
        file: file.to_owned(),
        sets: sets.to_vec(),
    }
}

fn changes(sets: &[(String, String)]) -> String {
    let sets: Vec<String> = sets
        .iter()
        .map(|(path, value)| format!("{path}={value}"))
        .collect();
    sets.join(" ")
}

/// The first run of a design, and how to play more of them.
struct Played {
    first: Report,
    one: String,
    origin: RunOrigin,
}

fn played(chosen: &Chosen, seed: u64, console: &Console) -> Result<Played, Failure> {
    let which = Play {
        seed,
        replication: 0,
    };
    let brake = Brake::default();
    let (record, ()) = play(&chosen.loaded.scenario, which, (), &brake, console)?;
    let sets = chosen.asked.sets();
    let one = view::one_command(&chosen.loaded.scenario.name, seed, sets);
    Ok(Played {
        first: view::report(&chosen.loaded, which, sets, &record),
        origin: origin(&chosen.loaded, seed, sets, one.clone()),
        one,
    })
}

fn many<'a>(
    experiment: &'a Experiment<'a>,
    plan: &'a Plan,
    all: &'a Replications,
    played: &'a Played,
) -> ManyRuns<'a> {
    ManyRuns {
        experiment,
        plan,
        all,
        untriggered: None,
        origin: &played.origin,
        one: &played.one,
    }
}

/// The command that compares them again, with the scenarios' names for their files.
fn whole_command(args: &CompareArgs, a: &Chosen, b: &Chosen, seed: u64) -> String {
    let mut command = format!("squall compare {}.yaml", a.loaded.scenario.name);
    if args.second.is_some() {
        command.push(' ');
        command.push_str(&b.loaded.scenario.name);
        command.push_str(".yaml");
    }
    for (path, value) in &args.sets {
        command.push_str(" --set ");
        command.push_str(&view::quoted(&format!("{path}={value}")));
    }
    format!(
        "{command} --seed {seed} --replications {}",
        args.replications
    )
}

fn interrupted() -> Failure {
    Failure::Message {
        exit: Exit::Interrupted,
        text: "interrupted before both designs had a run; nothing is written".to_owned(),
        hint: None,
    }
}

/// A comparison judges nothing; it only says whether it could be done, and all of it.
fn exit_of(report: &ComparisonReport) -> Exit {
    let sides = [&report.a, &report.b];
    let is_cut = |side: &SideReport| side.runs.stopped_at_limit > 0 || !side.runs.broken.is_empty();
    match sides {
        _ if sides.iter().any(|side| side.runs.missing > 0) => Exit::Interrupted,
        _ if sides.iter().any(|side| is_cut(side)) => Exit::Inconclusive,
        _ if report.nothing_in_common => Exit::Inconclusive,
        _ => Exit::Ok,
    }
}
