//! Scenarios to start from.

use crate::args::NewArgs;
use crate::console::{Console, wrapped};
use crate::exit::{Exit, Failure};
use crate::input::is_dash;
use crate::output::write_new;
use crate::templates::{self, Template};
use sim_core::scenario::is_name;
use std::path::{Path, PathBuf};

/// Writes one, or lists them.
pub(crate) fn new(args: &NewArgs, console: &mut Console) -> Result<Exit, Failure> {
    let Some(name) = args.from.as_deref().filter(|_| !args.list) else {
        console.text(&list())?;
        return Ok(Exit::Ok);
    };
    let template = templates::find(name).ok_or_else(|| unknown(name))?;
    let default = || PathBuf::from(format!("{name}.yaml"));
    let path = args.file.clone().unwrap_or_else(default);
    if is_dash(&path) {
        console.data(template.text)?;
    } else {
        write(&path, &named_after(&path, template), console)?;
    }
    Ok(Exit::Ok)
}

/// The scenario under the name of its file, where that can be a name: reports name the file to play
/// again by the scenario.
fn named_after(path: &Path, template: &Template) -> String {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let name = stem.filter(|stem| is_name(stem)).unwrap_or(template.name);
    let (old, new) = (
        format!("scenario: {}\n", template.name),
        format!("scenario: {name}\n"),
    );
    template.text.replacen(&old, &new, 1)
}

fn write(path: &Path, text: &str, console: &Console) -> Result<(), Failure> {
    write_new(path, text)?;
    let shown = crate::exit::shown(path);
    console.remark(&format!("{shown} is written; run it with `squall run`\n"));
    Ok(())
}

fn unknown(name: &str) -> Failure {
    let names: Vec<&str> = templates::ALL.iter().map(|one| one.name).collect();
    let hint = format!("there are {}", names.join(", "));
    Failure::input(format!("there is no scenario `{name}` to start from")).hint(hint)
}

/// Names with the question that each asks, below each other.
fn list() -> String {
    let lines = templates::ALL.iter().map(|one| match one.question() {
        Some(question) => format!("{}\n{}", one.name, wrapped(question, 4)),
        None => format!("{}\n", one.name),
    });
    lines.collect()
}
