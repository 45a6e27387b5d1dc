//! The scenarios of the project, kept in the program as texts to start from.

/// A scenario to start from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Template {
    /// Its name: that of its file without `.yaml`.
    pub(crate) name: &'static str,
    /// All of its file.
    pub(crate) text: &'static str,
}

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(Template {
            name: $name,
            text: include_str!(concat!("../../scenarios/", $name, ".yaml")),
        }),*]
    };
}

/// All of them, by name.
pub(crate) const ALL: &[Template] = templates![
    "acked-too-early",
    "acked-when-done",
    "backlog",
    "breaker-forgets",
    "breaker-ten-callers",
    "breaker-thousand-callers",
    "breaker-too-high",
    "breaker-too-low",
    "bulkhead-isolates",
    "cascading-timeouts",
    "charged-and-left",
    "charged-and-undone",
    "charged-for-nothing",
    "charged-or-cancelled",
    "check-detection",
    "check-detection-fast",
    "closed-loop",
    "dead-in-outage",
    "deadline-carried",
    "deadline-ignored",
    "death-spiral",
    "death-spiral-process",
    "fallback-contained",
    "fallback-spreads",
    "fast-failing-host",
    "fast-failing-host-ejected",
    "fresh-first",
    "hedge-budget",
    "hedge-overload",
    "hedge-tail",
    "herd-with-jitter",
    "herd-without-jitter",
    "lease-long-enough",
    "lease-too-short",
    "limit-climbs",
    "limit-given",
    "limit-learns",
    "limit-shrinks",
    "memory-bounded",
    "memory-kill",
    "memory-short",
    "memory-short-bounded",
    "noisy-tenant",
    "noisy-tenant-limited",
    "one-worse-host",
    "one-worse-host-ejected",
    "open-loop",
    "payments-charged-once",
    "payments-charged-twice",
    "payments-guarded",
    "payments-slowdown",
    "poison-blocks",
    "poison-set-aside",
    "pool-deadlock",
    "pool-deadlock-free",
    "prefetch-collapse",
    "prefetch-fits",
    "quota-spread",
    "random-failures",
    "rebalance-cooperative",
    "rebalance-eager",
    "redrive-flood",
    "redrive-paced",
    "removal-drained",
    "removal-gap",
    "reports-aging",
    "reports-own-pool",
    "reports-starve",
    "reports-starve-pool",
    "retry-amplification",
    "retry-inside-breaker",
    "retry-outside-breaker",
    "rush-fresh-first",
    "rush-in-order",
    "slightly-worse-host",
    "stale-prices",
    "storm-breaker",
    "storm-budget",
    "storm-unguarded",
    "zone-lost",
    "zone-lost-with-room",
];

/// The one with a name.
pub(crate) fn find(name: &str) -> Option<&'static Template> {
    ALL.iter().find(|template| template.name == name)
}

impl Template {
    /// What it asks.
    pub(crate) fn question(&self) -> Option<&'static str> {
        let line = self
            .text
            .lines()
            .find_map(|line| line.strip_prefix("question:"));
        line.map(|question| question.trim().trim_matches('"'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_folder_of_scenarios() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names
            .filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned))
            .collect();
        names.sort();
        let table: Vec<&str> = ALL.iter().map(|template| template.name).collect();
        assert_eq!(table, names, "add the new scenario to `templates::ALL`");
    }
}
