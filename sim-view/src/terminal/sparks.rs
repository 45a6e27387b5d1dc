//! Charts of one line each, in blocks of eight heights: enough to see a storm.
//!
//! Offered load, attempts and goodput share one scale, so that they can be compared; the row of
//! faults below shows when something was wrong from outside.

use super::layout::{Paper, spread};
use crate::Document;
use crate::content::faults_of_both;
use crate::safe::{cut, display_safe};
use crate::{format, resample};
use sim_core::report::{
    ComparisonReport, EdgeSeries, EnvelopeReport, FaultReport, Finite, ReplicationReport, Report,
    SeriesReport,
};

/// Columns of the names.
const NAMES: usize = 14;
/// Columns of the figures.
const FIGURES: usize = 16;

/// A line of blocks.
struct Spark {
    name: &'static str,
    values: Vec<f64>,
    /// Value of a full block.
    top: f64,
    figure: String,
}

/// The buckets below the blocks.
struct Span {
    /// Width of a bucket \[ns\].
    bucket_ns: u64,
    /// End of the last one \[ns\].
    end_ns: u64,
    /// How many there are \[count\].
    points: usize,
    /// Blocks for each [columns].
    width: usize,
}

impl Span {
    /// When a bucket begins \[ns\].
    fn start_of(&self, bucket: usize) -> u64 {
        self.bucket_ns
            .saturating_mul(bucket as u64)
            .min(self.end_ns)
    }
}

/// Writes the charts, if there is anything to chart.
pub(super) fn write(paper: &mut Paper, document: Document<'_>) {
    match document {
        Document::Run(report) => write_run(paper, report),
        Document::Replications(report) => write_replications(paper, report),
        Document::Comparison(report) => write_comparison(paper, report),
        Document::Sweep(_) | Document::Limits(_) | Document::Tune(_) => {}
    }
}

/// Columns for blocks.
fn room(paper: &Paper) -> usize {
    paper.width().saturating_sub(NAMES + FIGURES + 2).max(8)
}

/// Median and band of the goodput over runs.
fn write_replications(paper: &mut Paper, report: &ReplicationReport) {
    let all = &report.envelope;
    let lines = [
        ("offered load", all, &all.offered_p50),
        ("goodput p95", all, &all.useful_p95),
        ("goodput p50", all, &all.useful_p50),
        ("goodput p5", all, &all.useful_p5),
    ];
    write_envelopes(
        paper,
        "Over time: percentiles over runs",
        &lines,
        &report.faults,
    );
}

/// Median goodput of both designs.
fn write_comparison(paper: &mut Paper, report: &ComparisonReport) {
    let (a, b) = (&report.a.envelope, &report.b.envelope);
    let mut lines = vec![("A offered", a, &a.offered_p50)];
    if !report.same_traffic {
        lines.push(("B offered", b, &b.offered_p50));
    }
    lines.push(("A goodput", a, &a.useful_p50));
    lines.push(("B goodput", b, &b.useful_p50));
    write_envelopes(
        paper,
        "Over time: medians over runs",
        &lines,
        &faults_of_both(report),
    );
}

/// A name, and counts over the buckets of an envelope.
type EnvelopeLine<'a> = (&'static str, &'a EnvelopeReport, &'a Vec<u64>);

fn write_envelopes(
    paper: &mut Paper,
    title: &str,
    lines: &[EnvelopeLine<'_>],
    faults: &[FaultReport],
) {
    let room = room(paper);
    let Some(&(_, all, offered)) = lines.first() else {
        return;
    };
    let rates =
        |&(name, of, counts): &EnvelopeLine<'_>| (name, resample::envelope_rates(of, counts, room));
    let rates: Vec<(&'static str, Vec<f64>)> = lines.iter().map(rates).collect();
    let points = rates[0].1.len();
    if points == 0 || offered.iter().all(|&calls| calls == 0) {
        return;
    }
    paper.heading(title);
    let span = Span {
        bucket_ns: all
            .bucket_ns
            .saturating_mul(resample::group(offered.len(), room) as u64),
        end_ns: all.end_ns,
        points,
        width: (room / points).max(1),
    };
    let top = rates
        .iter()
        .map(|(_, values)| greatest(values))
        .fold(0.0, f64::max);
    for (name, values) in rates {
        let spark = rate(name, values, top);
        let line = blocks(&spark, span.width, paper.unicode());
        row(paper, spark.name, &line, &spark.figure);
    }
    write_faults(paper, faults, &span);
    write_axis(paper, &span);
}

fn write_run(paper: &mut Paper, report: &Report) {
    let room = room(paper);
    let series = resample::at_most(&report.series, room as u32);
    if series.points == 0 || series.clients.is_empty() {
        return;
    }
    let span = Span {
        bucket_ns: series.bucket_ns,
        end_ns: series.end_ns,
        points: series.points as usize,
        width: (room / series.points as usize).max(1),
    };
    paper.heading("Over time");
    let hottest = hottest(&series);
    for spark in sparks(&series, hottest) {
        let line = blocks(&spark, span.width, paper.unicode());
        row(paper, spark.name, &line, &spark.figure);
    }
    if let Some(edge) = hottest {
        paper.text(
            &format!("attempts and amplification: {}", display_safe(&edge.name)),
            2,
        );
    }
    write_faults(paper, &report.faults, &span);
    write_axis(paper, &span);
}

fn sparks(series: &SeriesReport, hottest: Option<&EdgeSeries>) -> Vec<Spark> {
    let sum = |pick: fn(&sim_core::report::ClientSeries) -> &Vec<u64>| {
        let mut sum = vec![0; series.points as usize];
        for list in series.clients.iter().map(pick) {
            sum.iter_mut()
                .zip(list)
                .for_each(|(sum, count)| *sum += count);
        }
        resample::per_second(series, &sum)
    };
    let mut rates = vec![
        ("offered load", sum(|client| &client.offered)),
        ("goodput", sum(|client| &client.useful)),
    ];
    if let Some(edge) = hottest {
        rates.insert(
            1,
            ("attempts", resample::per_second(series, &edge.attempts)),
        );
    }
    let top = rates
        .iter()
        .map(|(_, values)| greatest(values))
        .fold(0.0, f64::max);
    let mut sparks: Vec<Spark> = rates
        .into_iter()
        .map(|(name, values)| rate(name, values, top))
        .collect();
    sparks.extend(hottest.map(amplification));
    sparks
}

/// The edge that retried most, if any did.
fn hottest(series: &SeriesReport) -> Option<&EdgeSeries> {
    let retries = |edge: &EdgeSeries| edge.retries.iter().sum::<u64>();
    series
        .edges
        .iter()
        .rev()
        .max_by_key(|edge| retries(edge))
        .filter(|edge| retries(edge) > 0)
}

fn rate(name: &'static str, values: Vec<f64>, top: f64) -> Spark {
    let figure = format!("max {}", format::rate(greatest(&values)));
    Spark {
        name,
        values,
        top,
        figure,
    }
}

fn amplification(edge: &EdgeSeries) -> Spark {
    let values: Vec<f64> = edge
        .amplification
        .iter()
        .map(|value| value.map_or(0.0, Finite::get))
        .collect();
    let top = greatest(&values);
    Spark {
        name: "amplification",
        figure: format!("max {}", format::factor(top)),
        values,
        top,
    }
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// Each value as `width` blocks; only nothing at all is blank.
fn blocks(spark: &Spark, width: usize, unicode: bool) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const ASCII: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];
    let letters = if unicode { BLOCKS } else { ASCII };
    let letter = |value: &f64| {
        if *value <= 0.0 || spark.top <= 0.0 {
            return ' ';
        }
        let level = (value / spark.top * 8.0).ceil() as usize;
        letters[level.clamp(1, 8) - 1]
    };
    spark
        .values
        .iter()
        .flat_map(|value| std::iter::repeat_n(letter(value), width))
        .collect()
}

fn row(paper: &mut Paper, name: &str, blocks: &str, figure: &str) {
    let line = format!("{name:NAMES$}{blocks}  {figure}");
    paper.raw(&line);
}

/// A row for each of the first faults, marked where it acts.
fn write_faults(paper: &mut Paper, faults: &[FaultReport], span: &Span) {
    const FAULTS_MAX: usize = 5;
    let mark = if paper.unicode() { '▒' } else { '!' };
    for fault in faults.iter().take(FAULTS_MAX) {
        let acts = |bucket: usize| {
            let (from, until) = (span.start_of(bucket), span.start_of(bucket + 1));
            let mut spans = fault.spans.iter();
            spans.any(|span| span.from_ns < until && span.until_ns > from)
        };
        let marks: String = (0..span.points)
            .flat_map(|bucket| {
                std::iter::repeat_n(if acts(bucket) { mark } else { ' ' }, span.width)
            })
            .collect();
        let name = display_safe(&fault.name);
        row(paper, "faults", &marks, &cut(&name, FIGURES));
    }
    if faults.len() > FAULTS_MAX {
        paper.text(&format!("and {} more faults", faults.len() - FAULTS_MAX), 2);
    }
}

fn write_axis(paper: &mut Paper, span: &Span) {
    let room = span.points * span.width;
    let end = format::duration(span.end_ns);
    let gap = room.saturating_sub(1 + spread(&end)).max(1);
    row(paper, "", &format!("0{}{end}", " ".repeat(gap)), "");
}
