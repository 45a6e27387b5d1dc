//! Showing how long the retries of a policy wait.

use super::backtest::{chosen, policies};
use crate::args::{BackoffArgs, CheckFormat};
use crate::console::Console;
use crate::exit::{Exit, Failure};

use crate::view;
use sim_core::report;

/// Shows the waits.
pub(crate) fn backoff(args: &BackoffArgs, console: &mut Console) -> Result<Exit, Failure> {
    let policies = policies(&args.policy, &args.sets, console)?;
    let policy = chosen(policies, args.name.as_deref())?;
    let report = report::backoff(&policy, args.draws.as_deref(), args.retries);
    if report.retries.is_empty() {
        let failure = Failure::input(format!("the policy `{}` has no retry", policy.name));
        return Err(failure.hint("add a layer such as `retry: { backoff: { constant: 100ms } }`"));
    }
    match args.format {
        CheckFormat::Human => {
            console.text(&sim_view::backoff(&report, &view::style(console.look)))?;
        }
        CheckFormat::Json => console.data(&view::pretty(&report))?,
    }
    Ok(Exit::Ok)
}
