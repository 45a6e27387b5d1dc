//! `window`: what a breaker remembers.

use crate::policy::{BucketWidth, Buckets, Keeps, Rolling, Window};
use crate::scenario::diagnostic::Diagnostics;
use crate::scenario::read::{At, Limit, choices, file_map};
use crate::scenario::value::Count;
use crate::time::SimDuration;

file_map! {
    /// What a breaker remembers: exactly one of `calls`, `time`, `emptied_every` and `average`.
    WindowFile {
        /// The last so many results [count]; resilience4j: 100.
        calls: Count<1, 100_000>, optional;
        /// The last so much time.
        time: SimDuration, optional;
        /// For `time`: in how many buckets [count]; one for each second where the time is whole
        /// seconds, at most 3600 (resilience4j), else 10; Polly and opossum: 10, Hystrix: 20.
        buckets: Count<1, 3_600>, optional;
        /// For `time`: where the buckets begin; resilience4j: clock, Polly: `first_call`, opossum and Hystrix:
        /// construction, cockatiel: `one_per_result`.
        aligned: AlignedFile, implied "clock";
        /// For `time`: how wide a bucket is where the time has no such part in whole milliseconds.
        bucket_width: BucketWidthFile, implied "exact";
        /// For `time`: to which bucket a result belongs; gobreaker 2: calls.
        keeps: KeepsFile, implied "results";
        /// Everything since it was last emptied, which the first call or result does that comes
        /// later than this after the last time; gobreaker's and Dapr's `interval`, where 0 is
        /// unlimited.
        emptied_every: Limit<SimDuration>, optional;
        /// A moving average in which a result lives this long on average; Finagle: 30s.
        average: SimDuration, optional;
    }
}

choices! {
    /// Where the buckets of a window begin.
    AlignedFile {
        /// At whole multiples of their width on the clock.
        clock = Clock;
        /// One after another since the breaker was made or last closed.
        construction = Construction;
        /// With the first result after the bucket before.
        first_call = FirstCall;
        /// The same, but each result drops at most one old bucket, however long ago it was.
        one_per_result = OnePerResult;
    }
}

choices! {
    /// To which bucket a result belongs.
    KeepsFile {
        /// To that in which it comes.
        results = Results;
        /// To that in which its call began, and to none once that has left; a run of failures or of
        /// successes loses what a bucket takes along. For buckets that are aligned to the clock or to
        /// construction.
        calls = Calls;
    }
}

choices! {
    /// How wide a bucket is.
    BucketWidthFile {
        /// Its part of the time.
        exact = Exact;
        /// The same, cut to whole milliseconds; opossum.
        cut_milliseconds = CutMilliseconds;
        /// The same, rounded to whole milliseconds; cockatiel.
        rounded_milliseconds = RoundedMilliseconds;
    }
}

/// Buckets of a window whose time is no whole number of seconds.
const USUAL_BUCKETS: u32 = 10;

impl WindowFile {
    /// What it remembers; `None` after a mistake.
    pub(super) fn config(at: &At<Self>, found: &mut Diagnostics) -> Option<Window> {
        let file = &at.value;
        let mut ways = Vec::new();
        ways.extend(file.calls.map(|calls| Window::Calls(calls.get())));
        ways.extend(file.time.map(|span| Window::Rolling(file.rolling(span))));
        let emptied = file.emptied_every.as_ref();
        ways.extend(emptied.map(|every| Window::Tumbling(every.or_forever())));
        ways.extend(file.average.map(Window::Average));
        let problem = match ways.as_slice() {
            [Window::Rolling(Rolling { span, .. }) | Window::Average(span)] if span.is_zero() => {
                "holds no time at all"
            }
            [Window::Calls(_) | Window::Tumbling(_) | Window::Average(_)]
                if file.buckets.is_some()
                    || file.aligned.is_some()
                    || file.bucket_width.is_some()
                    || file.keeps.is_some() =>
            {
                "has buckets, which only a window of `time` has"
            }
            [
                Window::Rolling(Rolling {
                    keeps: Keeps::Calls,
                    buckets: Buckets::FirstCall | Buckets::OnePerResult,
                    ..
                }),
            ] => "keeps calls, which needs buckets aligned to the `clock` or to `construction`",
            [window] => return Some(*window),
            [] => "needs one of `calls`, `time`, `emptied_every` and `average`",
            _ => "can be only one of `calls`, `time`, `emptied_every` and `average`",
        };
        found.error(
            "circuit-breaker",
            at.span,
            format!("`{}` {problem}", at.path),
        );
        None
    }

    fn rolling(&self, span: SimDuration) -> Rolling {
        let seconds = span.as_ns() / 1_000_000_000;
        let whole = seconds > 0 && SimDuration::from_secs(seconds) == span;
        let usual = if whole {
            u32::try_from(seconds).unwrap_or(u32::MAX).min(3_600)
        } else {
            USUAL_BUCKETS
        };
        Rolling {
            span,
            count: self.buckets.map_or(usual, Count::get),
            buckets: match self.aligned {
                None | Some(AlignedFile::Clock) => Buckets::Clock,
                Some(AlignedFile::Construction) => Buckets::Construction,
                Some(AlignedFile::FirstCall) => Buckets::FirstCall,
                Some(AlignedFile::OnePerResult) => Buckets::OnePerResult,
            },
            width: match self.bucket_width {
                None | Some(BucketWidthFile::Exact) => BucketWidth::Exact,
                Some(BucketWidthFile::CutMilliseconds) => BucketWidth::CutMilliseconds,
                Some(BucketWidthFile::RoundedMilliseconds) => BucketWidth::RoundedMilliseconds,
            },
            keeps: match self.keeps {
                None | Some(KeepsFile::Results) => Keeps::Results,
                Some(KeepsFile::Calls) => Keeps::Calls,
            },
        }
    }

    /// Emptying a window ends a run, and a bucket of calls takes its part of it along; nothing else of a
    /// window touches runs.
    pub(super) fn touches_runs(&self) -> bool {
        self.emptied_every.is_some() || matches!(self.keeps, Some(KeepsFile::Calls))
    }
}
