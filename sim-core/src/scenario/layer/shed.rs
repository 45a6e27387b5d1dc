//! `shed`: a callee turns part of its calls away, the least important first.

use crate::policy::{ShedConfig, ShedCurve, ShedMeasure};
use crate::scenario::diagnostic::{Diagnostic, Diagnostics};
use crate::scenario::read::{At, choices, file_map};
use crate::scenario::shape::ScalarJson;
use crate::scenario::value::{Name, Problem, ScalarType};
use crate::time::SimDuration;
use crate::units::Probability;

file_map! {
    /// Refuses a part of the calls while there is much load, drawn for each: `rejected.shed`.
    ShedFile {
        /// What is measured in an instance.
        measure: ShedMeasureFile, required;
        /// Up to here nothing is refused: a count for `queue`, a share for `utilisation`, a duration
        /// for `latency`.
        from: MarkFile, required;
        /// From here on everything is. The same mark as `from` is a step: all that is beyond it is refused.
        to: MarkFile, required;
        /// The part that is refused between the two.
        curve: ShedCurveFile, default "linear";
        /// How often it is measured [duration]; Envoy's overload manager: 1s.
        every: SimDuration, default "1s";
        /// The measure is a mean over this time [duration]; by default over `every`: of one look at
        /// `queue` and `utilisation`, of all that ended for `latency`.
        over: SimDuration, optional;
        /// Classes of calls, the most important first; all others are less important than these.
        classes: Vec<Name>, default "[]";
        /// Whether it is there at all.
        enabled: bool, default "true";
    }
}

choices! {
    /// What is measured in an instance.
    ShedMeasureFile {
        /// Operations that wait for a thread [count].
        queue = Queue;
        /// The share of busy threads.
        utilisation = Utilisation;
        /// Time from arrival to end of those that ended.
        latency = Latency;
    }
}

choices! {
    /// The part that is refused, x of the way from one mark to the other.
    ShedCurveFile {
        /// x.
        linear = Linear;
        /// x³ (Netflix' prioritized load shedding).
        cubic = Cubic;
    }
}

/// A mark of load: a count, a share or a duration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::scenario) enum MarkFile {
    Count(f64),
    Share(f64),
    Latency(f64),
}

impl ScalarType for MarkFile {
    const WHAT: &'static str = "a count, a share such as `80%`, or a duration such as `250ms`";
    const MAY_BE_QUOTED: bool = false;

    fn json() -> ScalarJson {
        ScalarJson::Text(r"^[0-9.]+ ?(%|ns|us|µs|ms|s|m|h)?$")
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        if text.ends_with('%') {
            return Probability::parse(text).map(|share| Self::Share(share.get()));
        }
        match text.parse::<f64>() {
            Ok(count) if count >= 0.0 && count.is_finite() => Ok(Self::Count(count)),
            _ => SimDuration::parse(text).map(|span| Self::Latency(span.as_ns() as f64 / 1e9)),
        }
    }
}

/// The least time between two looks at the load: more would be more than all traffic.
const LEAST_PERIOD: SimDuration = SimDuration::from_millis(1);

impl ShedFile {
    /// What it means; `None` after a mistake.
    pub(super) fn config(at: &At<Self>, found: &mut Diagnostics) -> Option<ShedConfig> {
        let file = &at.value;
        let (measure, needs) = match file.measure {
            ShedMeasureFile::Queue => (ShedMeasure::Queue, "a count such as `10`"),
            ShedMeasureFile::Utilisation => (ShedMeasure::Utilisation, "a share such as `80%`"),
            ShedMeasureFile::Latency => (ShedMeasure::Latency, "a duration such as `250ms`"),
        };
        let marks = [file.from, file.to].map(|mark| match (measure, mark) {
            (ShedMeasure::Queue, MarkFile::Count(it))
            | (ShedMeasure::Utilisation, MarkFile::Share(it))
            | (ShedMeasure::Latency, MarkFile::Latency(it)) => Some(it),
            (ShedMeasure::Queue | ShedMeasure::Utilisation | ShedMeasure::Latency, _) => None,
        });
        let mut refuse = |what: &str, hint: &str| {
            let message = format!("`{}` {what}", at.path);
            found.push(Diagnostic::error("shed", at.span, message).hint(hint.to_owned()));
        };
        let [Some(from), Some(to)] = marks else {
            refuse(
                "has marks that are no measure of its kind",
                &format!("write each of `from` and `to` as {needs}"),
            );
            return None;
        };
        let over = file.over.unwrap_or(file.every);
        let (is_backwards, is_busy) = (from > to, file.every < LEAST_PERIOD);
        if is_backwards {
            refuse(
                "refuses everything from a mark on that is below the one up to which it refuses nothing",
                "give `to` a mark above that of `from`, or the same one for a step",
            );
        }
        if is_busy {
            refuse(
                &format!("measures every {}, more often than calls come", file.every),
                "give `every` at least `1ms`; Envoy's overload manager: 1s",
            );
        } else if over < file.every {
            refuse(
                "has no time in which to measure",
                "give `over` at least as long as `every`",
            );
        }
        if is_backwards || is_busy || over < file.every {
            return None;
        }
        Some(ShedConfig {
            measure,
            from,
            to,
            curve: match file.curve {
                ShedCurveFile::Linear => ShedCurve::Linear,
                ShedCurveFile::Cubic => ShedCurve::Cubic,
            },
            every: file.every,
            over,
            classes: file.classes.iter().map(|class| class.0.clone()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::ShedConfig;
    use crate::scenario::{Source, load};

    fn read(shed: &str) -> Result<ShedConfig, String> {
        let text = format!(
            "scenario: gate\nrun: {{ duration: 1s }}\nclients:\n  c: {{ arrivals: {{ constant: {{ rate: 1/s }} }}, calls: s.op }}\nservices:\n  s: {{ threads: 1, queue: {{ capacity: 1 }}, admission: [ {{ shed: {{ {shed} }} }} ], operations: {{ op: {{ steps: [work: 1ms] }} }} }}\n"
        );
        let name = "gate.yaml".to_owned();
        let loaded = load(&Source { name, text }, &[], &|_| Err(String::new()));
        let loaded = loaded.map_err(|found| found.to_string())?;
        let shed = loaded.scenario.model.admission[crate::id::AdmissionId(0)]
            .kind
            .shed();
        Ok(shed.expect("a shed").clone())
    }

    #[test]
    fn equal_marks_are_a_step() {
        let step = read("measure: queue, from: 5, to: 5").unwrap();
        let percent = [4.0, 5.0, 5.1, 6.0].map(|load| (100.0 * step.share(load)) as u32);
        assert_eq!(percent, [0, 0, 100, 100]);
        let slope = read("measure: queue, from: 5, to: 7").unwrap();
        let percent = [5.0, 6.0, 7.0].map(|load| (100.0 * slope.share(load)) as u32);
        assert_eq!(percent, [0, 50, 100]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (settings, message, hint) in [
            ("measure: queue, from: 9, to: 5", "below the one", "a step"),
            (
                "measure: queue, from: 10%, to: 50%",
                "no measure of its kind",
                "a count",
            ),
            (
                "measure: latency, from: 1, to: 5",
                "no measure of its kind",
                "a duration",
            ),
            ("measure: utilisation, from: 50%, to: 150%", "150%", ""),
            (
                "measure: queue, from: 1, to: 5, every: 0s",
                "measures every 0",
                "at least `1ms`",
            ),
            (
                "measure: queue, from: 1, to: 5, every: 1ns",
                "measures every 1",
                "at least `1ms`",
            ),
            (
                "measure: queue, from: 1, to: 5, every: 1s, over: 100ms",
                "no time in which to measure",
                "`over`",
            ),
        ] {
            let said = read(settings).expect_err(settings);
            assert!(said.contains("6:") && said.contains(message), "{said}");
            assert!(said.contains(hint), "{said}");
        }
        let both = read("measure: queue, from: 9, to: 5, every: 1ns").expect_err("two mistakes");
        assert_eq!(both.matches("error").count(), 2, "{both}");
    }
}
