//! Results as the XML of `JUnit`, which every build server reads: a suite for each scenario, a case for
//! each expectation and one for the stored report. There are no times: the same run gives the same
//! bytes.

use super::super::check::{Against, Checked, Outcome};
use super::super::find::Other;
use super::super::results::Results;
use super::{fields, human};
use sim_core::report::{ExpectationReport, Verdict};
use sim_core::scenario::diagnostic::display_safe;
use std::fmt::Write;

/// What became of a case.
enum End {
    Passed,
    /// Kind, short text, long text.
    Failed(&'static str, String, String),
    /// Kind, short text, long text.
    Error(&'static str, String, String),
    /// Why.
    Skipped(&'static str),
}

/// A case of a suite.
struct Case {
    name: String,
    line: Option<u32>,
    end: End,
}

/// A suite.
struct Suite {
    name: String,
    file: String,
    cases: Vec<Case>,
}

/// The whole document.
pub(super) fn text(results: &Results) -> String {
    let mut suites: Vec<Suite> = results.checked.iter().map(suite).collect();
    if !results.orphans.is_empty() {
        suites.push(orphans(results));
    }
    if !results.others.is_empty() {
        suites.push(others(results));
    }
    let cases = || suites.iter().flat_map(|suite| &suite.cases);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"squall\" {}>", counts(cases()));
    for suite in &suites {
        write_suite(&mut text, suite);
    }
    text.push_str("</testsuites>\n");
    text
}

fn counts<'a>(cases: impl Iterator<Item = &'a Case>) -> String {
    let (mut tests, mut failures, mut errors, mut skipped) = (0, 0, 0, 0);
    for case in cases {
        tests += 1;
        failures += usize::from(matches!(case.end, End::Failed(..)));
        errors += usize::from(matches!(case.end, End::Error(..)));
        skipped += usize::from(matches!(case.end, End::Skipped(_)));
    }
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"")
}

fn suite(checked: &Checked) -> Suite {
    let file = checked.name();
    let (name, cases) = match &checked.result {
        Outcome::Refused(refused) => {
            let end = End::Error("bad-input", refused.first.clone(), refused.words.clone());
            let case = Case {
                name: "scenario".to_owned(),
                line: Some(refused.line),
                end,
            };
            (file.clone(), vec![case])
        }
        Outcome::Played(played) => {
            let all = played.lines.iter().zip(&played.report.expectations);
            let mut cases: Vec<Case> = all.map(|(line, one)| expectation(*line, one)).collect();
            cases.push(stored(checked));
            (played.report.scenario.name.clone(), cases)
        }
    };
    Suite { name, file, cases }
}

fn expectation(line: u32, one: &ExpectationReport) -> Case {
    let short = fields::expectation(one);
    let long = || one.causes.join("\n");
    let end = match one.verdict {
        Verdict::Pass => End::Passed,
        Verdict::Fail => End::Failed("expectation", short, long()),
        Verdict::Inconclusive => End::Error("inconclusive", short, long()),
    };
    Case {
        name: one.name.clone(),
        line: Some(line),
        end,
    }
}

fn stored(checked: &Checked) -> Case {
    let complaint = checked.against().and_then(Against::complaint);
    let end = complaint.map_or(End::Passed, |short| {
        End::Failed("stored-report", short, human::one(checked))
    });
    Case {
        name: "stored report".to_owned(),
        line: None,
        end,
    }
}

fn orphans(results: &Results) -> Suite {
    let case = |path: &std::path::PathBuf| Case {
        name: path.to_string_lossy().into_owned(),
        line: None,
        end: End::Failed(
            "stored-report",
            "it belongs to no scenario; delete it".to_owned(),
            String::new(),
        ),
    };
    Suite {
        name: "stored reports without a scenario".to_owned(),
        file: String::new(),
        cases: results.orphans.iter().map(case).collect(),
    }
}

fn others(results: &Results) -> Suite {
    let case = |other: &Other| Case {
        name: other.file.to_string_lossy().into_owned(),
        line: None,
        end: End::Skipped(other.why),
    };
    Suite {
        name: "files that are no scenario".to_owned(),
        file: String::new(),
        cases: results.others.iter().map(case).collect(),
    }
}

fn write_suite(text: &mut String, suite: &Suite) {
    let (name, file) = (escaped(&suite.name), escaped(&suite.file));
    let _ = writeln!(
        text,
        "  <testsuite name=\"{name}\" {}>",
        counts(suite.cases.iter())
    );
    for case in &suite.cases {
        let line = case
            .line
            .map_or_else(String::new, |line| format!(" line=\"{line}\""));
        let _ = write!(
            text,
            "    <testcase name=\"{}\" classname=\"{name}\" file=\"{file}\"{line}",
            escaped(&case.name)
        );
        match &case.end {
            End::Passed => text.push_str("/>\n"),
            End::Failed(kind, short, long) => write_end(text, "failure", (kind, short, long)),
            End::Error(kind, short, long) => write_end(text, "error", (kind, short, long)),
            End::Skipped(why) => {
                let why = escaped(why);
                let _ = write!(
                    text,
                    ">\n      <skipped message=\"{why}\"/>\n    </testcase>\n"
                );
            }
        }
    }
    text.push_str("  </testsuite>\n");
}

fn write_end(text: &mut String, element: &str, (kind, short, long): (&str, &str, &str)) {
    let _ = write!(
        text,
        ">\n      <{element} type=\"{kind}\" message=\"{}\">{}</{element}>\n    </testcase>\n",
        escaped(short),
        long.lines().map(escaped).collect::<Vec<_>>().join("\n")
    );
}

/// Text that is neither markup nor a character that XML cannot hold.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in display_safe(text).chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        assert_eq!(
            escaped("a<b>&\"c\"\u{1b}\u{ffff}"),
            "a&lt;b&gt;&amp;&quot;c&quot;\\u{1b}\u{fffd}"
        );
    }
}
