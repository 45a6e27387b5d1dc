//! Where the edge is.

use super::replicate::threads;
use super::report::{keep, open_folder, show};
use super::scenario::Asked;
use super::search::{axis, check_apart, check_values, refused};
use crate::args::limits::LimitsArgs;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::progress::SearchMeter;
use crate::view::{self, Files};
use sim_core::experiment::bench::{Bench, Halt, Stand, Values};
use sim_core::experiment::design::{Axis, BadDesign};
use sim_core::experiment::limits::ramp::{Loop, SettingRamp};
use sim_core::experiment::limits::{Care, Failing, Line, find};
use sim_core::report::limits::{LimitsReport, Study, StudyLine, limits_report};
use sim_core::scenario::diagnostic::did_you_mean;
use sim_core::scenario::{Draft, Loaded};
use sim_core::units::Probability;

/// Values between the ends of a range, the ends included.
const PLACES: usize = 65;
/// Runs of a ramp, at most: each shows the whole loop.
const RAMPS: u32 = 10;

/// Everything that was asked for, and found to make sense.
struct Prepared {
    draft: Draft,
    base: Loaded,
    over: Axis,
    map: Option<Axis>,
    failing: Failing,
    care: Care,
    seed: u64,
    lines: Vec<Target>,
    ramp: Option<(SettingRamp, Loaded)>,
}

/// A line that is to be searched.
struct Target {
    line: Line,
    with: String,
    faults: bool,
}

/// Finds the edge.
pub(crate) fn limits(args: &LimitsArgs, console: &mut Console) -> Result<Exit, Failure> {
    let asked = Asked::read(&args.scenario)?;
    let prepared = prepare(args, &asked, console)?;
    let folder = args.output.as_deref().map(open_folder).transpose()?;
    interrupt::watch()?;
    let report = search(&prepared, args, &asked, console)?;
    let files = Files::of([args.scenario.file.as_path()]);
    // What cannot be written is shown at least.
    let kept = folder.map_or(Ok(()), |folder| keep(&report, &files, folder, console));
    show(&report, &files, args.format, console)?;
    kept?;
    Ok(exit_of(&report))
}

fn prepare(args: &LimitsArgs, asked: &Asked, console: &Console) -> Result<Prepared, Failure> {
    let base = asked.load_aloud(console)?;
    let draft = asked
        .draft()
        .map_err(|found| asked.refuse(&found, console))?;
    let over = axis(&args.over, "--over", &draft)?;
    let places = places(&over)?;
    let map = args.map.as_deref();
    let map = map.map(|text| axis(text, "--map", &draft)).transpose()?;
    if let Some(map) = &map {
        check_apart(&draft, &over, map)?;
    }
    let failing = failing(args.failing.as_deref(), &base)?;
    let care = Care {
        level: args.level,
        scan: args.scan as usize,
        runs: args.replications,
    };
    check_runs(care, places.len())?;
    let lines = targets(&over, &places, map.as_ref(), args.without_faults)?;
    let settings: Vec<Values> = lines
        .iter()
        .flat_map(|one| (0..one.line.places.len()).map(|place| one.line.values(place)))
        .collect();
    check_values(asked, &draft, &settings, console)?;
    let ramp = args.ramp.map(|steps| ramp(args, steps, &over, &draft));
    Ok(Prepared {
        seed: args.seed.unwrap_or(base.scenario.seed),
        ramp: ramp.transpose()?,
        draft,
        base,
        over,
        map,
        failing,
        care,
        lines,
    })
}

/// The ramp, and the scenario that plays it.
fn ramp(
    args: &LimitsArgs,
    steps: u32,
    over: &Axis,
    draft: &Draft,
) -> Result<(SettingRamp, Loaded), Failure> {
    let ramp = SettingRamp {
        path: over.path.clone(),
        values: over.places(steps as usize),
        hold_s: u64::from(args.hold),
    };
    let values = ramp.values();
    let pairs = values.iter().map(|(p, v)| (p.as_str(), v.as_str()));
    match draft.with(pairs) {
        Ok(loaded) => Ok((ramp, loaded)),
        // Every step has the same mistake.
        Err(found) => Err(match found.all().first() {
            Some(first) => refused(BadDesign {
                message: format!("there is no ramp of `{}`: {}", over.path, first.message),
                hint: first.hint.clone(),
            }),
            None => Failure::input(format!("there is no ramp of `{}`", over.path)),
        }),
    }
}

/// The values to search between.
fn places(over: &Axis) -> Result<Vec<String>, Failure> {
    let places = over.places(PLACES);
    if !over.is_ordered() || places.len() < 2 {
        let text = format!("`{}={}` has no edge to be found", over.path, over.text);
        let hint = "give two or more numbers with one unit, such as `--over PATH=10ms..1s`";
        return Err(Failure::input(text).hint(hint));
    }
    Ok(places)
}

fn failing(name: Option<&str>, base: &Loaded) -> Result<Failing, Failure> {
    let Some(wanted) = name else {
        return Ok(Failing::Collapse);
    };
    let names = || {
        base.scenario
            .expectations
            .iter()
            .map(|one| one.name.as_str())
    };
    if let Some(place) = names().position(|name| name == wanted) {
        return Ok(Failing::Expectation(place));
    }
    let wrong = Failure::input(format!("the scenario has no expectation `{wanted}`"));
    let all = names().collect::<Vec<_>>().join(", ");
    Err(match did_you_mean(wanted, names()) {
        Some(near) => wrong.hint(near),
        None if all.is_empty() => wrong.hint("it expects nothing; leave out `--failing`"),
        None => wrong.hint(format!("it expects: {all}")),
    })
}

/// A side that no number of runs can show would never be found.
fn check_runs(care: Care, places: usize) -> Result<(), Failure> {
    let fewest = care.fewest_runs(places);
    if care.runs >= fewest {
        return Ok(());
    }
    let (level, runs) = (level(care.level), care.runs);
    let text =
        format!("{runs} runs of a value cannot show that a probability is below or above {level}");
    Err(Failure::input(text).hint(format!(
        "it takes {fewest} that agree: say `-n {fewest}` or more"
    )))
}

fn targets(
    over: &Axis,
    places: &[String],
    map: Option<&Axis>,
    without_faults: bool,
) -> Result<Vec<Target>, Failure> {
    let target = |fixed: Values, with: &str, faults| Target {
        line: Line {
            stand: 0,
            fixed,
            path: over.path.clone(),
            places: places.to_vec(),
        },
        with: with.to_owned(),
        faults,
    };
    let Some(map) = map else {
        let mut all = vec![target(Values::new(), "", true)];
        if without_faults {
            let none = |section: &str| (section.to_owned(), "{}".to_owned());
            all.push(target(vec![none("faults"), none("expect")], "", false));
        }
        return Ok(all);
    };
    let Some(values) = map.listed() else {
        let text = format!("`--map {}={}` has no end of values", map.path, map.text);
        return Err(
            Failure::input(text).hint(format!("write `{0} step …` or `{0} log 5`", map.text))
        );
    };
    let with = |value: &String| target(vec![(map.path.clone(), value.clone())], value, true);
    Ok(values.iter().map(with).collect())
}

fn search(
    prepared: &Prepared,
    args: &LimitsArgs,
    asked: &Asked,
    console: &Console,
) -> Result<LimitsReport, Failure> {
    let stands = [Stand {
        draft: prepared.draft.clone(),
        name: prepared.base.scenario.name.clone(),
        seed: prepared.seed,
        figures: Vec::new(),
    }];
    let meter = SearchMeter::new("searching", console.quiet);
    let bench = Bench {
        stands: &stands,
        threads: threads(args.threads),
        watcher: &meter,
    };
    let lines: Vec<Line> = prepared.lines.iter().map(|one| one.line.clone()).collect();
    let (searches, halt) = find(&bench, &lines, prepared.failing, prepared.care);
    if let Some(Halt::Unfit(why)) = halt {
        return Err(Failure::input(why));
    }
    let loops = ramped(prepared, args, halt.is_some());
    drop(meter);
    let found = prepared.lines.iter().zip(searches);
    let found: Vec<StudyLine> = found
        .map(|(one, search)| StudyLine {
            line: one.line.clone(),
            with: one.with.clone(),
            faults: one.faults,
            search,
        })
        .collect();
    let ramp = prepared.ramp.as_ref().map(|(ramp, _)| ramp);
    let stopped = halt.is_some() || (ramp.is_some() && loops.is_none());
    Ok(limits_report(Study {
        draft: &prepared.draft,
        base: &prepared.base,
        overrides: view::overrides(asked.sets()),
        over: &prepared.over,
        map: prepared.map.as_ref(),
        failing: prepared.failing,
        care: prepared.care,
        seed: prepared.seed,
        lines: &found,
        ramp: ramp.zip(loops.as_deref()),
        stopped,
        command: command(prepared, args, asked.sets()),
    }))
}

/// The runs of the ramp; none if there is no ramp, or somebody stopped it.
fn ramped(prepared: &Prepared, args: &LimitsArgs, is_stopped: bool) -> Option<Vec<Loop>> {
    let (ramp, loaded) = prepared.ramp.as_ref().filter(|_| !is_stopped)?;
    let runs = RAMPS.min(args.replications);
    ramp.play(loaded, prepared.seed, runs, threads(args.threads), &|| {
        !interrupt::asked()
    })
}

/// A level as it is written.
fn level(share: f64) -> String {
    Probability::new(share).map_or_else(String::new, |share| share.to_string())
}

/// The command that searches again, with the scenario's name for its file.
fn command(prepared: &Prepared, args: &LimitsArgs, sets: &[(String, String)]) -> String {
    let mut command = format!("squall limits {}.yaml", prepared.base.scenario.name);
    let mut add = |option: &str, value: &str| {
        command.extend([" ", option, " ", &view::quoted(value)]);
    };
    for (path, value) in sets {
        add("--set", &format!("{path}={value}"));
    }
    add("--over", &args.over);
    if let Some(name) = &args.failing {
        add("--failing", name);
    }
    add("--level", &level(args.level));
    if let Some(map) = &args.map {
        add("--map", map);
    }
    if let Some(steps) = args.ramp {
        add("--ramp", &steps.to_string());
        add("--hold", &args.hold.to_string());
    }
    add("--scan", &args.scan.to_string());
    add("--replications", &args.replications.to_string());
    add("--seed", &prepared.seed.to_string());
    if args.without_faults {
        command.push_str(" --without-faults");
    }
    command
}

/// An edge that is nowhere is an answer; one that nobody can tell is none.
fn exit_of(report: &LimitsReport) -> Exit {
    if report.stopped {
        Exit::Interrupted
    } else if report.is_unclear() {
        Exit::Inconclusive
    } else {
        Exit::Ok
    }
}
