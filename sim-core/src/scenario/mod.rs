//! What a person writes: from the text of a scenario to a checked model.
//!
//! A text becomes a tree that knows its places (`tree`), the tree becomes typed sections
//! (`file`), the sections become a model (`compile`); what is legal but probably not meant is
//! said by `lint`. All that is written for one layer of a policy is in one place (`layer`). Every stage collects its mistakes as [`diagnostic::Diagnostic`]s, so that all
//! are shown at once, each with its place, its reason and a hint. Nothing after this room reports
//! a mistake in a scenario.

mod budget;
mod compile;
pub mod diagnostic;
mod draft;
pub mod expect;
mod file;
mod inline;
mod layer;
mod like;
mod lint;
mod mark;
mod places;
mod policies;
mod preset;
mod read;
mod reference;
mod schema;
mod set;
mod shape;
#[cfg(test)]
mod tests;
mod text_kind;
mod tree;
pub(crate) mod value;
mod yaml;

pub use diagnostic::{Diagnostic, Diagnostics, Origin, Severity, Span, display_safe};
pub use draft::{Draft, SweepSection};
pub use expect::{Bound, Expectation, FINDING_CODES, InRuns, Measure, RecoveryOf, Scenario};
pub use lint::LINT_CODES;
pub use places::{Places, Position};
pub use policies::{Policy, PolicyLayer, breaker_preset, holds_only_policies, load_policies};
pub use preset::{LayerPresets, Preset, Row, budget_presets, layer_presets, pipeline_presets};
pub use reference::reference;
pub use schema::json_schema;
pub use text_kind::{TextKind, text_kind};
pub use value::is_name;

use file::ScenarioFile;
use tree::Node;

/// The text of a scenario.
#[derive(Clone, Debug)]
pub struct Source {
    /// What messages call it: the file's name.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// A scenario that can be run.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// What is legal but probably not meant, by position.
    pub warnings: Vec<Diagnostic>,
    /// The scenario on one line, complete in itself: loading it gives the same scenario with the
    /// same hash.
    pub normalised: String,
    /// What `squall sweep` varies unless told otherwise.
    pub sweep: Option<SweepSection>,
}

/// The name of a text by its content: the first 16 hexadecimal digits of its BLAKE3 hash.
pub fn fingerprint(text: &str) -> String {
    let hash = blake3::hash(text.as_bytes()).to_hex();
    hash[..16].to_owned()
}

/// Reads a scenario. `sets` are paths with values that replace what the text says; `files` reads a
/// file of values that the text names.
pub fn load(
    source: &Source,
    sets: &[(String, String)],
    files: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Loaded, Diagnostics> {
    let (draft, found) = Draft::start(source, sets, files)?;
    draft.complete(found)
}

/// The scenario with its presets written out as the settings that they stand for, as YAML. Comments
/// are not kept.
pub fn expand(source: &Source, sets: &[(String, String)]) -> Result<String, Diagnostics> {
    let (mut tree, found) = parsed(source, sets)?;
    if found.has_errors() {
        return Err(found.sorted());
    }
    preset::write_out(&mut tree);
    Ok(yaml::write(&tree))
}

/// The tree of a text, in which `sets` have replaced values.
fn parsed(source: &Source, sets: &[(String, String)]) -> Result<(Node, Diagnostics), Diagnostics> {
    let mut tree = tree::parse(&source.text, Origin::File)?;
    let mut found = Diagnostics::new();
    for (index, (path, value)) in (0..).zip(sets) {
        if let Err(problem) = set_one(&mut tree, path, value, Origin::Set(index)) {
            found.push(problem);
        }
    }
    Ok((tree, found))
}

fn set_one(tree: &mut Node, path: &str, value: &str, origin: Origin) -> Result<(), Diagnostic> {
    let value = tree::parse(value, origin)?;
    let span = Span {
        origin,
        line: 1,
        column: 1,
        ..Span::default()
    };
    set::apply(tree, path, &value, span)
}

fn finish(file: &ScenarioFile, tree: &Node, mut found: Diagnostics) -> Result<Loaded, Diagnostics> {
    let mut compiled = compile::compile(file, tree);
    found.append(std::mem::take(&mut compiled.found));
    // What a sweep would vary is no part of what one run is.
    let normalised = tree::normalised(&tree.without("sweep"));
    if normalised.len() > tree::MAX_BYTES {
        let message = "with its files the scenario is larger than a report can hold (16 MiB)";
        found.push(Diagnostic::error("too-large", tree.span, message));
    }
    if found.has_errors() {
        return Err(found.sorted());
    }
    lint::all(&compiled, &mut found);
    let scenario = Scenario {
        name: file.scenario.0.clone(),
        title: file
            .title
            .as_ref()
            .map_or_else(String::new, |text| text.0.clone()),
        question: file
            .question
            .as_ref()
            .map_or_else(String::new, |text| text.0.clone()),
        seed: file.run.0.as_ref().map_or(1, |run| run.seed.0),
        places: Places::of(&compiled.places, &compiled.model),
        model: compiled.model,
        expectations: compiled.expectations,
        hash: blake3::hash(normalised.as_bytes()).to_hex().to_string(),
    };
    Ok(Loaded {
        scenario,
        warnings: found.sorted().into_vec(),
        normalised,
        sweep: file.sweep.as_ref().map(draft::section),
    })
}
