//! The `squall` command: arguments, files and words around the simulator.
//!
//! Read `args` for what can be asked, `command` for what is done, `exit` for how it ends. The
//! rules of the channels are in `console`, those of files in `input` and `output`.

mod args;
mod calls;
mod command;
mod console;
mod decisions;
mod diagnostics;
mod exit;
mod input;
mod interrupt;
mod interruptible;
mod output;
mod progress;
mod templates;
mod view;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::main().into()
}
