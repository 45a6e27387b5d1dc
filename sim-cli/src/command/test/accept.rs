//! Storing what the runs say now: all of it, or what a person agrees to.
//!
//! In continuous integration a stored report is a promise that somebody reviewed it, so nothing is
//! ever stored there, whatever is asked for.

use super::check::{Against, Checked, Outcome, Played};
use super::results::store_name;
use super::{show, store};
use crate::args::TestArgs;
use crate::console::Console;
use crate::exit::Failure;
use crate::input;
use std::io::{self, BufRead};

/// What a person answers.
enum Answer {
    Store,
    Leave,
    Stop,
}

/// Stores what is asked for.
pub(super) fn accept(
    checked: &mut [Checked],
    args: &TestArgs,
    console: &mut Console,
) -> Result<(), Failure> {
    if !args.update && !args.review {
        return Ok(());
    }
    if input::in_ci() {
        console.remark("CI is set: nothing is stored\n");
        return Ok(());
    }
    let mut answers = io::stdin().lock();
    for one in checked.iter_mut().filter(|one| is_open(one)) {
        let answer = if args.review {
            ask(one, &mut answers, console)?
        } else {
            Answer::Store
        };
        match answer {
            Answer::Store => keep(one)?,
            Answer::Leave => {}
            Answer::Stop => return Ok(()),
        }
    }
    Ok(())
}

/// Whether there is something to store: not for a run that was cut short by a limit.
fn is_open(one: &Checked) -> bool {
    match one.against() {
        None | Some(Against::Same | Against::Written) => false,
        Some(
            Against::NotStored
            | Against::Missing
            | Against::SameSummary
            | Against::SameRun
            | Against::Differs(_)
            | Against::Unreadable(_),
        ) => true,
    }
}

fn keep(one: &mut Checked) -> Result<(), Failure> {
    if let Outcome::Played(played) = &mut one.result {
        let played: &mut Played = played;
        store::write(&one.found.store, &played.new)?;
        played.against = Against::Written;
    }
    Ok(())
}

/// Shows one scenario and asks until there is an answer; the end of the input means stop.
fn ask(
    one: &Checked,
    answers: &mut impl BufRead,
    console: &mut Console,
) -> Result<Answer, Failure> {
    console.text(&show::one(one))?;
    loop {
        let question = format!(
            "store it in {}? [y]es, [n]o, [q]uit: ",
            store_name(&one.found)
        );
        console.say(&question);
        let mut line = String::new();
        let read = answers.read_line(&mut line);
        match (read, line.trim()) {
            (Ok(0) | Err(_), _) | (Ok(_), "q" | "quit") => return Ok(Answer::Stop),
            (Ok(_), "y" | "yes") => return Ok(Answer::Store),
            (Ok(_), "n" | "no") => return Ok(Answer::Leave),
            (Ok(_), _) => {}
        }
    }
}
