//! The room as a whole: texts in, scenarios or complaints out.

mod changes;
mod consequences;
mod ejection;
mod everything;
mod example;
mod extremes;
mod fallbacks;
mod faults;
mod health;
mod hostile;
mod lints;
mod lints_of_lives;
mod lints_of_systems;
mod lives;
mod meant;
mod messages;
mod misuse;
mod paused;
mod places;
mod queues;
mod refusals;
mod sagas;
mod settings;

use super::{Diagnostics, Loaded, Source, load};

/// Loads a text that names no files.
fn load_text(text: &str) -> Result<Loaded, Diagnostics> {
    load_with(text, &[])
}

/// Loads a text with `--set`s.
fn load_with(text: &str, sets: &[(&str, &str)]) -> Result<Loaded, Diagnostics> {
    let source = Source {
        name: "test.yaml".to_owned(),
        text: text.to_owned(),
    };
    let own = |(path, value): &(&str, &str)| ((*path).to_owned(), (*value).to_owned());
    let sets: Vec<(String, String)> = sets.iter().map(own).collect();
    load(&source, &sets, &|name| Err(format!("no file {name}")))
}

/// What is said against a text, which must be refused.
fn refused(text: &str) -> String {
    match load_text(text) {
        Ok(_) => panic!("it is fine:\n{text}"),
        Err(found) => found.to_string(),
    }
}

/// Fails unless the normalised text, which names no files, is the same scenario; gives that one.
fn normalised_is_the_same(first: &Loaded) -> Loaded {
    let again = load_text(&first.normalised).unwrap();
    assert_eq!(again.scenario.hash, first.scenario.hash);
    assert_eq!(
        format!("{:?}", again.scenario.model),
        format!("{:?}", first.scenario.model)
    );
    again
}
