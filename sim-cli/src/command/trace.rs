//! One call of a run: the run is played once to find it, and once more to record it.

use super::play::{Brake, play};
use super::scenario::Asked;
use crate::args::{TraceArgs, TraceFormat, WhichCall};
use crate::console::{Console, WIDTH};
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::view::escaped_json;

use sim_core::experiment::Play;
use sim_core::id::ClientId;
use sim_core::model::fact::{CallNo, Fact, Observer};
use sim_core::report::{CallTrace, Pick, Picker, TRACE_VERSION, Tracer};
use sim_core::scenario::Scenario;
use sim_core::scenario::diagnostic::did_you_mean;
use sim_core::time::SimTime;

/// Shows one call.
pub(crate) fn trace(args: &TraceArgs, console: &mut Console) -> Result<Exit, Failure> {
    let loaded = Asked::read(&args.scenario)?.load_aloud(console)?;
    let scenario = &loaded.scenario;
    let client = args
        .client
        .as_deref()
        .map(|name| client(scenario, name))
        .transpose()?;
    let which = Play {
        seed: args.seed.unwrap_or(scenario.seed),
        replication: args.replication,
    };
    interrupt::watch()?;
    let call = find(scenario, which, args.which, client, console)?;
    let trace = record(scenario, which, call, console)?;
    match args.format {
        TraceFormat::Human => {
            console.text(&sim_view::waterfall(&trace, WIDTH, console.look.ascii))?;
        }
        TraceFormat::Json => console.data(&json(scenario, which, &trace))?,
        TraceFormat::Perfetto => {
            console.data(&escaped_json(sim_view::perfetto(&trace)))?;
        }
    }
    Ok(Exit::Ok)
}

fn client(scenario: &Scenario, name: &str) -> Result<ClientId, Failure> {
    let clients = &scenario.model.clients;
    let known = clients.iter_enumerated().find(|(_, one)| one.name == name);
    known.map(|(id, _)| id).ok_or_else(|| {
        let names: Vec<&str> = clients.iter().map(|one| one.name.as_str()).collect();
        let failure = Failure::input(format!("there is no client `{name}` in the scenario"));
        match did_you_mean(name, names) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })
}

/// The number of the call that is asked for.
fn find(
    scenario: &Scenario,
    which: Play,
    call: WhichCall,
    client: Option<ClientId>,
    console: &Console,
) -> Result<CallNo, Failure> {
    let (pick, missing) = match call {
        WhichCall {
            call: Some(number), ..
        } => return Ok(number),
        WhichCall { slowest: true, .. } => (Pick::Slowest, "no call ended"),
        WhichCall { typical: true, .. } => (Pick::Typical, "no call ended `ok`"),
        WhichCall { .. } => (Pick::FirstFailure, "every call that ended was useful"),
    };
    let picker = Picker::new(&scenario.model, pick, client);
    let (_, picker) = play(scenario, which, picker, &Brake::default(), console)?;
    picker.found().ok_or_else(|| {
        Failure::input(format!(
            "there is no such call: after the warm-up {missing}"
        ))
    })
}

/// Ends the run as soon as everything about the call is known.
struct Until<'a> {
    tracer: Tracer<'a>,
    brake: &'a Brake,
}

impl Observer for Until<'_> {
    fn on_fact(&mut self, now: SimTime, fact: &Fact) {
        self.tracer.on_fact(now, fact);
        if self.tracer.is_complete() {
            self.brake.pull();
        }
    }
}

fn record(
    scenario: &Scenario,
    which: Play,
    call: CallNo,
    console: &Console,
) -> Result<CallTrace, Failure> {
    let brake = Brake::default();
    let until = Until {
        tracer: Tracer::new(&scenario.model, call),
        brake: &brake,
    };
    let (_, until) = play(scenario, which, until, &brake, console)?;
    until.tracer.finish().ok_or_else(|| {
        Failure::input(format!("the run makes no call with the number {call}"))
            .hint("numbers begin at 1; `run --events FILE` lists all facts with their numbers")
    })
}

fn json(scenario: &Scenario, which: Play, trace: &CallTrace) -> String {
    let value = serde_json::json!({
        "trace_version": TRACE_VERSION,
        "scenario": scenario.name,
        "scenario_hash": scenario.hash,
        "seed": which.seed.to_string(),
        "replication": which.replication,
        "call": trace,
    });
    crate::view::pretty(&value)
}
