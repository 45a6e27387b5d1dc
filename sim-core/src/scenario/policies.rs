//! The policies of a file, alone: for playing recorded calls through them.
//!
//! A call log needs no clients, services or faults, so a file may hold nothing but what a policy is
//! made of (`policies`, and what those refer to). It is read as a scenario in which nothing runs:
//! every key means what it means there, with the same mistakes and hints, and a policy tuned on a
//! log can be pasted into a scenario unchanged. Of a whole scenario all policies are taken, those
//! written in the place of a call as well, named after that place.

use super::diagnostic::{Diagnostic, Diagnostics, Origin};
use super::file::ScenarioFile;
use super::loaded::Source;
use super::policy::Policy;
use super::read::{FileType, Reader};
use super::set::set_one;
use super::tree::{self, Entry, Kind, Node};
use super::{compile, inline, preset};
use crate::policy::BreakerConfig;

/// Sections that only a whole scenario has.
const WHOLE: [&str; 3] = ["clients", "services", "run"];

/// Whether a text holds policies and nothing that runs.
pub fn holds_only_policies(text: &str) -> bool {
    let Ok(tree) = tree::parse(text, Origin::File) else {
        return false;
    };
    !is_whole(&tree) && tree.get("policies").is_some()
}

fn is_whole(tree: &Node) -> bool {
    WHOLE.iter().any(|key| tree.get(key).is_some())
}

/// Reads the policies of a scenario, or of a file that holds policies and nothing that runs; by
/// name. `sets` and `files` are those of [`super::load`].
pub fn load_policies(
    source: &Source,
    sets: &[(String, String)],
    files: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Vec<Policy>, Diagnostics> {
    let mut tree = tree::parse(&source.text, Origin::File)?;
    let mut found = Diagnostics::new();
    let whole = is_whole(&tree);
    if !whole {
        refuse_without_policies(&tree)?;
        add_what_does_not_run(&mut tree);
    }
    for (index, (path, value)) in (0..).zip(sets) {
        if let Err(problem) = set_one(&mut tree, path, value, Origin::Set(index)) {
            found.push(problem);
        }
    }
    inline::files(&mut tree, files, &mut found);
    let mut reader = Reader::default();
    let mut filled = tree.clone();
    preset::apply_presets(&mut filled);
    let file = ScenarioFile::read(&filled, &mut reader);
    found.append(reader.found);
    let Some(file) = file else {
        return Err(found.sorted());
    };
    let (policies, problems) = compile::policies(&file, whole.then_some(&tree));
    found.append(problems);
    if found.has_errors() {
        return Err(found.sorted());
    }
    Ok(policies)
}

/// The breaker of a library, with its default settings; `None` if there is no table of that name.
///
/// ```
/// use sim_core::policy::{Admission, Breaker, Outcome};
/// use sim_core::time::SimTime;
///
/// let config = sim_core::scenario::breaker_preset("pybreaker").unwrap();
/// let mut breaker = Breaker::new();
/// for _ in 0..5 {
///     let Admission::Admit(permit) = breaker.try_acquire(SimTime::ZERO, &config) else { panic!() };
///     breaker.on_result(SimTime::ZERO, &config, permit, Outcome::ErrorInternal, |_| 0.5);
/// }
/// assert_eq!(breaker.try_acquire(SimTime::ZERO, &config), Admission::Reject);
/// ```
pub fn breaker_preset(name: &str) -> Option<BreakerConfig> {
    let known = preset::BREAKERS.iter().any(|preset| preset.name == name);
    known.then_some(())?;
    let source = Source {
        name: name.to_owned(),
        text: format!("policies: {{ p: [circuit_breaker: {{ like: {name} }}] }}\n"),
    };
    let policies = load_policies(&source, &[], &|_| Err(String::new())).ok()?;
    policies.first()?.layers.first()?.kind.breaker().cloned()
}

fn refuse_without_policies(tree: &Node) -> Result<(), Diagnostics> {
    let is_map = matches!(tree.kind, Kind::Map(_));
    if is_map && tree.get("policies").is_some() {
        return Ok(());
    }
    let message = "there are no policies here";
    let hint = "write `policies:` and below it a name with a list of layers, outermost first";
    let problem = Diagnostic::error("missing-key", tree.span, message);
    Err(problem.hint(hint).into())
}

/// The sections a scenario cannot do without, with nothing in them.
fn add_what_does_not_run(tree: &mut Node) {
    let span = tree.span;
    let missing = |key: &str| tree.get(key).is_none();
    let one_second = Entry {
        key: "duration".to_owned(),
        key_span: span,
        value: Node::scalar("1s", span),
    };
    let run = Node {
        span,
        kind: Kind::Map(vec![one_second]),
    };
    let sections = [
        ("scenario", Node::scalar("policies", span)),
        ("run", run),
        ("clients", Node::empty_map(span)),
        ("services", Node::empty_map(span)),
    ];
    let added: Vec<Entry> = sections
        .into_iter()
        .filter(|(key, _)| missing(key))
        .map(|(key, value)| Entry {
            key: key.to_owned(),
            key_span: span,
            value,
        })
        .collect();
    if let Kind::Map(entries) = &mut tree.kind {
        entries.extend(added);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Layer, OnExpiry};

    fn read(text: &str) -> Result<Vec<Policy>, String> {
        let source = Source {
            name: "policy.yaml".to_owned(),
            text: text.to_owned(),
        };
        load_policies(&source, &[], &|_| Err("no files".to_owned())).map_err(|e| e.to_string())
    }

    #[test]
    fn a_file_of_policies_needs_nothing_that_runs() {
        let policies = read(
            "policies:\n  b:\n    - timeout: 1s\n    - timeout: { after: 2s, on_expiry: detach }\n  \
             a: []\n",
        )
        .unwrap();
        let names: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        let layers = &policies[1].layers;
        assert_eq!(layers[1].name, "timeout[2]");
        let Layer::Timeout(config) = layers[1].kind else {
            panic!("a timeout is expected");
        };
        assert_eq!(config.on_expiry, OnExpiry::Detach);
    }

    #[test]
    fn a_file_of_policies_is_told_from_a_scenario() {
        assert!(holds_only_policies("policies: { a: [] }"));
        assert!(!holds_only_policies("policies: { a: [] }\nservices: {}"));
        assert!(!holds_only_policies("budgets: {}"));
        assert!(!holds_only_policies("policies: ["));
    }

    #[test]
    fn hints_say_how_to_be_like_a_library() {
        for (policy, message, hint) in [
            (
                "[circuit_breaker: resilience4j]",
                "a map is needed here",
                "write `{ like: resilience4j }`",
            ),
            (
                "[bulkhead: { like: r4j }]",
                "resilience4j, polly, envoy",
                "",
            ),
            (
                "{ like: dapr, retry: 3 }",
                "cannot be overridden, and `retry` stands beside `like`",
                "`squall validate --expand` prints",
            ),
            (
                "{ like: hystrix }",
                "that library has no pipeline here",
                "`circuit_breaker: { like: hystrix }`, `timeout: { like: hystrix }`",
            ),
            (
                "{ like: polly-standart }",
                "",
                "did you mean `polly-standard`?",
            ),
            (
                "[retry: { like: cockatiel, backoff: { constant: 1s } }]",
                "the jitter `cockatiel` needs `exponential` backoff",
                "`jitter: none`",
            ),
        ] {
            let said = read(&format!("policies: {{ p: {policy} }}\n")).unwrap_err();
            assert!(
                said.contains(message) && said.contains(hint),
                "{policy}: {said}"
            );
            assert_eq!(said.matches(": error: ").count(), 1, "{policy}: {said}");
        }
    }

    #[test]
    fn of_a_scenario_all_policies_are_taken() {
        let text = include_str!("tests/example.yaml");
        let policies = read(text).unwrap();
        let names: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
        assert!(names.contains(&"guarded"), "{names:?}");
    }

    #[test]
    fn mistakes_have_their_place() {
        for (text, message) in [
            ("policies:\n  a:\n    - timeot: 1s\n", "3:7: error"),
            ("a: 1\n", "there are no policies here"),
            ("- timeout: 1s\n", "there are no policies here"),
            ("policies: {}\nclint: 3\n", "has no key `clint`"),
            ("policies:\n  a:\n    - timeout: 1\n", "carries its unit"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(message), "{text}: {said}");
        }
    }
}
