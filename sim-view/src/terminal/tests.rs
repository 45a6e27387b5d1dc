use super::layout::spread;
use super::*;
use crate::fixture;
use sim_core::report::Report;

fn all() -> Vec<Report> {
    vec![
        fixture::retry_storm(),
        fixture::short(),
        fixture::day(),
        fixture::single_bucket(),
        fixture::silence(),
        fixture::nothing(),
        fixture::with_texts(&fixture::retry_storm(), &|text| {
            format!("\u{1b}[2J{text}\r\u{202e}")
        }),
        fixture::with_texts(&fixture::retry_storm(), &|text| text.replace(' ', "雨")),
        fixture::with_texts(&fixture::retry_storm(), &|text| text.repeat(40)),
    ]
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for report in all() {
        for width in [40, 60, 80, 120, 200] {
            for unicode in [true, false] {
                let text = terminal(
                    &report,
                    &Style {
                        color: false,
                        unicode,
                        width,
                    },
                );
                // The command is not broken, so that it can be copied.
                for line in text.lines().filter(|line| !line.starts_with("$ ")) {
                    assert!(spread(line) <= width, "{width}: {} {line}", spread(line));
                }
            }
        }
    }
}

#[test]
fn the_terminal_gets_no_commands_from_a_scenario() {
    for report in all() {
        let text = terminal(&report, &Style::default());
        assert!(
            text.chars()
                .all(|letter| letter == '\n' || !letter.is_control()),
            "{text}"
        );
        assert!(!text.contains('\u{202e}'));
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let report = fixture::retry_storm();
    let plain = terminal(&report, &Style::default());
    let colour = terminal(
        &report,
        &Style {
            color: true,
            ..Style::default()
        },
    );
    let mut bare = colour.clone();
    for code in ["1", "2", "31", "32", "33", "0"] {
        bare = bare.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_ne!(plain, colour);
    assert_eq!(plain, bare);
}

#[test]
fn ascii_is_all_that_is_used_if_asked() {
    let text = terminal(
        &fixture::retry_storm(),
        &Style {
            unicode: false,
            ..Style::default()
        },
    );
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn the_verdict_comes_first() {
    let text = terminal(&fixture::retry_storm(), &Style::default());
    assert!(
        text.starts_with("FAIL  payments-guarded: 1 of 3 expectations failed"),
        "{text}"
    );
    let text = terminal(&fixture::silence(), &Style::default());
    assert!(
        text.starts_with("PASS  payments-guarded: the scenario states no expectations"),
        "{text}"
    );
}

#[test]
fn a_retry_storm_in_eighty_columns() {
    insta::assert_snapshot!(terminal(&fixture::retry_storm(), &Style::default()));
}
