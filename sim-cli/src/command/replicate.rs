//! Many runs: how likely, how sure, and which run to look at.

use super::report::{keep, open_folder, show};
use super::scenario::Asked;
use crate::args::{ManyArgs, RunArgs};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::progress::RunsMeter;
use crate::view::{self, Files};
use sim_core::ENGINE_SEMANTICS;
use sim_core::experiment::{Experiment, Goal, Plan, Replications, Threads, Untriggered};
use sim_core::report::{ManyRuns, ReplicationReport, RunOrigin, RunsReport, Verdict, replications};
use sim_core::scenario::Loaded;

/// Runs a scenario `count` times, or until its figures are sharp enough.
pub(super) fn replicate(
    args: &RunArgs,
    count: u32,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let asked = Asked::read(&args.scenario)?;
    let loaded = asked.load_aloud(console)?;
    let seed = args.seed.unwrap_or(loaded.scenario.seed);
    let experiment = Experiment::new(&loaded.scenario, seed, threads(args.many.threads));
    let plan = plan(&args.many, count, &experiment)?;
    let folder = args.output.as_deref().map(open_folder).transpose()?;
    interrupt::watch()?;
    let meter = RunsMeter::new(plan.most, plan.goal.is_some(), console.quiet);
    let all = experiment.carry_out(&plan, &meter);
    let untriggered = experiment.without_trigger(&all, &meter);
    drop(meter);
    let came = (&all, untriggered.as_ref());
    let report = report(&loaded, &experiment, &plan, came, asked.sets());
    let files = Files::of([args.scenario.file.as_path()]);
    // What cannot be written is shown at least.
    let kept = folder.map_or(Ok(()), |folder| keep(&report, &files, folder, console));
    show(&report, &files, args.format, console)?;
    kept?;
    Ok(exit_of(&report))
}

/// How many threads were asked for.
pub(super) fn threads(asked: Option<u32>) -> Threads {
    asked.map_or(Threads::All, Threads::Exactly)
}

fn plan(args: &ManyArgs, count: u32, experiment: &Experiment<'_>) -> Result<Plan, Failure> {
    let Some(text) = &args.until else {
        return Ok(Plan {
            batch: count,
            most: count,
            goal: None,
        });
    };
    let goal = Goal::parse(text, experiment.figures());
    Ok(Plan {
        batch: count,
        most: args.max_replications.max(count),
        goal: Some(goal.map_err(|bad| Failure::input(bad.message).hint(bad.hint))?),
    })
}

fn report(
    loaded: &Loaded,
    experiment: &Experiment<'_>,
    plan: &Plan,
    (all, untriggered): (&Replications, Option<&Untriggered>),
    sets: &[(String, String)],
) -> ReplicationReport {
    let one = view::one_command(&loaded.scenario.name, experiment.seed(), sets);
    let origin = origin(loaded, experiment.seed(), sets, whole_command(&one, plan));
    replications(&ManyRuns {
        experiment,
        plan,
        all,
        untriggered,
        origin: &origin,
        one: &one,
    })
}

/// Where the runs of a seed come from.
pub(super) fn origin(
    loaded: &Loaded,
    seed: u64,
    sets: &[(String, String)],
    command: String,
) -> RunOrigin {
    RunOrigin {
        engine_semantics: ENGINE_SEMANTICS,
        text: loaded.normalised.clone(),
        seed,
        replication: 0,
        overrides: view::overrides(sets),
        command,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The command that plays all runs again.
fn whole_command(one: &str, plan: &Plan) -> String {
    let command = format!("{one} --replications {}", plan.batch);
    match &plan.goal {
        None => command,
        Some(goal) => format!(
            "{command} --until {} --max-replications {}",
            view::quoted(&goal.text),
            plan.most
        ),
    }
}

/// A failed expectation is certain, whatever else happened.
fn exit_of(report: &ReplicationReport) -> Exit {
    match report.verdict {
        _ if report.runs.missing > 0 => Exit::Interrupted,
        Verdict::Fail => Exit::Failed,
        Verdict::Inconclusive => Exit::Inconclusive,
        Verdict::Pass if is_incomplete(&report.runs) => Exit::Inconclusive,
        Verdict::Pass => Exit::Ok,
    }
}

/// Whether something kept the runs from saying all they could.
fn is_incomplete(runs: &RunsReport) -> bool {
    let is_blunt = runs.until.as_ref().is_some_and(|until| !until.reached);
    is_blunt || runs.stopped_at_limit > 0 || !runs.broken.is_empty()
}
