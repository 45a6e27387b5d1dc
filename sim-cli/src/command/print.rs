//! Texts for editors and shells: schema, completions, manual.

use crate::args::{CommandLine, SchemaFormat};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::output::Folder;
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use std::path::Path;

/// What may stand in a scenario: the JSON Schema, or the reference.
pub(crate) fn schema(format: SchemaFormat, console: &mut Console) -> Result<Exit, Failure> {
    let text = match format {
        SchemaFormat::Json => format!("{:#}\n", sim_core::scenario::json_schema()),
        SchemaFormat::Markdown => sim_core::scenario::reference(),
    };
    console.data(&text)?;
    Ok(Exit::Ok)
}

/// The completions of a shell.
pub(crate) fn completions(shell: Shell, console: &mut Console) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "squall", &mut script);
    console.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}

/// The manual page, or the pages of all commands into a folder.
pub(crate) fn man(folder: Option<&Path>, console: &mut Console) -> Result<Exit, Failure> {
    let mut command = CommandLine::command();
    // Gives each command below its full name, `squall-run`.
    command.build();
    match folder {
        None => console.data(&page(&Man::new(command))?)?,
        Some(path) => pages(&command, path)?,
    }
    Ok(Exit::Ok)
}

fn pages(command: &clap::Command, path: &Path) -> Result<(), Failure> {
    let mut folder = Folder::open(path, &[], &["squall.1"])?;
    for one in std::iter::once(command).chain(command.get_subcommands()) {
        let man = Man::new(one.clone());
        folder.put(&man.get_filename(), &page(&man)?)?;
    }
    folder.finish()
}

fn page(man: &Man) -> Result<String, Failure> {
    let mut text = Vec::new();
    let written = man.render(&mut text);
    written.map_err(|error| Failure::trouble(format!("cannot make the manual page: {error}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
