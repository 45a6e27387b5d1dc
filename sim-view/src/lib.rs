//! Views of a report: what people read.
//!
//! A report of `sim_core` is the only source; nothing here knows a simulator.
//!
//! ```text
//! Document ─content→ Page ─┬→ terminal    80 columns, colour only as an extra
//!        │               ├→ markdown
//!        │               └→ html        one self-contained file without scripts
//!        └─chart→ SVG ──────┘           and files of their own
//! ```
//!
//! [`content`] decides what is said, and says it once; the views decide how it looks. Numbers become
//! text in [`format`] alone. Text from a scenario passes [`safe`] before anything else sees it, and
//! each view escapes what its own format takes for markup.

pub mod calendar;
mod chart;
mod content;
mod csv;
mod document;
#[cfg(test)]
mod fixture;
pub mod format;
mod html;
mod markdown;
mod resample;
mod safe;
mod table;
mod terminal;
mod waterfall;

pub use chart::{Chart, charts};
pub use csv::{csv_field, sweep_csv};
pub use document::Document;
pub use html::html;
pub use markdown::{escaped, markdown};
pub use terminal::{Style, terminal};
pub use waterfall::{perfetto, waterfall};

use sim_core::report::{BackoffReport, BacktestReport};

/// The waits of retries for people at a terminal.
pub fn backoff(report: &BackoffReport, style: &Style) -> String {
    terminal::plain(&content::backoff_page(report), style)
}

/// The chart of a backtest; none without calls.
pub fn backtest_chart(report: &BacktestReport) -> Option<String> {
    chart::backtest(report)
}

/// A backtest for people at a terminal.
pub fn backtest(report: &BacktestReport, style: &Style) -> String {
    terminal::plain(&content::backtest_page(report), style)
}
