//! What others call an outcome: statuses of HTTP, codes of gRPC, the conditions of proxies, the
//! errors of libraries. One table, used where logs are read, where a scenario is told which outcome
//! it means, and in docs/modelling.md.
//!
//! It says what the *caller* learns. A gateway that answers 504 has waited in vain, so its caller
//! is told of a timeout; one that answers 502 got no proper answer from the service behind it.

use super::{Outcome, OutcomeSet};
use Outcome::{
    Cancelled, ErrorDependency, ErrorInternal, ErrorInvalid, ErrorRefused, ErrorReset,
    ErrorUnavailable, Negative, Ok as Good, RejectedQueueFull, RejectedQueueTimeout,
    RejectedRateLimited, RejectedShed, StoppedBreakerOpen, StoppedBulkheadFull, StoppedRateLimited,
    TimeoutConnect, TimeoutDeadline, TimeoutResponse,
};

/// Statuses of HTTP that mean the same.
#[derive(Clone, Copy, Debug)]
pub struct StatusRow {
    /// The least of them.
    pub first: u16,
    /// The greatest of them.
    pub last: u16,
    /// What they mean.
    pub outcome: Outcome,
    /// Why, for readers.
    pub note: &'static str,
}

const fn statuses(first: u16, last: u16, outcome: Outcome, note: &'static str) -> StatusRow {
    StatusRow {
        first,
        last,
        outcome,
        note,
    }
}

const fn status(status: u16, outcome: Outcome, note: &'static str) -> StatusRow {
    statuses(status, status, outcome, note)
}

/// All statuses of an answer; the first row that has one holds.
pub const STATUSES: &[StatusRow] = &[
    statuses(200, 399, Good, "an answer; redirections are not followed"),
    status(
        404,
        Negative,
        "there is no such thing, and the callee knows",
    ),
    status(
        408,
        TimeoutResponse,
        "the server waited too long for the request",
    ),
    status(410, Negative, "there is no longer such a thing"),
    status(429, RejectedRateLimited, "too many requests"),
    status(460, Cancelled, "load balancer of AWS: the client left"),
    status(499, Cancelled, "nginx: the client left"),
    statuses(
        400,
        498,
        ErrorInvalid,
        "all other 4xx: the caller's own mistake, 409 too",
    ),
    status(502, ErrorDependency, "a gateway got no proper answer"),
    status(503, ErrorUnavailable, "cannot serve now"),
    status(504, TimeoutResponse, "a gateway waited too long"),
    status(
        522,
        TimeoutConnect,
        "Cloudflare: no connection to the origin in time",
    ),
    status(
        524,
        TimeoutResponse,
        "Cloudflare: the origin did not answer in time",
    ),
    statuses(
        520,
        526,
        ErrorDependency,
        "Cloudflare: other troubles with the origin",
    ),
    status(529, RejectedShed, "several vendors: the site is overloaded"),
    statuses(500, 599, ErrorInternal, "all other 5xx"),
];

/// What a status of HTTP means; none for what is no status of an answer.
pub fn of_status(status: u16) -> Option<Outcome> {
    let mut rows = STATUSES.iter();
    let row = rows.find(|row| (row.first..=row.last).contains(&status))?;
    Some(row.outcome)
}

/// Whose words they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vocabulary {
    /// Codes of gRPC; Envoy's `retry_on` has five of them in lower case.
    Grpc,
    /// Words of logs that know few outcomes.
    Plain,
    /// Errors of clients and of libraries for resilience.
    Library,
    /// Conditions on which proxies try again: `retry_on` of Envoy and Istio.
    Envoy,
    /// `retry-on` of `HAProxy`.
    Haproxy,
}

impl Vocabulary {
    /// All of them, in the order in which they are looked up.
    pub const ALL: [Self; 5] = [
        Self::Grpc,
        Self::Plain,
        Self::Library,
        Self::Envoy,
        Self::Haproxy,
    ];
}

/// Words that mean the same.
#[derive(Clone, Copy, Debug)]
pub struct WordRow {
    /// Whose they are.
    pub of: Vocabulary,
    /// The words; case, spaces, hyphens and underscores do not matter.
    pub words: &'static [&'static str],
    /// What they mean; empty if that depends on more than the word.
    pub outcomes: OutcomeSet,
    /// Why, or what to mind; empty where the word says it.
    pub note: &'static str,
}

const fn row(
    of: Vocabulary,
    words: &'static [&'static str],
    outcomes: &[Outcome],
    note: &'static str,
) -> WordRow {
    WordRow {
        of,
        words,
        outcomes: OutcomeSet::of(outcomes),
        note,
    }
}

/// What has a proxy answer 503, or is one: the service cannot serve, or turned the request away.
const NO_SERVICE: [Outcome; 4] = [
    ErrorUnavailable,
    RejectedQueueFull,
    RejectedQueueTimeout,
    RejectedShed,
];
/// What is no response at all.
const NO_RESPONSE: [Outcome; 5] = [
    ErrorRefused,
    ErrorReset,
    TimeoutConnect,
    TimeoutResponse,
    TimeoutDeadline,
];

const fn of_all(
    of: Vocabulary,
    words: &'static [&'static str],
    sets: [&[Outcome]; 3],
    note: &'static str,
) -> WordRow {
    let rest = OutcomeSet::of(sets[1]).union(OutcomeSet::of(sets[2]));
    WordRow {
        of,
        words,
        outcomes: OutcomeSet::of(sets[0]).union(rest),
        note,
    }
}

use Vocabulary::{Envoy, Grpc, Haproxy, Library, Plain};

/// All words.
pub const WORDS: &[WordRow] = &[
    row(Grpc, &["OK"], &[Good], ""),
    row(
        Grpc,
        &["CANCELLED", "CANCELED"],
        &[Cancelled],
        "the client left",
    ),
    row(Grpc, &["UNKNOWN"], &[ErrorInternal], ""),
    row(Grpc, &["INVALID_ARGUMENT"], &[ErrorInvalid], ""),
    row(Grpc, &["DEADLINE_EXCEEDED"], &[TimeoutResponse], ""),
    row(
        Grpc,
        &["NOT_FOUND"],
        &[Negative],
        "there is no such thing, and the callee knows",
    ),
    row(Grpc, &["ALREADY_EXISTS"], &[ErrorInvalid], "as 409"),
    row(Grpc, &["PERMISSION_DENIED"], &[ErrorInvalid], ""),
    row(
        Grpc,
        &["RESOURCE_EXHAUSTED"],
        &[RejectedRateLimited],
        "a quota; some servers mean that they are full",
    ),
    row(Grpc, &["FAILED_PRECONDITION"], &[ErrorInvalid], ""),
    row(
        Grpc,
        &["ABORTED"],
        &[ErrorInvalid],
        "as 409: a conflict with others, the callee is well",
    ),
    row(Grpc, &["OUT_OF_RANGE"], &[ErrorInvalid], ""),
    row(Grpc, &["UNIMPLEMENTED"], &[ErrorInvalid], ""),
    row(Grpc, &["INTERNAL"], &[ErrorInternal], ""),
    row(
        Grpc,
        &["UNAVAILABLE"],
        &[ErrorUnavailable],
        "by clients also for a connection refused or lost: `error.refused`, `error.reset`",
    ),
    row(Grpc, &["DATA_LOSS"], &[ErrorInternal], ""),
    row(Grpc, &["UNAUTHENTICATED"], &[ErrorInvalid], ""),
    row(Plain, &["success", "hit"], &[Good], ""),
    row(Plain, &["miss", "cache miss"], &[Negative], ""),
    row(Plain, &["failure", "error"], &[ErrorInternal], ""),
    row(Plain, &["timeout"], &[TimeoutResponse], ""),
    row(
        Library,
        &["ECONNREFUSED", "ConnectException", "connection refused"],
        &[ErrorRefused],
        "",
    ),
    row(
        Library,
        &["ECONNRESET", "EPIPE", "connection reset"],
        &[ErrorReset],
        "",
    ),
    row(
        Library,
        &["ETIMEDOUT", "ConnectTimeout", "ConnectTimeoutException"],
        &[TimeoutConnect],
        "",
    ),
    row(
        Library,
        &[
            "ReadTimeout",
            "SocketTimeoutException",
            "TimeoutException",
            "TimeoutRejectedException",
            "context deadline exceeded",
        ],
        &[TimeoutResponse],
        "",
    ),
    row(
        Library,
        &[
            "CallNotPermittedException",
            "BrokenCircuitException",
            "EOPENBREAKER",
            "ErrOpenState",
        ],
        &[StoppedBreakerOpen],
        "resilience4j, Polly, opossum, gobreaker",
    ),
    row(
        Library,
        &[
            "BulkheadFullException",
            "BulkheadRejectedException",
            "ESEMLOCKED",
        ],
        &[StoppedBulkheadFull],
        "resilience4j, Polly 7, opossum",
    ),
    row(
        Library,
        &["RequestNotPermitted", "RateLimiterRejectedException"],
        &[StoppedRateLimited],
        "resilience4j, Polly 8",
    ),
    of_all(
        Envoy,
        &["5xx"],
        [&[ErrorInternal, ErrorDependency], &NO_SERVICE, &NO_RESPONSE],
        "and no response at all",
    ),
    of_all(
        Envoy,
        &["gateway-error"],
        [&[ErrorDependency], &NO_SERVICE, &NO_RESPONSE],
        "502, 503, 504, and no response at all, which Envoy answers with one of them",
    ),
    row(
        Envoy,
        &["reset"],
        &NO_RESPONSE,
        "no response at all; the timeout is that of each try",
    ),
    row(
        Envoy,
        &["connect-failure"],
        &[ErrorRefused, TimeoutConnect],
        "",
    ),
    row(
        Envoy,
        &["refused-stream"],
        &[ErrorRefused],
        "the nearest: nothing has been done",
    ),
    row(
        Envoy,
        &["reset-before-request"],
        &[ErrorRefused, TimeoutConnect],
        "",
    ),
    row(Envoy, &["http3-post-connect-failure"], &[ErrorReset], ""),
    row(
        Envoy,
        &["retriable-4xx"],
        &[ErrorInvalid],
        "409 alone, where Squall knows only one kind of 4xx",
    ),
    row(Envoy, &["envoy-ratelimited"], &[RejectedRateLimited], ""),
    row(
        Envoy,
        &["retriable-status-codes", "retriable-headers"],
        &[],
        "name the outcomes of those statuses",
    ),
    row(
        Haproxy,
        &["conn-failure"],
        &[ErrorRefused, TimeoutConnect],
        "",
    ),
    row(Haproxy, &["empty-response"], &[ErrorReset], ""),
    row(Haproxy, &["junk-response"], &[ErrorInternal], ""),
    row(Haproxy, &["response-timeout"], &[TimeoutResponse], ""),
];

/// The row of a word; spelling does not matter beyond letters and digits.
pub fn of_word(text: &str) -> Option<&'static WordRow> {
    let is_said = |word: &&'static str| letters(word).eq(letters(text));
    let some = letters(text).next().is_some();
    WORDS
        .iter()
        .find(|row| some && row.words.iter().any(is_said))
}

/// What matters of a word.
fn letters(text: &str) -> impl Iterator<Item = char> {
    let matters = |&letter: &char| !matches!(letter, ' ' | '-' | '_');
    text.chars()
        .filter(matters)
        .map(|letter| letter.to_ascii_lowercase())
}

/// The one outcome that a log means by a status or a word; none if it is no such word, or may mean
/// several.
pub fn outcome_said(text: &str) -> Option<Outcome> {
    if let Some(outcome) = number(text).and_then(of_status) {
        return Some(outcome);
    }
    let mut outcomes = of_word(text)?.outcomes.iter();
    outcomes.next().filter(|_| outcomes.next().is_none())
}

/// What a status or a word means, as a sentence: "503 is `error.unavailable`".
pub fn meaning_of(text: &str) -> Option<String> {
    let status = text.strip_prefix("http_").unwrap_or(text);
    if let Some(outcome) = number(status).and_then(of_status) {
        return Some(format!("{text} is `{outcome}`"));
    }
    let row = of_word(text)?;
    let text = text.chars().take(64).collect::<String>();
    Some(match row.outcomes.brief().as_slice() {
        [] => format!("`{text}`: {}", row.note),
        [one] => format!("`{text}` is `{one}`"),
        several => format!("`{text}` is [{}]", several.join(", ")),
    })
}

/// A number in digits alone.
pub(crate) fn number(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_an_outcome() {
        for (status, outcome) in [
            (199, None),
            (200, Some(Good)),
            (304, Some(Good)),
            (400, Some(ErrorInvalid)),
            (404, Some(Negative)),
            (408, Some(TimeoutResponse)),
            (409, Some(ErrorInvalid)),
            (410, Some(Negative)),
            (429, Some(RejectedRateLimited)),
            (499, Some(Cancelled)),
            (500, Some(ErrorInternal)),
            (502, Some(ErrorDependency)),
            (503, Some(ErrorUnavailable)),
            (504, Some(TimeoutResponse)),
            (523, Some(ErrorDependency)),
            (529, Some(RejectedShed)),
            (599, Some(ErrorInternal)),
            (600, None),
        ] {
            assert_eq!(of_status(status), outcome, "{status}");
        }
        assert!((200..=599).all(|status| of_status(status).is_some()));
    }

    /// A word means one thing, in every spelling; what a log can mean is one outcome.
    #[test]
    fn words_are_found_once_and_in_any_spelling() {
        let all = || WORDS.iter().flat_map(|row| row.words);
        for word in all() {
            let equal = all().filter(|other| letters(other).eq(letters(word)));
            assert_eq!(equal.count(), 1, "{word}");
            let shouted = word.to_uppercase().replace('-', "_");
            assert!(of_word(&shouted).is_some_and(|row| row.words.contains(word)));
        }
        for (text, outcome) in [
            ("not_found", Some(Negative)),
            ("NotFound", Some(Negative)),
            ("DeadlineExceeded", Some(TimeoutResponse)),
            ("Cache Miss", Some(Negative)),
            ("404", Some(Negative)),
            ("+404", None),
            ("gateway-error", None),
            ("retriable-headers", None),
            ("", None),
            ("_", None),
        ] {
            assert_eq!(outcome_said(text), outcome, "{text}");
        }
    }

    #[test]
    fn a_scenario_is_told_what_it_means() {
        for (text, meaning) in [
            ("503", "503 is `error.unavailable`"),
            ("http_504", "http_504 is `timeout.response`"),
            ("UNAVAILABLE", "`UNAVAILABLE` is `error.unavailable`"),
            (
                "connect-failure",
                "`connect-failure` is [error.refused, timeout.connect]",
            ),
            ("reset", "`reset` is [timeout, error.refused, error.reset]"),
            (
                "5xx",
                "`5xx` is [timeout, error.internal, error.unavailable, error.dependency, \
                 error.refused, error.reset, rejected.queue_full, rejected.queue_timeout, \
                 rejected.shed]",
            ),
            (
                "retriable-headers",
                "`retriable-headers`: name the outcomes of those statuses",
            ),
        ] {
            assert_eq!(meaning_of(text).as_deref(), Some(meaning));
        }
        assert_eq!(meaning_of("timeuot"), None);
        assert_eq!(meaning_of("700"), None);
    }
}
