//! The commands, one file each.

mod backoff;
mod backtest;
mod compare;
mod divergence;
mod explain;
mod fact_log;
mod limits;
mod new;
mod play;
mod print;
mod replay;
mod replicate;
mod report;
mod run;
mod scenario;
mod search;
mod sweep;
mod test;
mod trace;
mod tune;
mod usage;
mod validate;

use crate::args::{Command, CommandLine};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use clap::Parser;

/// Reads the command line, does what it says, and says how that went.
pub(crate) fn main() -> Exit {
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(refused) => return usage::answer(&refused),
    };
    let mut console = Console::standard(line.look.color, line.look.ascii, line.look.quiet);
    match execute(line.command, &mut console) {
        Ok(exit) => exit,
        Err(failure) => console.report(failure),
    }
}

fn execute(command: Command, console: &mut Console) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => run::run(&args, console),
        Command::Compare(args) => compare::compare(&args, console),
        Command::Sweep(args) => sweep::sweep(&args, console),
        Command::Limits(args) => limits::limits(&args, console),
        Command::Tune(args) => tune::tune(&args, console),
        Command::Validate(args) => validate::validate(&args, console),
        Command::New(args) => new::new(&args, console),
        Command::Replay(args) => replay::replay(&args, console),
        Command::Test(args) => test::test(&args, console),
        Command::Trace(args) => trace::trace(&args, console),
        Command::Backtest(args) => backtest::backtest(&args, console),
        Command::Backoff(args) => backoff::backoff(&args, console),
        Command::Explain { code } => explain::explain(code.as_deref(), console),
        Command::Schema { format } => print::schema(format, console),
        Command::Completions { shell } => print::completions(shell, console),
        Command::Man { output } => print::man(output.as_deref(), console),
    }
}
