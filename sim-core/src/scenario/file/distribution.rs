//! Distributions of spans, by the figures that architects know: mean, percentile, spread.

use crate::random::{Dist, DistError};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::read::{FileType, Reader, file_enum, file_map};
use crate::scenario::shape::Shape;
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::{Count, Reference};
use crate::time::SimDuration;
use crate::units::{Factor, Probability};

/// A distribution, checked.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct DistFile(pub(in crate::scenario) Dist);

impl FileType for DistFile {
    fn shape() -> Shape {
        Shape::Either(vec![SimDuration::shape, Family::shape])
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Kind::Scalar { .. } = node.kind {
            return SimDuration::read(node, reader).map(|value| Self(Dist::from(value)));
        }
        let family = Family::read(node, reader)?;
        match family.dist() {
            Ok(dist) => Some(Self(dist)),
            Err(reason) => report(&reason, node, reader),
        }
    }
}

fn report<T>(reason: &str, node: &Node, reader: &mut Reader) -> Option<T> {
    let path = reader.path();
    let message = format!("no such distribution in `{path}`: {reason}");
    reader
        .found
        .push(Diagnostic::error("distribution", node.span, message));
    None
}

file_enum! {
    /// A distribution of spans of time.
    Family {
        /// Every span between two limits alike.
        uniform = Uniform(UniformFile);
        /// Without memory.
        exponential = Exponential(MeanFile);
        /// The bell curve, cut off at 0.
        normal = Normal(NormalFile);
        /// Typical of response times: `mean` with `p99` or `cv`, or `median` with `sigma`.
        lognormal = Lognormal(LognormalFile);
        /// By mean and coefficient of variation.
        gamma = Gamma(MeanCvFile);
        /// The sum of exponential stages.
        erlang = Erlang(ErlangFile);
        /// Lifetimes whose failure rate rises or falls with age.
        weibull = Weibull(WeibullFile);
        /// A power law: heavy tails.
        pareto = Pareto(ParetoFile);
        /// One of several exponentials: more variable than a single one.
        hyperexponential = Hyperexponential(HyperexponentialFile);
        /// One of the values listed.
        empirical = Empirical(EmpiricalFile);
        /// One of several distributions.
        mixture = Mixture(Vec<PartFile>);
        /// Another distribution plus a fixed span.
        shifted = Shifted(ShiftedFile);
    }
}

file_map! {
    /// Every span between two limits alike.
    UniformFile {
        /// The shortest.
        low: SimDuration, required;
        /// The longest.
        high: SimDuration, required;
    }
}

file_map! {
    /// By its mean.
    MeanFile {
        /// The mean.
        mean: SimDuration, required;
    }
}

file_map! {
    /// By mean and standard deviation.
    NormalFile {
        /// The mean before cutting off at 0.
        mean: SimDuration, required;
        /// The standard deviation.
        sd: SimDuration, required;
    }
}

file_map! {
    /// `mean` with `p99` or `cv`, or `median` with `sigma`.
    LognormalFile {
        /// The mean.
        mean: SimDuration, optional;
        /// The 99th percentile: above the mean and below 14.9 times it.
        p99: SimDuration, optional;
        /// The coefficient of variation: standard deviation divided by mean.
        cv: Factor, optional;
        /// The median.
        median: SimDuration, optional;
        /// The standard deviation of the logarithm.
        sigma: Factor, optional;
    }
}

file_map! {
    /// By mean and coefficient of variation.
    MeanCvFile {
        /// The mean.
        mean: SimDuration, required;
        /// The coefficient of variation: standard deviation divided by mean.
        cv: Factor, required;
    }
}

file_map! {
    /// The sum of equal exponential stages.
    ErlangFile {
        /// The mean of the sum.
        mean: SimDuration, required;
        /// How many stages.
        stages: Count<1>, required;
    }
}

file_map! {
    /// By mean and shape.
    WeibullFile {
        /// The mean.
        mean: SimDuration, required;
        /// Below 1 a long tail, above 1 a peak.
        shape: Factor, required;
    }
}

file_map! {
    /// By `mean` or `low`, and shape.
    ParetoFile {
        /// The mean.
        mean: SimDuration, optional;
        /// The smallest value.
        low: SimDuration, optional;
        /// The tail exponent: the smaller, the heavier.
        shape: Factor, required;
        /// Cuts the tail off.
        high: SimDuration, optional;
    }
}

file_map! {
    /// By mean and coefficient of variation, or by its branches.
    HyperexponentialFile {
        /// The mean.
        mean: SimDuration, optional;
        /// The coefficient of variation, above 1.
        cv: Factor, optional;
        /// Shares and means.
        branches: Vec<BranchFile>, optional;
    }
}

file_map! {
    /// One of the exponentials.
    BranchFile {
        /// How often.
        share: Probability, required;
        /// Its mean.
        mean: SimDuration, required;
    }
}

file_map! {
    /// One of the values listed, each equally likely.
    EmpiricalFile {
        /// The values.
        values: Vec<SimDuration>, optional;
        /// A file with one value per line, each with its unit, beside the scenario.
        file: Reference, optional;
    }
}

file_map! {
    /// One of the distributions of a mixture.
    PartFile {
        /// How often.
        share: Probability, required;
        /// The distribution.
        of: DistFile, required;
    }
}

file_map! {
    /// Another distribution plus a fixed span.
    ShiftedFile {
        /// What is added.
        by: SimDuration, required;
        /// The distribution.
        of: DistFile, required;
    }
}

impl Family {
    fn dist(self) -> Result<Dist, String> {
        let words = |error: DistError| error.to_string();
        match self {
            Self::Uniform(it) => Dist::uniform(it.low, it.high).map_err(words),
            Self::Exponential(it) => Dist::exponential(it.mean).map_err(words),
            Self::Normal(it) => Dist::normal(it.mean, it.sd).map_err(words),
            Self::Lognormal(it) => it.dist(),
            Self::Gamma(it) => Dist::gamma(it.mean, it.cv.get()).map_err(words),
            Self::Erlang(it) => Dist::erlang(it.mean, it.stages.get()).map_err(words),
            Self::Weibull(it) => Dist::weibull(it.mean, it.shape.get()).map_err(words),
            Self::Pareto(it) => it.dist(),
            Self::Hyperexponential(it) => it.dist(),
            Self::Empirical(it) => it.dist(),
            Self::Mixture(parts) => {
                let parts = parts.into_iter().map(|part| (part.share, part.of.0));
                Dist::mixture(parts.collect()).map_err(words)
            }
            Self::Shifted(it) => Dist::shifted(it.by, it.of.0).map_err(words),
        }
    }
}

impl LognormalFile {
    fn dist(self) -> Result<Dist, String> {
        let made = match (self.mean, self.p99, self.cv, self.median, self.sigma) {
            (Some(mean), Some(p99), None, None, None) => Dist::lognormal_mean_p99(mean, p99),
            (Some(mean), None, Some(cv), None, None) => Dist::lognormal_mean_cv(mean, cv.get()),
            (None, None, None, Some(median), Some(sigma)) => {
                Dist::lognormal_median_sigma(median, sigma.get())
            }
            _ => {
                let choices = "`mean` and `p99`, or `mean` and `cv`, or `median` and `sigma`";
                return Err(format!("`lognormal` needs {choices}"));
            }
        };
        made.map_err(|error| error.to_string())
    }
}

impl EmpiricalFile {
    fn dist(self) -> Result<Dist, String> {
        match (self.values, self.file) {
            (Some(values), None) => Dist::empirical(values).map_err(|error| error.to_string()),
            // The file could not be read, which was reported.
            (None, Some(_)) => Ok(Dist::from(SimDuration::ZERO)),
            _ => Err("`empirical` needs either `values` or `file`".to_owned()),
        }
    }
}

impl ParetoFile {
    fn dist(self) -> Result<Dist, String> {
        let made = match (self.mean, self.low) {
            (Some(mean), None) => Dist::pareto_mean(mean, self.shape.get(), self.high),
            (None, Some(low)) => Dist::pareto_low(low, self.shape.get(), self.high),
            _ => return Err("`pareto` needs either `mean` or `low`".to_owned()),
        };
        made.map_err(|error| error.to_string())
    }
}

impl HyperexponentialFile {
    fn dist(self) -> Result<Dist, String> {
        let made = match (self.mean, self.cv, self.branches) {
            (Some(mean), Some(cv), None) => Dist::hyperexponential_cv(mean, cv.get()),
            (None, None, Some(branches)) => {
                let branches = branches.into_iter().map(|it| (it.share, it.mean));
                Dist::hyperexponential(branches.collect())
            }
            _ => {
                let choices = "either `mean` and `cv`, or `branches`";
                return Err(format!("`hyperexponential` needs {choices}"));
            }
        };
        made.map_err(|error| error.to_string())
    }
}
