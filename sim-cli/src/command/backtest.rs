//! Playing recorded calls through a policy.

use crate::args::{BacktestArgs, CheckFormat, UnrecordedArg};
use crate::calls::{Call, Calls, Stop, Trouble};
use crate::console::Console;
use crate::decisions::DecisionLog;
use crate::diagnostics::{self, Texts};
use crate::exit::{Exit, Failure, shown};
use crate::input::{self, Companions};
use crate::interrupt;
use crate::output::Folder;

use crate::view;
use sim_core::experiment::backtest::{Backtest, RecordedCall, Refusal, Settings, Unrecorded};
use sim_core::report::{self, BacktestReport, ClockName};
use sim_core::scenario::diagnostic::display_safe;
use sim_core::scenario::{Policy, Source, load_policies};
use sim_core::time::SimTime;
use std::io::BufRead;
use std::path::Path;

/// Mistakes of a log that are shown before it is given up.
const MOST_MISTAKES: usize = 20;
/// Lines between two looks whether somebody wants to stop.
const PATIENCE: u64 = 4_096;

/// Plays a log.
pub(crate) fn backtest(args: &BacktestArgs, console: &mut Console) -> Result<Exit, Failure> {
    if input::is_dash(&args.policy) && input::is_dash(&args.calls) {
        let failure = Failure::input("policy and calls cannot both come from standard input");
        return Err(failure.hint("write one of them to a file"));
    }
    let policies = policies(&args.policy, &args.sets, console)?;
    let policy = chosen(policies, args.name.as_deref())?;
    let log = input::open_stream(&args.calls)?;
    let folder = args.output.as_deref().map(open_folder).transpose()?;
    let decisions = DecisionLog::create(args.decisions.as_deref())?;
    interrupt::watch()?;
    let report = play(args, &policy, log, decisions, console)?;
    if let Some(folder) = folder {
        keep(&report, folder, console)?;
    }
    match args.format {
        CheckFormat::Human => {
            console.text(&sim_view::backtest(&report, &view::style(console.look)))?;
        }
        CheckFormat::Json => console.data(&view::pretty(&report))?,
    }
    Ok(Exit::Ok)
}

/// The policies of a file, or everything that is wrong with it.
pub(super) fn policies(
    path: &Path,
    sets: &[(String, String)],
    console: &Console,
) -> Result<Vec<Policy>, Failure> {
    let source = Source {
        name: input::name_of(path),
        text: input::text(path, input::SCENARIO_BYTES)?,
    };
    let companions = Companions::of(path);
    load_policies(&source, sets, &|name| companions.read(name)).map_err(|found| {
        let texts = Texts {
            name: &source.name,
            text: &source.text,
            sets,
            given: sets.len(),
        };
        console.say(&diagnostics::render(found.all(), &texts, console.look));
        Failure::Said(Exit::BadInput)
    })
}

/// The policy with this name, or the only one.
pub(super) fn chosen(policies: Vec<Policy>, name: Option<&str>) -> Result<Policy, Failure> {
    let names: Vec<String> = policies.iter().map(|it| display_safe(&it.name)).collect();
    let known = format!("the file has {}", names.join(", "));
    let mut found = policies
        .into_iter()
        .filter(|policy| name.is_none_or(|name| policy.name == name));
    match (found.next(), found.next(), name) {
        (Some(policy), None, _) => Ok(policy),
        (Some(_), Some(_), _) => Err(Failure::input("there are several policies")
            .hint(format!("choose one: {known}, --policy NAME"))),
        (None, _, Some(name)) if !names.is_empty() => {
            Err(Failure::input(format!("there is no policy `{name}`")).hint(known))
        }
        (None, ..) => Err(Failure::input("there is no policy in the file")),
    }
}

fn open_folder(path: &Path) -> Result<Folder, Failure> {
    Folder::open(path, &[], &["backtest.json", "backtest.svg"])
}

fn keep(report: &BacktestReport, mut folder: Folder, console: &Console) -> Result<(), Failure> {
    folder.put("backtest.json", &view::pretty(report))?;
    match sim_view::backtest_chart(report) {
        Some(chart) => folder.put("backtest.svg", &chart)?,
        None => folder.clear("backtest.svg"),
    }
    let path = shown(folder.path());
    folder.finish()?;
    console.remark(&format!("report and chart are in {path}\n"));
    Ok(())
}

fn play(
    args: &BacktestArgs,
    policy: &Policy,
    log: Box<dyn BufRead>,
    decisions: DecisionLog,
    console: &Console,
) -> Result<BacktestReport, Failure> {
    let settings = Settings {
        seed: args.seed,
        unrecorded: match args.unrecorded {
            UnrecordedArg::Repeat => Unrecorded::Repeat,
            UnrecordedArg::Neighbour => Unrecorded::Neighbour,
        },
    };
    let mut calls = Calls::new(log);
    let mut backtest = Backtest::new(policy, settings, decisions);
    let mut mistakes = Mistakes {
        name: input::name_of(&args.calls),
        console,
        count: 0,
    };
    let name = mistakes.name.clone();
    let mut is_first = true;
    loop {
        let line = calls.line() + 1;
        if line.is_multiple_of(PATIENCE) && interrupt::asked() {
            return Err(interrupted(line));
        }
        let call = match calls.next_call() {
            Ok(Some(call)) => call,
            Ok(None) => break,
            Err(stop) => {
                mistakes.stopped(stop, calls.line())?;
                continue;
            }
        };
        if mistakes.count > 0 {
            continue;
        }
        if is_first {
            backtest.began_at(began_at(args, &call)?);
            is_first = false;
        }
        let recorded = RecordedCall {
            line: call.line,
            start: call.start,
            caller: &call.caller,
            target: &call.target,
            class: &call.class,
            idempotent: call.idempotent,
            answers: call.answers,
        };
        let played = backtest.play(&recorded);
        backtest.watcher().clock = calls.clock();
        if let Err(refusal) = played {
            let line = calls.line();
            mistakes.refused(refusal, line)?;
        }
        backtest.watcher().check()?;
    }
    if mistakes.count > 0 {
        return Err(Failure::Said(Exit::BadInput));
    }
    if calls.is_empty() {
        let failure = Failure::input(format!("{name}: there are no calls below the header"));
        return Err(failure);
    }
    let (summary, decisions) = backtest
        .finish()
        .map_err(|why| Failure::input(why.to_string()))?;
    decisions.finish()?;
    Ok(report::backtest(&summary, policy, settings, calls.clock()))
}

/// From when cycles count: as it is asked for, or from the first call of a log with dates, which says
/// nothing of the time before; a log that counts seconds counts them from its own beginning.
fn began_at(args: &BacktestArgs, first: &Call<'_>) -> Result<SimTime, Failure> {
    let Some((at, clock)) = args.began else {
        return Ok(match first.clock {
            ClockName::Seconds => SimTime::ZERO,
            ClockName::Utc => first.start,
        });
    };
    let wrong =
        |text: &str| Err(Failure::input(text).hint("write it as the log writes its starts"));
    if clock != first.clock {
        return wrong("`--began` and the log write instants in different ways");
    }
    if at > first.start {
        return wrong("`--began` is after the first call");
    }
    Ok(at)
}

fn interrupted(line: u64) -> Failure {
    Failure::Message {
        exit: Exit::Interrupted,
        text: format!("interrupted at line {line}; nothing is written"),
        hint: None,
    }
}

/// What is wrong with a log, said line by line.
struct Mistakes<'a> {
    name: String,
    console: &'a Console,
    count: usize,
}

impl Mistakes<'_> {
    /// There is no call in a line; fails when there is no use in reading on.
    fn stopped(&mut self, stop: Stop, line: u64) -> Result<(), Failure> {
        match stop {
            Stop::Line(trouble) => self.say(&trouble, line),
            Stop::Log(trouble) => {
                self.say(&trouble, line)?;
                Err(Failure::Said(Exit::BadInput))
            }
            Stop::System(_) if interrupt::asked() => Err(interrupted(line)),
            Stop::System(error) => {
                let name = display_safe(&self.name);
                Err(Failure::trouble(format!("cannot read {name}: {error}")))
            }
        }
    }

    /// A call cannot be played.
    fn refused(&mut self, refusal: Refusal, line: u64) -> Result<(), Failure> {
        let (column, hint) = match refusal {
            Refusal::OutOfOrder(_) => (Some("start"), Some("sort the log by `start` first")),
            Refusal::TooManyPairs => (
                None,
                Some("does `caller` or `target` hold something that is new in each line?"),
            ),
            Refusal::TooManyUnderWay | Refusal::TooLong | Refusal::NoAnswer => (None, None),
        };
        self.say(
            &Trouble {
                column,
                message: refusal.to_string(),
                hint,
            },
            line,
        )
    }

    fn say(&mut self, trouble: &Trouble, line: u64) -> Result<(), Failure> {
        let column = trouble
            .column
            .map_or_else(String::new, |name| format!(", column `{name}`"));
        let place = match line {
            0 => self.name.clone(),
            line => format!("{}, line {line}{column}", self.name),
        };
        let text = format!("{place}: {}", trouble.message);
        let failure = Failure::input(text);
        self.console.report(match trouble.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        });
        self.count += 1;
        if self.count < MOST_MISTAKES {
            return Ok(());
        }
        self.console
            .say("… and perhaps more: the rest was not read\n");
        Err(Failure::Said(Exit::BadInput))
    }
}
