use super::*;
use crate::fixture;
use sim_core::report::Report;
use std::collections::BTreeSet;

/// Names that would be something else if any sink forgot to escape them.
const HOSTILE: [&str; 20] = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</svg><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    "</style><script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onmouseover='alert(1)",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "<a href=\"javascript:alert(1)\">x</a>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "{{ page.name }}{% raw %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "\u{202e}<b>\u{0}\u{1b}[2J",
    "</table></details></body></html><form action=//evil.example><input autofocus onfocus=alert(1)>",
];

/// Every (tag, attribute) of a page, read as a browser would: quotes keep what is inside them.
fn tags_and_attributes(page: &str) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = end_of_tag(rest);
        let tag = &rest[..end];
        let name: String = tag
            .chars()
            .take_while(|c| !c.is_whitespace() && *c != '>')
            .collect();
        found.insert((name.clone(), String::new()));
        for attribute in attributes(&tag[name.len()..]) {
            found.insert((name.clone(), attribute));
        }
        rest = &rest[end..];
    }
    found
}

fn end_of_tag(text: &str) -> usize {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn attributes(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut quote = None;
    let mut name = String::new();
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '=' | ' ' | '\n') => {
                if !name.is_empty() {
                    names.push(std::mem::take(&mut name));
                }
            }
            (None, other) => name.push(other),
        }
    }
    names.extend((!name.is_empty()).then_some(name));
    names
}

#[test]
fn no_name_becomes_markup() {
    let benign = fixture::retry_storm();
    let expected = tags_and_attributes(&html(&benign));
    assert!(
        expected.contains(&("svg".to_owned(), "viewBox".to_owned())),
        "{expected:?}"
    );
    for payload in HOSTILE {
        let hostile = fixture::with_texts(&benign, &|_| payload.to_owned());
        let page = html(&hostile);
        assert_eq!(tags_and_attributes(&page), expected, "{payload}");
        let around = fixture::with_texts(&benign, &|text| format!("{text}{payload}{text}"));
        assert_eq!(tags_and_attributes(&html(&around)), expected, "{payload}");
    }
}

#[test]
fn the_page_needs_nothing_and_runs_nothing() {
    let page = html(&fixture::retry_storm());
    for word in [
        "<script",
        "javascript:",
        "@import",
        "url(",
        "style=\"",
        "<link",
        "<img",
        "src=",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    assert_eq!(
        page.matches("http").count(),
        page.matches("http://www.w3.org/2000/svg").count() + 1
    );
    assert!(page.contains(&sha256::base64(&sha256::digest(STYLE.as_bytes()))));
}

#[test]
fn pages_are_small_and_repeat() {
    let reports = [
        fixture::retry_storm(),
        fixture::short(),
        fixture::day(),
        fixture::single_bucket(),
        fixture::silence(),
        fixture::nothing(),
        fixture::build(fixture::Plan {
            bucket_ns: 1_000_000,
            points: 100_000,
            rate: 900,
            owners: 20,
        }),
    ];
    for report in reports {
        let page = html(&report);
        assert!(page.len() < 2_000_000, "{} bytes", page.len());
        assert_eq!(page, html(&report));
    }
}

/// Writes all views of all fixtures, and of each report (`NAME.json`) that lies in the folder of
/// views, to be looked at: `cargo test -p sim-cli samples -- --ignored`.
#[test]
#[ignore = "writes files to look at"]
fn samples() {
    let folder = std::env::temp_dir().join("squall-views");
    std::fs::create_dir_all(&folder).unwrap();
    let hostile = |text: &str| format!("{text}</svg><script>alert(1)</script>");
    let mut reports = vec![
        ("storm".to_owned(), fixture::retry_storm()),
        ("short".to_owned(), fixture::short()),
        ("day".to_owned(), fixture::day()),
        ("single".to_owned(), fixture::single_bucket()),
        ("silence".to_owned(), fixture::silence()),
        ("nothing".to_owned(), fixture::nothing()),
        (
            "hostile".to_owned(),
            fixture::with_texts(&fixture::retry_storm(), &hostile),
        ),
    ];
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let report = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            reports.push((
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                report,
            ));
        }
    }
    for (name, report) in reports {
        write_views(&folder, &name, &report);
    }
}

fn write_views(folder: &std::path::Path, name: &str, report: &Report) {
    let write = |file: &str, text: String| {
        std::fs::write(folder.join(format!("{name}-{file}")), text).unwrap();
    };
    let style = crate::Style::default();
    write("report.html", html(report));
    write("report.md", crate::markdown(report));
    write("report.txt", crate::terminal(report, &style));
    for chart in chart::charts(report) {
        write(chart.file, chart.svg);
    }
}
