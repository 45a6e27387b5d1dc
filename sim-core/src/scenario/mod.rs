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
#[cfg(test)]
pub(crate) mod fixture;
mod inline;
mod layer;
mod like;
mod lint;
mod lint_codes;
mod loaded;
mod mark;
mod places;
mod policies;
mod policy;
mod preset;
mod problem;
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

pub use diagnostic::{Diagnostic, DiagnosticSeverity, Diagnostics, Origin, Span, display_safe};
pub use draft::Draft;
pub use expect::{Bound, Expectation, FINDING_CODES, InRuns, Measure, RecoveryOf};
pub use lint_codes::LINT_CODES;
pub use loaded::{Loaded, Scenario, Source, SweepSection};
pub use places::{Places, Position};
pub use policies::{breaker_preset, holds_only_policies, load_policies};
pub use policy::{Policy, PolicyLayer};
pub use preset::{
    LayerPresets, Preset, Row, SectionPresets, budget_presets, layer_presets, pipeline_presets,
    pool_presets, section_presets,
};
pub use reference::reference;
pub use schema::json_schema;
pub use text_kind::{TextKind, text_kind};
pub use value::is_name;

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
    let (mut tree, found) = set::parsed(source, sets)?;
    if found.has_errors() {
        return Err(found.sorted());
    }
    preset::write_out(&mut tree);
    Ok(yaml::write(&tree))
}
