//! What a report says, before anyone decides how it looks.
//!
//! Terminal, Markdown and page say the same things in the same order and the same words, so that
//! they can never disagree: all of them lay out one [`Page`]. Every text in it is already free of
//! control characters; each view escapes only what its own format takes for markup.

mod backoff;
mod backtest;
mod busiest;
mod comparison;
mod deeds;
mod ejection;
mod expectations;
mod faults;
mod findings;
mod head;
mod limits;
mod lives;
mod messages;
mod next;
mod origin;
mod page;
mod policies;
mod pools;
mod replications;
mod run;
mod sagas;
mod services;
mod sweep;
mod timeline;
mod traffic;
mod tune;
mod windows;

pub(super) use backoff::page as backoff_page;
pub(super) use backtest::{owner as backtest_owner, page as backtest_page};
pub(super) use comparison::{Reading, faults as faults_of_both, reading, telling};
pub(super) use limits::{fails, name as line_name, near};
pub(super) use page::{Block, Figure, Item, Moment, Page, Section, SideMoment, Statement};
pub(super) use sweep::value_of;
pub(super) use tune::{row_of_tried, table_of_tried};

use super::Document;

/// What a report says.
pub(super) fn page(document: Document<'_>) -> Page {
    match document {
        Document::Run(report) => run::page(report),
        Document::Replications(report) => replications::page(report),
        Document::Comparison(report) => comparison::page(report),
        Document::Sweep(report) => sweep::page(report),
        Document::Limits(report) => limits::page(report),
        Document::Tune(report) => tune::page(report),
    }
}
