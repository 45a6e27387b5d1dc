//! A scenario whose settings are still being tried.
//!
//! A sweep loads one text thousands of times with other values in it. The text is taken apart once;
//! each trial copies the tree, puts its values in and compiles it. What that gives is what loading
//! the text with `--set` for each value would give.

use super::diagnostic::{Diagnostic, Diagnostics, Origin, Span};
use super::file::ScenarioFile;
use super::file::sweep::{DesignFile, SweepFile};
use super::inline;
use super::loaded::{Loaded, Scenario, Source, SweepSection};
use super::places::Places;
use super::read::{FileType, Reader};
use super::set;
use super::set::{parsed, set_one};
use super::tree::{Node, normalised};
use super::value::Count;
use super::{compile, lint, preset, tree, yaml};

/// The text of a scenario, taken apart.
#[derive(Clone, Debug)]
pub struct Draft {
    tree: Node,
    /// Settings that were put in already [count].
    sets: u32,
}

impl Draft {
    /// Takes a text apart and puts settings and values from files in.
    pub fn read(
        source: &Source,
        sets: &[(String, String)],
        files: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<Self, Diagnostics> {
        let (draft, found) = Self::start(source, sets, files)?;
        if found.has_errors() {
            return Err(draft.complete(found).err().unwrap_or_default());
        }
        Ok(draft)
    }

    /// The same, with what is wrong with settings and files beside it.
    pub(super) fn start(
        source: &Source,
        sets: &[(String, String)],
        files: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<(Self, Diagnostics), Diagnostics> {
        let (mut tree, mut found) = parsed(source, sets)?;
        inline::files(&mut tree, files, &mut found);
        let sets = sets.len() as u32;
        Ok((Self { tree, sets }, found))
    }

    /// The scenario with these values at these paths. Complaints call the first of them the
    /// setting after those that were put in at the start.
    pub fn with<'v>(
        &self,
        values: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> Result<Loaded, Diagnostics> {
        let mut trial = self.clone();
        let mut found = Diagnostics::new();
        for (index, (path, value)) in (self.sets..).zip(values) {
            if let Err(problem) = set_one(&mut trial.tree, path, value, Origin::Set(index)) {
                found.push(problem);
            }
        }
        trial.complete(found)
    }

    /// Reads and compiles what the tree holds.
    pub(super) fn complete(&self, mut found: Diagnostics) -> Result<Loaded, Diagnostics> {
        let mut reader = Reader::default();
        let mut whole = self.tree.clone();
        preset::apply_presets(&mut whole);
        let file = ScenarioFile::read(&whole, &mut reader);
        found.append(reader.found);
        match file {
            Some(file) => finish(&file, &self.tree, found),
            None => Err(found.sorted()),
        }
    }

    /// Whether a path leads to a place; the complaint names the nearest key.
    pub fn check_path(&self, path: &str) -> Result<(), Diagnostic> {
        self.tree_with(&[(path, "1")]).map(drop)
    }

    /// The single value at a path, if the text or a setting put one there.
    pub fn value_at(&self, path: &str) -> Option<String> {
        set::scalar(&self.tree, path)
    }

    /// The parts of the text that these values change, with them put in, as YAML: the section and
    /// the entry in it around each.
    pub fn snippet(&self, values: &[(String, String)]) -> String {
        let mut trial = self.tree.clone();
        let mut wanted: Vec<(&str, &str)> = Vec::new();
        for (path, value) in values {
            // The values were checked when they were tried.
            let _ = set_one(&mut trial, path, value, Origin::Set(self.sets));
            let mut parts = path.split(['.', '[']);
            let place = (
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default(),
            );
            if !wanted.contains(&place) {
                wanted.push(place);
            }
        }
        yaml::write(&trial.only(&wanted))
    }

    /// Whether nothing is left of a value at the one path once a value is put at the other: they
    /// lead to one place, or the other leads to what is around it.
    pub fn is_hidden(&self, path: &str, by: &str) -> bool {
        let text = |value| {
            let tree = self.tree_with(&[(path, value), (by, "1")]);
            tree.map(|tree| normalised(&tree))
        };
        match (text("1"), text("2")) {
            (Ok(one), Ok(other)) => one == other,
            (Err(_), _) | (_, Err(_)) => true,
        }
    }

    fn tree_with(&self, sets: &[(&str, &str)]) -> Result<Node, Diagnostic> {
        let origin = Origin::Set(self.sets);
        let span = Span {
            origin,
            line: 1,
            column: 1,
            ..Span::default()
        };
        let mut tree = self.tree.clone();
        for (path, value) in sets {
            set::apply(&mut tree, path, &Node::scalar(value, span), span)?;
        }
        Ok(tree)
    }
}

/// Compiles what was read.
fn finish(file: &ScenarioFile, tree: &Node, mut found: Diagnostics) -> Result<Loaded, Diagnostics> {
    let mut compiled = compile::compile(file, tree);
    found.append(std::mem::take(&mut compiled.found));
    // What a sweep would vary is no part of what one run is.
    let normalised = normalised(&tree.without("sweep"));
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
        sweep: file.sweep.as_ref().map(section),
    })
}

/// What the file says about sweeps.
fn section(file: &SweepFile) -> SweepSection {
    let vary = file.vary.iter().map(|one| {
        let (path, values) = (&one.value.path.0, &one.value.values.0);
        format!("{path}={values}")
    });
    SweepSection {
        vary: vary.collect(),
        replications: file.replications.map(Count::get),
        design: match &file.design {
            DesignFile::Grid => "grid".to_owned(),
            DesignFile::Random(points) => format!("random {}", points.get()),
            DesignFile::Lhs(points) => format!("lhs {}", points.get()),
        },
    }
}
