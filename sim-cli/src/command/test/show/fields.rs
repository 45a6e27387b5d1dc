//! Fields of reports as a person reads them: by the ending of their name.

use serde_json::Value;
use sim_core::report::{ExpectationReport, FieldChange};
use sim_core::scenario::diagnostic::display_safe;
use sim_view::format;

/// Longest value that is shown \[characters\].
const LONGEST: usize = 120;

/// `900/s -> 225/s (-75%)`.
pub(super) fn change(change: &FieldChange) -> String {
    let side = |side: &Option<Value>| {
        side.as_ref()
            .map_or_else(|| "nothing".to_owned(), |value| shown(&change.path, value))
    };
    let percent = relative(change).map_or_else(String::new, |relative| {
        format!(" ({})", signed_percent(relative))
    });
    format!("{} -> {}{percent}", side(&change.old), side(&change.new))
}

/// The change as a share of what was; none of numbers that only name something.
fn relative(change: &FieldChange) -> Option<f64> {
    const NAMES: [&str; 5] = [
        "engine_semantics",
        "schema_version",
        "seed",
        "replication",
        "version",
    ];
    let key = change.path.rsplit('.').next().unwrap_or(&change.path);
    let key = key.split('[').next().unwrap_or(key);
    change.relative().filter(|_| !NAMES.contains(&key))
}

/// The path, safe to show.
pub(super) fn path(change: &FieldChange) -> String {
    display_safe(&change.path)
}

fn shown(path: &str, value: &Value) -> String {
    let number = || value.as_f64();
    let key = path.rsplit('.').next().unwrap_or(path);
    let words = match (key, number()) {
        (key, Some(_)) if key.ends_with("_ns") => value.as_u64().map(format::duration),
        (key, Some(rate)) if key.ends_with("_per_second") => Some(format::rate(rate)),
        (key, Some(share)) if key.ends_with("share") || key == "utilisation" => {
            Some(format::share(share))
        }
        (key, Some(_)) if key.ends_with("_total") => value.as_u64().map(format::count),
        (_, _) => None,
    };
    let plain = || match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    };
    let text = display_safe(&words.unwrap_or_else(plain));
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((cut, _)) => format!("{}…", &text[..cut]),
    }
}

/// `+12%`, `-0.03%`.
fn signed_percent(relative: f64) -> String {
    let sign = if relative < 0.0 { "-" } else { "+" };
    format!("{sign}{}%", format::number(relative.abs() * 100.0))
}

/// What an expectation that is not met says: `success … is at least 99.9%: 25.1%`.
pub(super) fn expectation(one: &ExpectationReport) -> String {
    let value = one.value.map_or_else(String::new, |value| {
        format!(": {}", format::value(value, one.unit))
    });
    let reason = if one.reason.is_empty() {
        String::new()
    } else {
        format!(" ({})", one.reason)
    };
    display_safe(&format!("{}{value}{reason}", one.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_told_in_their_unit() {
        let told = |path: &str, old: Value, new: Value| {
            change(&FieldChange {
                path: path.to_owned(),
                old: Some(old),
                new: Some(new),
            })
        };
        assert_eq!(
            told("a[x].p99_ns", json!(2_000_000), json!(3_000_000)),
            "2 ms -> 3 ms (+50%)"
        );
        assert_eq!(
            told("a.useful_share", json!(1.0), json!(0.25)),
            "100% -> 25% (-75%)"
        );
        assert_eq!(
            told("verdict", json!("pass"), json!("fail")),
            "pass -> fail"
        );
        assert_eq!(told("engine_semantics", json!(3), json!(4)), "3 -> 4");
        assert_eq!(
            told("a.offered_per_second", json!(0.0), json!(9.0)),
            "0/s -> 9/s"
        );
    }
}
