//! Ctrl-C: the first one asks, the second one insists.

use crate::exit::{Exit, Failure};
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on the first Ctrl-C only sets a mark, which a run looks at; the second one ends the
/// program at once. Before, while nothing is under way, the system's own way is good enough.
pub(crate) fn watch() -> Result<(), Failure> {
    let handler = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    };
    let watching = ctrlc::set_handler(handler);
    watching.map_err(|error| Failure::trouble(format!("cannot watch for Ctrl-C: {error}")))
}

/// Whether somebody asked to stop.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
