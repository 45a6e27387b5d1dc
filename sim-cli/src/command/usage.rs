//! Answers to a command line that asks for help, or makes no sense.

use crate::console::{ColorChoice, Console, safe_lines};
use crate::exit::Exit;
use clap::error::ErrorKind;

/// Prints what was asked for, or what is wrong with the command line.
pub(crate) fn answer(refused: &clap::Error) -> Exit {
    let mut console = Console::standard(ColorChoice::Auto, false, false);
    if is_answer(refused.kind()) {
        return print(refused, &mut console);
    }
    // The message repeats arguments, so it is made safe as a whole, without colour.
    console.say(&safe_lines(&refused.render().to_string()));
    Exit::BadInput
}

fn print(help: &clap::Error, console: &mut Console) -> Exit {
    let text = if console.look.color_out {
        help.render().ansi().to_string()
    } else {
        help.render().to_string()
    };
    match console.data(&text) {
        Ok(()) => Exit::Ok,
        Err(failure) => console.report(failure),
    }
}

fn is_answer(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
}
