//! From arguments to a sweep that is ready to be played: everything that can be wrong with it is
//! found here, before anything is simulated or written.

use crate::args::ScenarioArgs;
use crate::args::sweep::GridArgs;
use crate::command::scenario::Asked;
use crate::command::search::refused;
use crate::console::Console;
use crate::exit::{Exit, Failure, shown};
use crate::input::{self, REPORT_BYTES};
use crate::view;
use sim_core::experiment::Threads;
use sim_core::experiment::design::{Axis, BadDesign, Design, DesignKind};
use sim_core::report::sweep::{BadPlan, Prepared, SweepRequest};
use sim_core::scenario::SweepSection;
use std::path::Path;

/// Runs of a cell unless somebody says otherwise: enough for an interval.
const REPLICATIONS: u32 = 10;
/// No machine holds more cells than this.
const MOST_CELLS: u128 = 10_000_000;

/// The sweep that the arguments ask for.
pub(super) fn from_args(
    scenario: &ScenarioArgs,
    args: &GridArgs,
    console: &Console,
) -> Result<Prepared, Failure> {
    let asked = Asked::read(scenario)?;
    let base = asked.load_aloud(console)?;
    let draft = asked
        .draft()
        .map_err(|found| asked.refuse(&found, console))?;
    let section = base.sweep.clone().unwrap_or_default();
    let design = design(args, &section)?;
    let replications = args
        .replications
        .or(section.replications)
        .unwrap_or(REPLICATIONS);
    say_size(&design, replications, args, console)?;
    let request = SweepRequest {
        seed: args.seed.unwrap_or(base.scenario.seed),
        replications,
        independent: args.independent,
        shown: args.measure.clone(),
        overrides: view::overrides(asked.sets()),
        file: file_name(&scenario.file),
    };
    let prepared = Prepared::new(draft, base, design, request).map_err(refused)?;
    if let Some((place, found)) = prepared.sweep().first_bad(&prepared.cells, Threads::All) {
        let cell = &prepared.cells[place];
        let values = prepared.design.settings(cell);
        let values = values.map(|(path, value)| (path.to_owned(), value.to_owned()));
        let said = asked.refuse_trial(&found, values, console);
        console.say(&format!(
            "note: the cell {} cannot be played, so none is\n",
            prepared.design.name(cell)
        ));
        return Err(said);
    }
    Ok(prepared)
}

/// The name of a file without its folders; empty for standard input.
fn file_name(path: &Path) -> String {
    let name = path.file_name().filter(|_| !input::is_dash(path));
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn design(args: &GridArgs, section: &SweepSection) -> Result<Design, Failure> {
    let vary = if args.vary.is_empty() {
        &section.vary
    } else {
        &args.vary
    };
    let axes: Result<Vec<Axis>, BadDesign> = vary.iter().map(|text| Axis::parse(text)).collect();
    let kind = args.design.as_deref().unwrap_or(&section.design);
    let kind = if kind.is_empty() {
        Ok(DesignKind::Grid)
    } else {
        DesignKind::parse(kind)
    };
    let design = axes.and_then(|axes| Design::new(axes, kind?));
    design.map_err(refused)
}

/// Says how much there is to do, and refuses what nobody can have meant.
fn say_size(
    design: &Design,
    replications: u32,
    args: &GridArgs,
    console: &Console,
) -> Result<(), Failure> {
    let size = design.size().unwrap_or(u128::MAX);
    let most = if args.yes {
        MOST_CELLS
    } else {
        MOST_CELLS.min(u128::from(args.max_cells))
    };
    if size > most {
        let count = match design.size() {
            Some(size) => size.to_string(),
            None => "more than 10^38".to_owned(),
        };
        let refused = Failure::input(format!(
            "there are {count} cells, and at most {most} are played"
        ));
        let hint = if size <= MOST_CELLS {
            format!("say `--max-cells {size}` or `--yes`, or draw some with `--design lhs:200`")
        } else {
            "use fewer values, or draw some with `--design lhs:200`".to_owned()
        };
        return Err(refused.hint(hint));
    }
    let runs = size * u128::from(replications);
    console.remark(&format!(
        "{} x {} = {}\n",
        counted(size, "cell"),
        counted(u128::from(replications), "run"),
        counted(runs, "run")
    ));
    Ok(())
}

fn counted(count: u128, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

/// The sweep of a plan that was written before.
pub(super) fn from_plan(path: &Path, console: &Console) -> Result<Prepared, Failure> {
    let text = input::text(path, REPORT_BYTES)?;
    Prepared::from_plan(&text).map_err(|wrong| match wrong {
        BadPlan::Unusable(why) => Failure::input(format!("cannot use {}: {why}", shown(path)))
            .hint("write it anew with `squall sweep plan`"),
        BadPlan::Design(wrong) => refused(wrong),
        BadPlan::Scenario(found) => {
            console.say(&found.to_string());
            Failure::Said(Exit::BadInput)
        }
    })
}

/// The command line that goes on: this one, with `--resume`.
pub(super) fn again(has_resume: bool) -> String {
    let words = std::env::args().skip(1).map(|word| view::quoted(&word));
    let mut command = "squall".to_owned();
    for word in words {
        command.push(' ');
        command.push_str(&word);
    }
    if !has_resume {
        command.push_str(" --resume");
    }
    sim_core::scenario::display_safe(&command)
}
