//! The part of a report that is kept beside a scenario, so that a later run can be held against it.
//!
//! A test that stores only "pass" sleeps through a service that now wastes half of its work; one
//! that stores every bucket of every series is a file nobody reviews. So what is kept is what a
//! person would read: verdicts, what happened, traffic, work, findings; and the digest, with a few
//! checkpoints, which stands for all the rest and says where two runs part.
//!
//! Left out: the text of the scenario (its hash stands for it), where findings and warnings stand in the file (a
//! comment above may move it, and changes nothing), the series (the digest does), and
//! the version of the program, which changes nothing.
//!
//! The text is plain JSON with sorted keys: `squall test` and `insta::assert_snapshot!` store the
//! same one.

mod compare;
mod flat;

pub use compare::{FieldChange, Level};

use super::{CheckpointReport, Report};
use crate::observe::digest::Checkpoint;
use crate::time::SimTime;
use serde_json::Value;

/// At most so many checkpoints are kept: enough to find a thirty-second part of a run.
const MAX_CHECKPOINTS: usize = 32;

/// What is kept of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored(Value);

impl Stored {
    /// What is kept of this report. It is plain data with finite numbers, so this cannot fail.
    pub fn of(report: &Report) -> Self {
        let mut value = serde_json::to_value(report).unwrap_or_default();
        remove(&mut value, "series");
        remove(&mut value, "reproduce");
        remove(&mut value["scenario"], "text");
        for list in ["findings", "lints"] {
            let items = value.get_mut(list).and_then(Value::as_array_mut);
            for item in items.into_iter().flatten() {
                remove(item, "line");
                remove(item, "column");
            }
        }
        let kept: Vec<Value> = thinned(&report.digest.checkpoints)
            .into_iter()
            .map(|mark| format!("{} {} {}", mark.facts_total, mark.at_ns, mark.value).into())
            .collect();
        value["digest"]["checkpoints"] = kept.into();
        Self(value)
    }

    /// Reads a text that [`Stored::text`] wrote.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for key in ["digest", "engine_semantics", "scenario", "schema_version"] {
            if value.get(key).is_none() {
                return Err(format!("`{key}` is missing"));
            }
        }
        Ok(Self(value))
    }

    /// The text to keep, with a line end.
    pub fn text(&self) -> String {
        format!("{:#}\n", self.0)
    }

    /// Version of the engine's meaning under which the run was played.
    pub fn engine_semantics(&self) -> Option<u64> {
        self.0["engine_semantics"].as_u64()
    }

    /// The digest of the whole run.
    pub fn digest(&self) -> &str {
        self.0["digest"]["value"].as_str().unwrap_or_default()
    }

    /// Hash of the scenario.
    pub fn scenario_hash(&self) -> &str {
        self.0["scenario"]["hash"].as_str().unwrap_or_default()
    }

    /// The checkpoints, if they can be read.
    pub fn trail(&self) -> Option<Vec<Checkpoint>> {
        let marks = self.0["digest"]["checkpoints"].as_array()?;
        let marks: Vec<Checkpoint> = marks
            .iter()
            .map(|mark| checkpoint(mark.as_str()?))
            .collect::<Option<_>>()?;
        marks
            .is_sorted_by(|a, b| a.facts < b.facts)
            .then_some(marks)
    }

    /// What differs in a later run, the most telling first; empty if the two agree at this level.
    pub fn differences(&self, new: &Self, level: Level) -> Vec<FieldChange> {
        compare::differences(&self.0, &new.0, level)
    }
}

fn remove(value: &mut Value, key: &str) {
    if let Some(map) = value.as_object_mut() {
        map.remove(key);
    }
}

/// Checkpoints at the least spacing that leaves few enough, and the end. Spacings are powers of
/// two, so those of another run lie among them.
fn thinned(all: &[CheckpointReport]) -> Vec<&CheckpointReport> {
    let Some((last, before)) = all.split_last() else {
        return Vec::new();
    };
    let kept = |spacing: u64| {
        let on_grid = move |mark: &&CheckpointReport| mark.facts_total.is_multiple_of(spacing);
        before.iter().filter(on_grid)
    };
    let mut spacing = 1;
    while kept(spacing).count() >= MAX_CHECKPOINTS {
        spacing *= 2;
    }
    kept(spacing).chain([last]).collect()
}

fn checkpoint(text: &str) -> Option<Checkpoint> {
    let mut words = text.split(' ');
    Some(Checkpoint {
        facts: words.next()?.parse().ok()?,
        at: SimTime::from_ns(words.next()?.parse().ok()?),
        value: u128::from_str_radix(words.next()?, 16).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::digest::{Digest, first_difference};

    fn marks(facts: u64, different: u64) -> Vec<CheckpointReport> {
        let mut digest = Digest::new();
        for fact in 1..=facts {
            digest.mix(u64::from(fact == different) + fact);
            digest.fact_done(SimTime::from_ns(fact * 10));
        }
        let trail = digest.trail().into_iter();
        trail
            .map(|mark| CheckpointReport {
                facts_total: mark.facts,
                at_ns: mark.at.as_ns(),
                value: crate::observe::digest::hex(mark.value),
            })
            .collect()
    }

    fn trail(marks: &[CheckpointReport]) -> Vec<Checkpoint> {
        thinned(marks)
            .iter()
            .map(|mark| {
                let text = format!("{} {} {}", mark.facts_total, mark.at_ns, mark.value);
                checkpoint(&text).unwrap()
            })
            .collect()
    }

    #[test]
    fn few_checkpoints_are_kept_and_still_find_the_place() {
        for facts in [0, 1, 31, 32, 33, 1_000, 100_000] {
            let kept = trail(&marks(facts, 0));
            assert!(kept.len() <= MAX_CHECKPOINTS, "{facts}: {}", kept.len());
            assert_eq!(kept.last().map_or(0, |mark| mark.facts), facts);
        }
        let (a, b) = (trail(&marks(100_000, 0)), trail(&marks(150_000, 70_000)));
        let found = first_difference(&a, &b).unwrap();
        assert!(found.after_fact < 70_000 && found.until_fact >= 70_000);
        assert!(found.until_fact - found.after_fact <= 8_192, "{found:?}");
    }

    #[test]
    fn a_text_without_its_parts_is_refused() {
        assert!(Stored::parse("{").is_err());
        assert_eq!(
            Stored::parse("{\"digest\": {}}").unwrap_err(),
            "`engine_semantics` is missing"
        );
    }
}
