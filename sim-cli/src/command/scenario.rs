//! Loading what is to be run, and saying what is wrong with it.

use crate::args::ScenarioArgs;
use crate::console::Console;
use crate::diagnostics::{self, Texts};
use crate::exit::{Exit, Failure};
use crate::input::{self, Companions};
use sim_core::scenario::{
    Diagnostic, DiagnosticSeverity, Diagnostics, Draft, Loaded, Policy, Source, expand,
    holds_only_policies, load, load_policies,
};

/// What the command line asks to run: the text and its changes.
#[derive(Debug)]
pub(crate) struct Asked {
    source: Source,
    sets: Vec<(String, String)>,
    companions: Companions,
}

impl Asked {
    /// Reads the text.
    pub(crate) fn read(args: &ScenarioArgs) -> Result<Self, Failure> {
        let text = input::text(&args.file, input::SCENARIO_BYTES)?;
        Ok(Self {
            source: Source {
                name: input::name_of(&args.file),
                text,
            },
            sets: args.sets.clone(),
            companions: Companions::of(&args.file),
        })
    }

    /// The same text with other changes.
    pub(crate) fn with_sets(&self, sets: &[(String, String)]) -> Self {
        Self {
            source: self.source.clone(),
            sets: sets.to_vec(),
            companions: self.companions.clone(),
        }
    }

    /// The scenario, or everything that is wrong with it.
    pub(crate) fn load(&self) -> Result<Loaded, Diagnostics> {
        load(&self.source, &self.sets, &|name| self.companions.read(name))
    }

    /// Whether the text holds policies and nothing that runs.
    pub(crate) fn holds_only_policies(&self) -> bool {
        holds_only_policies(&self.source.text)
    }

    /// The policies of the text, or everything that is wrong with them.
    pub(crate) fn policies(&self) -> Result<Vec<Policy>, Diagnostics> {
        load_policies(&self.source, &self.sets, &|name| self.companions.read(name))
    }

    /// The scenario as a text in which presets are written out.
    pub(crate) fn expand(&self) -> Result<String, Diagnostics> {
        expand(&self.source, &self.sets)
    }

    /// The scenario taken apart, to be tried with other values.
    pub(crate) fn draft(&self) -> Result<Draft, Diagnostics> {
        Draft::read(&self.source, &self.sets, &|name| self.companions.read(name))
    }

    /// Shows what is wrong with a trial that has these values besides.
    pub(crate) fn refuse_trial(
        &self,
        found: &Diagnostics,
        values: impl Iterator<Item = (String, String)>,
        console: &Console,
    ) -> Failure {
        let sets: Vec<(String, String)> = self.sets.iter().cloned().chain(values).collect();
        let texts = Texts {
            sets: &sets,
            given: self.sets.len(),
            ..self.texts()
        };
        console.say(&diagnostics::render(found.all(), &texts, console.look));
        Failure::Said(Exit::BadInput)
    }

    /// The scenario. Warnings and errors are said.
    pub(crate) fn load_aloud(&self, console: &Console) -> Result<Loaded, Failure> {
        let loaded = self.load().map_err(|found| self.refuse(&found, console))?;
        if !console.quiet {
            let is_warning = |one: &&Diagnostic| one.severity == DiagnosticSeverity::Warning;
            let warnings: Vec<Diagnostic> =
                loaded.warnings.iter().filter(is_warning).cloned().collect();
            self.show(&warnings, console);
        }
        Ok(loaded)
    }

    /// Shows what is wrong; the failure that is left has nothing more to say.
    pub(crate) fn refuse(&self, found: &Diagnostics, console: &Console) -> Failure {
        self.show(found.all(), console);
        Failure::Said(Exit::BadInput)
    }

    /// Shows diagnostics.
    pub(crate) fn show(&self, found: &[Diagnostic], console: &Console) {
        console.say(&self.rendered(found, console));
    }

    /// Diagnostics as a person reads them.
    pub(crate) fn rendered(&self, found: &[Diagnostic], console: &Console) -> String {
        diagnostics::render(found, &self.texts(), console.look)
    }

    /// What diagnostics are about.
    pub(crate) fn texts(&self) -> Texts<'_> {
        Texts {
            name: &self.source.name,
            text: &self.source.text,
            sets: &self.sets,
            given: self.sets.len(),
        }
    }

    /// The changes of settings.
    pub(crate) fn sets(&self) -> &[(String, String)] {
        &self.sets
    }
}

/// The scenario that a report holds.
pub(crate) fn of_report(name: &str, text: &str, console: &Console) -> Result<Loaded, Failure> {
    let source = Source {
        name: format!("{name} (its scenario)"),
        text: text.to_owned(),
    };
    load(&source, &[], &input::no_files).map_err(|found| {
        let texts = Texts {
            name: &source.name,
            text,
            sets: &[],
            given: 0,
        };
        console.say(&diagnostics::render(found.all(), &texts, console.look));
        Failure::Said(Exit::BadInput)
    })
}
