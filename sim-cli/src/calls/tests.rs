//! Logs as people and programs write them, and as nobody should.

use super::*;
use sim_core::policy::Outcome;

/// The calls of a text, a line each, and what is wrong.
fn read(text: &[u8]) -> Vec<String> {
    let mut calls = Calls::new(text);
    let mut said = Vec::new();
    loop {
        let line = match calls.next_call() {
            Ok(None) => return said,
            Ok(Some(call)) => {
                let answers = call
                    .answers
                    .iter()
                    .map(|it| format!(" {} {}", it.latency, it.outcome));
                let names = [&call.caller, &call.target, &call.class].map(|name| &name[..]);
                format!("{}{} {names:?}", call.start, answers.collect::<String>())
            }
            Err(Stop::Line(trouble)) => words(&trouble),
            Err(Stop::Log(trouble)) => {
                said.push(format!("stop: {}", words(&trouble)));
                return said;
            }
            Err(Stop::System(error)) => panic!("{error}"),
        };
        said.push(line);
    }
}

fn words(trouble: &Trouble) -> String {
    format!("{} {}", trouble.column.unwrap_or("-"), trouble.message)
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(read(text.as_bytes()), expected, "{text}");
}

#[test]
fn columns_come_in_any_order_and_others_are_passed_over() {
    check(
        "outcome,extra,start,latency_ms,caller\r\n200,x,1.5,250,\"a, \"\"b\"\"\"\n\nok,,2s,1.5us,\n",
        &[
            "1.5s 250ms ok [\"a, \\\"b\\\"\", \"\", \"\"]",
            "2s 1.5us ok [\"\", \"\", \"\"]",
        ],
    );
}

#[test]
fn json_has_the_same_keys_and_keeps_every_digit() {
    check(
        "{\"start\": 1748779200.123456789, \"latency\": \"20ms\", \"outcome\": 503, \"x\": [{}]}\n\
         {\"latency\": 1e-3, \"outcome\": \"ok\", \"start\": \"1748779201\", \"class\": \"gold\"}\n",
        &[
            "1748779200.123456789s 20ms error.unavailable [\"\", \"\", \"\"]",
            "1748779201s 1ms ok [\"\", \"\", \"gold\"]",
        ],
    );
}

#[test]
fn a_line_may_hold_several_attempts() {
    check(
        "start,latency,outcome\n0,0.5|20ms,503|ok\n0,1|2,ok\n",
        &[
            "0s 500ms error.unavailable 20ms ok [\"\", \"\", \"\"]",
            "- there are 2 latencies and 1 outcomes, but an attempt has one of each",
        ],
    );
    check(
        "{\"start\":0,\"latency\":[0.5,\"20ms\"],\"outcome\":[503,\"ok\"]}",
        &["0s 500ms error.unavailable 20ms ok [\"\", \"\", \"\"]"],
    );
}

#[test]
fn dates_are_a_clock_of_their_own() {
    check(
        "start,latency,outcome\n2025-06-01T12:00:00.000000001Z,1,ok\n5,1,ok\n2025-06-31T12:00:00Z,1,ok\n",
        &[
            "1748779200.000000001s 1s ok [\"\", \"\", \"\"]",
            "start dates and seconds are mixed in one log",
            "start `2025-06-31T12:00:00Z`: it is not an instant",
        ],
    );
}

#[test]
fn a_bad_cell_is_named_with_its_cause() {
    for (cells, said) in [
        ("0,-1,ok", "latency `-1`: time cannot be negative"),
        ("0,NaN,ok", "latency `NaN`: it is not a time"),
        ("0,inf,ok", "latency `inf`: it is not a time"),
        ("0,,ok", "latency an empty cell: it is not a time"),
        ("0,1.,ok", "latency `1.`: it is not a time"),
        ("0,1 s,ok", "latency `1 s`: it is not a time"),
        ("0,1e99,ok", "latency `1e99`: it is longer than 292 years"),
        (
            "0,1e99999999999,ok",
            "latency `1e99999999999`: it is not a time",
        ),
        ("x,1,ok", "start `x`: it is not a time"),
        ("0|1,1,ok", "start a call starts once"),
        ("0,1,okay", "outcome `okay`: there is no such outcome"),
        (
            "0,1,199",
            "outcome `199`: an HTTP status of an answer lies between 200 and 599",
        ),
        ("0,1,99999", "outcome `99999`: there is no such outcome"),
        ("0,1", "- there are 2 cells, but the header names 3 columns"),
        (
            "0,1,ok,4",
            "- there are 4 cells, but the header names 3 columns",
        ),
        ("0,1,\"ok", "- a quote is not closed"),
        ("0,\"1\"x,ok", "- there is text behind a closing quote"),
    ] {
        check(&format!("start,latency,outcome\n{cells}\n"), &[said]);
    }
}

#[test]
fn what_is_no_log_is_refused_at_once() {
    for (text, said) in [
        ("", "stop: - there are no calls in it"),
        ("\n \n", "stop: - there are no calls in it"),
        (
            "start,latency\n",
            "stop: - the header has no column `outcome`, but `start`, `latency`",
        ),
        (
            "start,start_ms,latency,outcome\n",
            "stop: - the header names `start` twice",
        ),
    ] {
        check(text, &[said]);
    }
    let long = format!("start,latency,outcome\n{}", "x".repeat(1 << 20));
    check(&long, &["stop: - a line of more than 64 KiB"]);
}

#[test]
fn bytes_that_are_no_text_and_half_objects_are_told() {
    assert_eq!(
        read(b"start,latency,outcome\n0,\xff,ok\n0,1,ok"),
        [
            "- the byte 0xff is not UTF-8 text",
            "0s 1s ok [\"\", \"\", \"\"]"
        ]
    );
    for (text, start) in [
        ("{\"start\": 0", "- not a JSON object: EOF while parsing"),
        ("{\"start\": 0}\n", "- the object has no key `latency`"),
        (
            "{\"start\":0,\"start\":1}",
            "- not a JSON object: `start` stands there twice",
        ),
        ("{} {}", "- not a JSON object: trailing characters"),
    ] {
        let said = read(text.as_bytes());
        assert!(said[0].starts_with(start), "{text}: {said:?}");
    }
}

#[test]
fn plain_words_in_any_case_are_outcomes() {
    for (word, outcome) in [
        ("OK", Outcome::Ok),
        ("Success", Outcome::Ok),
        ("FAILURE", Outcome::ErrorInternal),
        ("error", Outcome::ErrorInternal),
        ("Timeout", Outcome::TimeoutResponse),
        ("TIMEOUT.CONNECT", Outcome::TimeoutConnect),
        ("NOT_FOUND", Outcome::Negative),
        ("miss", Outcome::Negative),
        ("DeadlineExceeded", Outcome::TimeoutResponse),
        ("504", Outcome::TimeoutResponse),
    ] {
        let text = format!("start,latency,outcome\n0,1,{word}\n");
        let mut calls = Calls::new(text.as_bytes());
        let call = calls.next_call().unwrap().unwrap();
        assert_eq!(call.answers[0].outcome, outcome, "{word}");
    }
}

#[test]
fn every_status_has_an_outcome() {
    for status in 200..600 {
        let text = format!("start,latency,outcome\n0,1,{status}\n");
        let mut calls = Calls::new(text.as_bytes());
        let outcome = calls.next_call().unwrap().unwrap().answers[0].outcome;
        let is_useful = status < 400 || matches!(status, 404 | 410);
        assert_eq!(outcome.is_useful(), is_useful, "{status}");
        assert_ne!(outcome, Outcome::Degraded);
    }
}

#[test]
fn numbers_are_exact_and_round_to_the_nearest() {
    for (text, ns) in [
        ("0.30000000000000004", 300_000_000),
        ("0.0000000005", 1),
        ("0.00000000049", 0),
        ("000000000000000000000000000001", 1_000_000_000),
        ("9007199254.740993001", 9_007_199_254_740_993_001),
        ("1h1m1.5s", 3_661_500_000_000),
    ] {
        let text = format!("start,latency,outcome\n{text},1,ok\n");
        let mut calls = Calls::new(text.as_bytes());
        assert_eq!(
            calls.next_call().unwrap().unwrap().start.as_ns(),
            ns,
            "{text}"
        );
    }
}
