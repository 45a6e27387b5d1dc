//! What several commands are asked alike.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// A scenario, perhaps with changes.
#[derive(Debug, Args)]
pub(crate) struct ScenarioArgs {
    /// The scenario; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Change a setting; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = setting)]
    pub(crate) sets: Vec<(String, String)>,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For a person at a terminal
    #[default]
    Human,
    /// The whole report, for programs
    Json,
    /// For a page or a pull request
    Markdown,
    /// A page of its own
    Html,
}

/// How the result of a check is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For a person at a terminal
    #[default]
    Human,
    /// For editors and scripts
    Json,
}

pub(super) fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.is_empty() => Ok((path.to_owned(), value.to_owned())),
        Some(_) | None => {
            Err("a setting is PATH=VALUE, such as services.payments.threads=80".to_owned())
        }
    }
}

pub(super) fn tolerance(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').and_then(|text| text.parse().ok());
    match number {
        Some(percent @ 0.0..=100.0) => Ok(percent / 100.0),
        Some(_) | None => Err("a share is written like 1%, from 0% to 100%".to_owned()),
    }
}

/// A share that is neither nothing nor all.
pub(super) fn inside(text: &str) -> Result<f64, String> {
    match tolerance(text) {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        Ok(_) | Err(_) => Err("a share is written like 50%, above 0% and below 100%".to_owned()),
    }
}
