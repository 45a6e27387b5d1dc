//! The `squall` command.

mod render;

use std::io::{Read as _, Write as _};

/// Shows a report from standard input in the format named first: `human`, `markdown` or `html`;
/// `charts` writes them one after another.
fn main() -> anyhow::Result<()> {
    let mut json = String::new();
    std::io::stdin().read_to_string(&mut json)?;
    let report: sim_core::report::Report = serde_json::from_str(&json)?;
    let text = match std::env::args().nth(1).unwrap_or_default().as_str() {
        "markdown" => render::markdown(&report),
        "html" => render::html(&report),
        "charts" => charts(&render::charts(&report)),
        _ => render::terminal(&report, &render::Style::default()),
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

fn charts(charts: &[render::Chart]) -> String {
    let told = charts
        .iter()
        .map(|chart| [chart.file, " ", chart.title, "\n", &chart.svg].concat());
    told.collect()
}
