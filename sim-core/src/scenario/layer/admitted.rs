//! A guard in the list `admission` of a service: the same keys as in a policy, but for those about
//! waiting and about the callers that own its state.

use crate::model::spec::Per;
use crate::scenario::read::{At, FileType, MapReader, Reader, choices};
use crate::scenario::shape::{FieldShape, Presence, Shape};
use crate::scenario::tree::{Kind, Node};
use crate::scenario::value::Problem;

/// The keys of a guard that make no sense where nobody waits.
const WAITING: &[&str] = &["max_wait", "max_waiting", "reservation", "refusal"];
/// The keys that say who of the callers owns its state.
const OWNERS: &[&str] = &["scope", "share"];

/// A guard that may stand in `admission`.
pub(in crate::scenario) trait Admissible: FileType {
    /// What the type is called there.
    const NAME: &'static str;
    /// Whether each tenant, client or class may have a state of its own.
    const KEYED: bool;
    /// Whether all instances may have one state together.
    const SHARED: bool = true;
}

choices! {
    /// Whose state it is.
    AdmissionScopeFile {
        /// Each instance has its own, which is gone with it.
        instance = Instance;
        /// All instances have one together: a store that outlives them.
        service = Service;
    }
}

choices! {
    /// Who has a limit of their own.
    PerFile {
        /// Each tenant.
        tenant = Tenant;
        /// Each client, and each service that calls.
        client = Client;
        /// Each class of calls.
        class = Class;
    }
}

impl From<PerFile> for Per {
    fn from(file: PerFile) -> Self {
        match file {
            PerFile::Tenant => Self::Tenant,
            PerFile::Client => Self::Client,
            PerFile::Class => Self::Class,
        }
    }
}

/// A guard as it stands in `admission`.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Admitted<T> {
    pub(in crate::scenario) guard: At<T>,
    pub(in crate::scenario) shared: bool,
    pub(in crate::scenario) per: Option<PerFile>,
}

impl<T: Admissible> FileType for Admitted<T> {
    fn shape() -> Shape {
        let Shape::Map(mut map) = T::shape() else {
            return T::shape();
        };
        map.name = T::NAME;
        let left_out = |key: &str| WAITING.contains(&key) || OWNERS.contains(&key);
        map.fields.retain(|field| !left_out(field.key));
        if T::SHARED {
            map.fields.push(FieldShape {
                key: "scope",
                doc: "Whose state it is.".to_owned(),
                presence: Presence::Default("instance"),
                of: AdmissionScopeFile::shape,
            });
        }
        if T::KEYED {
            map.fields.push(FieldShape {
                key: "per",
                doc: "Who has a limit of their own; without it there is one for all.".to_owned(),
                presence: Presence::Optional,
                of: PerFile::shape,
            });
        }
        Shape::Map(map)
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            let guard = At::<T>::read(node, reader)?;
            return Some(Self {
                guard,
                shared: false,
                per: None,
            });
        };
        let like = node.get("like").map(|like| like.span);
        let mut own = node.clone();
        if let Kind::Map(own) = &mut own.kind {
            own.retain(|entry| !WAITING.contains(&entry.key.as_str()));
        }
        // What a library says about waiting is left out; what is written is a mistake.
        let waits = entries
            .iter()
            .find(|entry| WAITING.contains(&entry.key.as_str()) && Some(entry.value.span) != like);
        if let Some(waits) = waits {
            let problem = Problem::new("nobody waits at the gate of a service");
            let hint = format!(
                "leave out `{}`: who is not let in is turned away, and who is waits in `queue`",
                waits.key
            );
            return reader.under(&waits.key, |reader| {
                reader.refuse(&waits.value, problem.hint(hint))
            });
        }
        let map = MapReader::open(&own, &Self::shape(), reader)?;
        let scope = if T::SHARED {
            map.or_default::<AdmissionScopeFile>("scope", "instance", reader)
        } else {
            Some(AdmissionScopeFile::Instance)
        };
        let per = if T::KEYED {
            map.optional::<PerFile>("per", reader)
        } else {
            Some(None)
        };
        let known = T::shape().keys();
        let mut rest = own.clone();
        if let Kind::Map(rest) = &mut rest.kind {
            let kept = |key: &str| known.contains(&key) && !OWNERS.contains(&key);
            rest.retain(|entry| kept(&entry.key));
        }
        let guard = At::<T>::read(&rest, reader);
        Some(Self {
            guard: guard?,
            shared: scope? == AdmissionScopeFile::Service,
            per: per?,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::{Layer, RateRule};
    use crate::scenario::{Source, load};

    fn read(admission: &str) -> Result<Vec<Layer>, String> {
        let text = format!(
            "scenario: gate\nrun: {{ duration: 1s }}\nclients:\n  c: {{ arrivals: {{ constant: {{ rate: 1/s }} }}, calls: s.op }}\nservices:\n  s: {{ threads: 1, queue: {{ capacity: 1 }}, admission: {admission}, operations: {{ op: {{ steps: [work: 1ms] }} }} }}\n"
        );
        let name = "gate.yaml".to_owned();
        let loaded = load(&Source { name, text }, &[], &|_| Err(String::new()));
        let loaded = loaded.map_err(|found| found.to_string())?;
        Ok(loaded
            .scenario
            .model
            .admission
            .iter()
            .map(|it| it.kind.clone())
            .collect())
    }

    #[test]
    fn a_guard_means_the_same_as_in_a_policy() {
        let layers = read("[{ rate_limit: { permits: 7, burst: 3 } }]").unwrap();
        let limit = layers[0].rate_limit().unwrap();
        assert_eq!(limit.rule, RateRule::TokenBucket { burst: 3 });
        let layers = read("[{ bulkhead: { max_concurrent: 5, enabled: false } }]").unwrap();
        assert!(layers.is_empty());
    }

    #[test]
    fn what_a_library_says_about_waiting_is_left_out() {
        let layers =
            read("[{ bulkhead: { like: envoy } }, { rate_limit: { like: resilience4j } }]");
        let layers = layers.unwrap();
        let bulkhead = layers[0].bulkhead().unwrap();
        assert_eq!((bulkhead.max_concurrent, bulkhead.max_waiting), (1024, 0));
        assert!(layers[1].rate_limit().unwrap().max_wait.is_zero());
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (admission, message, hint) in [
            (
                "[{ bulkhead: { max_concurrent: 5, max_waiting: 3 } }]",
                "nobody waits at the gate",
                "leave out `max_waiting`",
            ),
            (
                "[{ rate_limit: { permits: 5, max_wait: 1s } }]",
                "nobody waits at the gate",
                "leave out `max_wait`",
            ),
            (
                "[{ bulkhead: { max_concurrent: 5, share: x } }]",
                "has no key `share`",
                "",
            ),
            (
                "[{ bulkhead: { max_concurrent: 5, per: user } }]",
                "tenant, client, class",
                "",
            ),
            ("[{ retry: {} }]", "retry", ""),
        ] {
            let said = read(admission).expect_err(admission);
            assert!(said.contains("6:") || said.contains("7:"), "{said}");
            assert!(said.contains(message) && said.contains(hint), "{said}");
        }
    }
}
