//! From the record of a run to what people and programs read of it.
//!
//! The report is built once; everything printed or written is a view of it.

use crate::console::{Look, WIDTH};
use crate::input::is_dash;
use serde::Serialize;
use sim_core::experiment::Play;
use sim_core::model::record::RunRecord;
use sim_core::report::{self, Commands, OverrideReport, Report, Request};
use sim_core::scenario::Loaded;
use sim_core::scenario::diagnostic::is_unsafe_to_show;
use sim_view::{Chart, Document, Style};
use std::ffi::OsStr;
use std::path::Path;

/// Folders inside the folder of a report.
pub(crate) const FOLDERS: [&str; 1] = ["charts"];
/// Files in the folder of a report, besides the charts.
pub(crate) const FILES: [&str; 3] = ["report.json", "report.md", "report.html"];
/// Charts that a report may have.
const CHARTS: [&str; 33] = [
    "amplification.svg",
    "breakers.svg",
    "collapse.svg",
    "curve-1.svg",
    "curve-2.svg",
    "curve-3.svg",
    "curve-4.svg",
    "differences.svg",
    "edge.svg",
    "edge-map.svg",
    "effects.svg",
    "envelope.svg",
    "instances.svg",
    "latency.svg",
    "learned-limits.svg",
    "load.svg",
    "loop.svg",
    "map-1.svg",
    "map-2.svg",
    "map-3.svg",
    "map-4.svg",
    "memory.svg",
    "outcomes.svg",
    "phases.svg",
    "pools.svg",
    "queues.svg",
    "recovery.svg",
    "sagas.svg",
    "services.svg",
    "trade-off.svg",
    "tried.svg",
    "turned-away.svg",
    "useful.svg",
];

/// The report of a run.
pub(crate) fn report(
    loaded: &Loaded,
    which: Play,
    sets: &[(String, String)],
    record: &RunRecord,
) -> Report {
    let request = Request {
        play: which,
        overrides: overrides(sets),
        command: command(&loaded.scenario.name, which, sets),
    };
    report::report(loaded, record, &request)
}

/// The settings changed on the command line.
pub(crate) fn overrides(sets: &[(String, String)]) -> Vec<OverrideReport> {
    let overrides = sets.iter().map(|(path, value)| OverrideReport {
        path: path.clone(),
        value: value.clone(),
    });
    overrides.collect()
}

/// The command that plays the run again, with the scenario's name for its file: a report holds no
/// path.
fn command(name: &str, which: Play, sets: &[(String, String)]) -> String {
    let command = one_command(name, which.seed, sets);
    match which.replication {
        0 => command,
        replication => format!("{command} --replication {replication}"),
    }
}

/// The command that plays a run of a seed, up to the number of the replication.
pub(crate) fn one_command(name: &str, seed: u64, sets: &[(String, String)]) -> String {
    let mut command = format!("squall run {name}.yaml --seed {seed}");
    for (path, value) in sets {
        command.push_str(" --set ");
        command.push_str(&quoted(&format!("{path}={value}")));
    }
    command
}

/// A word as a shell needs it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=%:,+@".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// What a person reads at a terminal.
pub(crate) fn human(document: Document<'_>, look: Look) -> String {
    sim_view::terminal(document, &style(look))
}

/// How a terminal of this look wants it.
pub(crate) const fn style(look: Look) -> Style {
    Style {
        color: look.color_out,
        unicode: !look.ascii,
        width: WIDTH,
    }
}

/// The report itself.
pub(crate) fn json(document: Document<'_>) -> String {
    match document {
        Document::Run(report) => pretty(report),
        Document::Replications(report) => pretty(report),
        Document::Comparison(report) => pretty(report),
        Document::Sweep(report) => pretty(report),
        Document::Limits(report) => pretty(report),
        Document::Tune(report) => pretty(report),
    }
}

/// Plain data with finite numbers, so writing it cannot fail.
pub(crate) fn pretty(data: &impl Serialize) -> String {
    let mut text = escaped_json(serde_json::to_string_pretty(data).unwrap_or_default());
    text.push('\n');
    text
}

/// The same JSON in which texts have nothing raw that acts on a terminal or is not seen: JSON itself
/// asks for escapes of the first 32 characters only.
pub(crate) fn escaped_json(json: String) -> String {
    let acts = |c: char| !matches!(c, '\n' | '\r' | '\t') && is_unsafe_to_show(c);
    if !json.contains(acts) {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if acts(c) {
            let units = c.encode_utf16(&mut [0; 2]).to_vec();
            safe.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// What the files of scenarios are called in commands: at a terminal as they were given, in files by
/// their names, since a folder may be read elsewhere. Nothing is known of standard input.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// As they were given.
    pub(crate) given: Vec<Option<String>>,
    /// Their names.
    pub(crate) names: Vec<Option<String>>,
}

impl Files {
    /// These files, in the order in which commands name them.
    pub(crate) fn of<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Self {
        let mut all = Self::default();
        for path in paths {
            let name = path.file_name().filter(|_| !is_dash(path));
            all.given.push(Some(as_argument(path.as_os_str())));
            all.names.push(name.map(as_argument));
        }
        all
    }
}

/// A path as a word that no shell changes and no program takes for an option.
fn as_argument(path: &OsStr) -> String {
    let word = path.to_string_lossy();
    if word.starts_with('-') && word != "-" {
        quoted(&format!("./{word}"))
    } else {
        quoted(&word)
    }
}

/// A report of some kind that tells commands.
pub(crate) trait Viewed: Commands {
    /// What is shown of it.
    fn document(&self) -> Document<'_>;
}

impl<R: Commands> Viewed for R
where
    for<'a> &'a R: Into<Document<'a>>,
{
    fn document(&self) -> Document<'_> {
        self.into()
    }
}

/// A file in the folder of a report.
pub(crate) struct ViewFile {
    /// Its name there.
    pub(crate) name: String,
    /// What it holds; nothing if there is nothing to show.
    pub(crate) text: Option<String>,
}

/// The files in the folder of a report.
pub(crate) fn files(report: &impl Viewed, called: &Files) -> Vec<ViewFile> {
    let named = report.calling(&called.names);
    let (document, named) = (report.document(), named.document());
    let file = |name: &str, text: String| ViewFile {
        name: name.to_owned(),
        text: Some(text),
    };
    let mut files = vec![
        file("report.json", json(document)),
        file("report.md", sim_view::markdown(named)),
        file("report.html", sim_view::html(named)),
    ];
    if let Document::Sweep(report) = document {
        files.push(file("cells.csv", sim_view::sweep_csv(report)));
    }
    files.extend(charts(document));
    files
}

/// The charts. One that has nothing to show this time must not stay from another run.
fn charts(document: Document<'_>) -> impl Iterator<Item = ViewFile> {
    let drawn = sim_view::charts(document);
    debug_assert!(drawn.iter().all(|chart| CHARTS.contains(&chart.file)));
    CHARTS.into_iter().map(move |name| ViewFile {
        name: format!("charts/{name}"),
        text: picture(&drawn, name),
    })
}

fn picture(drawn: &[Chart], name: &str) -> Option<String> {
    let chart = drawn.iter().find(|chart| chart.file == name)?;
    Some(chart.svg.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_shows_nothing_that_acts_and_means_the_same() {
        let text = "a\u{9b}2J b\u{85} c\u{2028} d\u{202e} e\u{e0041} \u{7f} \n雨";
        let json = pretty(&[text]);
        assert!(
            !json
                .trim_end()
                .chars()
                .any(|c| c != '\n' && is_unsafe_to_show(c)),
            "{json}"
        );
        assert!(
            json.contains("\\u009b") && json.contains("\\udb40\\udc41"),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [text]);
    }

    #[test]
    fn the_command_survives_a_shell() {
        let which = Play {
            seed: 7,
            replication: 0,
        };
        let sets = [
            ("services.a.threads".to_owned(), "8".to_owned()),
            ("title".to_owned(), "it's $HOME".to_owned()),
        ];
        assert_eq!(
            command("storm", which, &sets),
            "squall run storm.yaml --seed 7 --set services.a.threads=8 \
             --set 'title=it'\\''s $HOME'"
        );
    }

    #[test]
    fn files_are_called_so_that_the_command_runs() {
        let called = Files::of(["a/b c.yaml", "-x.yaml", "-"].map(Path::new));
        let words = |names: &[Option<String>]| -> Vec<String> {
            let names = names.iter().map(|name| name.clone().unwrap_or_default());
            names.collect()
        };
        assert_eq!(words(&called.given), ["'a/b c.yaml'", "./-x.yaml", "-"]);
        assert_eq!(words(&called.names), ["'b c.yaml'", "./-x.yaml", ""]);
    }
}
