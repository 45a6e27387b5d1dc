//! Shared helpers of the integration tests.

use sim_core::model::spec::ModelSpec;
use sim_core::scenario::{Loaded, Source, load};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All scenarios of the project, by name.
pub(crate) fn scenario_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "yaml"))
        .collect();
    files.sort();
    assert!(files.len() > 5, "the scenarios are missing");
    files
}

/// A scenario of a file, with settings changed.
pub(crate) fn loaded(path: &Path, sets: &[(&str, &str)]) -> Loaded {
    let text = fs::read_to_string(path).unwrap();
    from_text(&path.display().to_string(), &text, sets)
}

/// A scenario of a text, with settings changed.
pub(crate) fn from_text(name: &str, text: &str, sets: &[(&str, &str)]) -> Loaded {
    let sets: Vec<(String, String)> = sets
        .iter()
        .map(|&(path, value)| (path.to_owned(), value.to_owned()))
        .collect();
    let source = Source {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    match load(&source, &sets, &|file| {
        fs::read_to_string(file).map_err(|e| e.to_string())
    }) {
        Ok(loaded) => loaded,
        Err(found) => panic!("{name}:\n{found:#?}"),
    }
}

/// The name of a file without its ending.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The model that a scenario stands for.
pub(crate) fn model(scenario: &str) -> ModelSpec {
    from_text("test", scenario, &[]).scenario.model
}
