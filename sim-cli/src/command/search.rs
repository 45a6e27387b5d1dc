//! What searches over settings have in common: every path and every value is tried before anything
//! is simulated.

use super::scenario::Asked;
use crate::console::Console;
use crate::exit::Failure;
use sim_core::experiment::bench::Values;
use sim_core::experiment::design::{Axis, BadDesign};
use sim_core::scenario::Draft;

/// A design that makes no sense.
pub(super) fn refused(wrong: BadDesign) -> Failure {
    let failure = Failure::input(wrong.message);
    match wrong.hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Reads `PATH=VALUES`, where `option` says which option has it.
pub(super) fn axis(text: &str, option: &str, draft: &Draft) -> Result<Axis, Failure> {
    let axis = Axis::parse(text).map_err(|wrong| {
        let hint = wrong.hint.map(|hint| hint.replace("--vary", option));
        refused(BadDesign { hint, ..wrong })
    })?;
    draft.check_path(&axis.path).map_err(|wrong| {
        refused(BadDesign {
            message: format!("cannot set `{}`: {}", axis.path, wrong.message),
            hint: wrong.hint,
        })
    })?;
    Ok(axis)
}

/// Two settings that lead to one place cannot both be tried.
pub(super) fn check_apart(draft: &Draft, one: &Axis, other: &Axis) -> Result<(), Failure> {
    if one.path == other.path {
        let text = format!("`{}` is there twice", one.path);
        return Err(Failure::input(text).hint("give all its values to one option"));
    }
    if draft.is_hidden(&one.path, &other.path) || draft.is_hidden(&other.path, &one.path) {
        let text = format!("setting `{}` undoes what `{}` sets", other.path, one.path);
        return Err(Failure::input(text).hint("they lead to one place: name one of them"));
    }
    Ok(())
}

/// Every one of these settings must give a scenario.
pub(super) fn check_values<'v>(
    asked: &Asked,
    draft: &Draft,
    settings: impl IntoIterator<Item = &'v Values>,
    console: &Console,
) -> Result<(), Failure> {
    for values in settings {
        let pairs = values.iter();
        let pairs = pairs.map(|(path, value)| (path.as_str(), value.as_str()));
        if let Err(found) = draft.with(pairs) {
            let said = asked.refuse_trial(&found, values.iter().cloned(), console);
            let words: Vec<String> = values.iter().map(|(p, v)| format!("{p}={v}")).collect();
            let words = sim_core::scenario::display_safe(&words.join(" "));
            console.say(&format!(
                "note: this happens at {words}, so nothing is played\n"
            ));
            return Err(said);
        }
    }
    Ok(())
}
