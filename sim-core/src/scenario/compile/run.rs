//! `run`: how long, from when, and where to stop.

use super::Compiler;
use crate::kernel::Limits;
use crate::scenario::file::run::{LimitsFile, RunFile};

impl Compiler<'_> {
    pub(super) fn run(&mut self) {
        let file = self.file;
        let Some(run) = &file.run.0 else {
            return;
        };
        self.spec.duration = run.duration.value;
        self.spec.drain = run.drain;
        self.spec.warmup = run.warmup.value;
        self.spec.resolution = run.resolution.value.0;
        self.check_run(run);
        self.limits(&run.limits);
    }

    fn check_run(&mut self, run: &RunFile) {
        if run.duration.value.as_ns() == 0 {
            let message = "`run.duration` is 0s, but a run takes some time";
            self.error("bad-value", run.duration.span, message);
        }
        if run.warmup.value >= run.duration.value {
            let message = format!(
                "`run.warmup` is {}, but the run ends at {}, so nothing would be measured",
                run.warmup.value, run.duration.value
            );
            self.error("bad-value", run.warmup.span, message);
        }
        if let Some(width) = run.resolution.value.0 {
            self.check_resolution(run, width.as_ns());
        }
    }

    fn check_resolution(&mut self, run: &RunFile, width_ns: u64) {
        const MOST_POINTS: u64 = 10_000;
        let duration = run.duration.value.as_ns();
        if width_ns == 0 || duration.div_ceil(width_ns) > MOST_POINTS {
            let message = format!(
                "`run.resolution` is too fine: a run of {} has at most {MOST_POINTS} points",
                run.duration.value
            );
            self.error("bad-value", run.resolution.span, message);
        }
    }

    fn limits(&mut self, limits: &LimitsFile) {
        self.spec.limits = Limits {
            events: limits.events.get_u64(),
            at_one_instant: limits.at_one_instant.get_u64(),
        };
        self.spec.max_calls_in_flight = limits.calls_in_flight.get_u64();
    }
}
