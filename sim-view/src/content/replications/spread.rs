//! Shares and spreads of many runs as text, with how sure they are.

use crate::format::{self, NOTHING};
use sim_core::report::{ShareReport, SpreadReport};

/// `12 of 50 runs (14% to 37%)`.
pub(super) fn share(one: &ShareReport) -> String {
    let of = format!(
        "{} of {}",
        one.runs,
        format::plural(u64::from(one.of), "run", "runs")
    );
    match interval(one) {
        Some(interval) => format!("{of} ({interval})"),
        None => of,
    }
}

/// `14% to 37%`: the believable true shares.
pub(super) fn interval(one: &ShareReport) -> Option<String> {
    let (low, high) = (one.low?, one.high?);
    Some(format!(
        "{} to {}",
        share_of(low.get()),
        share_of(high.get())
    ))
}

/// A share in at most three digits, since an interval pretends no more.
pub(super) fn share_of(value: f64) -> String {
    if value > 0.1 && value < 0.999 {
        format!("{}%", format::number(value * 100.0))
    } else {
        format::share(value)
    }
}

/// `54.2% ± 0.3%`.
pub(super) fn mean(spread: &SpreadReport) -> String {
    let show = |value| format::value(value, spread.unit);
    match (spread.mean, spread.half_width) {
        (Some(mean), Some(half)) if half.get() > 0.0 => format!("{} ± {}", show(mean), show(half)),
        (Some(mean), _) => show(mean),
        (None, _) => NOTHING.to_owned(),
    }
}

/// `± 0.3%, `: how far the mean over runs may be off.
pub(super) fn plus_minus(spread: &SpreadReport) -> String {
    match spread.half_width {
        Some(half) if half.get() > 0.0 => format!("± {}, ", format::value(half, spread.unit)),
        Some(_) | None => String::new(),
    }
}

/// `48% to 61%`: where most runs lie.
pub(super) fn range(spread: &SpreadReport) -> String {
    let show = |value| format::optional(value, |value| format::value(value, spread.unit));
    format!("{} to {}", show(spread.p5), show(spread.p95))
}
