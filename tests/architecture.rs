//! The rooms of `sim-core` use only rooms above them, and the parts of the model never each other.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, top to bottom: a room may use those before it.
const ROOMS: &[&str] = &[
    "time",
    "units",
    "id",
    "kernel",
    "random",
    "policy",
    "queueing",
    "observe",
    "traffic",
    "model",
    "scenario",
    "judge",
    "experiment",
    "report",
];

/// Rooms that do not use each other although one stands above the other.
const STRANGERS: &[&str] = &["kernel", "policy", "queueing", "observe"];

/// The parts of the model.
const PARTS: &[&str] = &["clients", "calls", "network", "services", "changes"];

fn core() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim-core/src")
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file without comments and without what follows its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The names that follow `prefix` in a source, `use prefix::{a, b}` included.
fn names_after(code: &str, prefix: &str) -> Vec<String> {
    code.match_indices(prefix)
        .flat_map(|(at, _)| {
            let rest = &code[at + prefix.len()..];
            let list = rest.strip_prefix('{').map_or_else(
                || vec![rest.to_owned()],
                |inner| {
                    let end = inner.find('}').unwrap_or(inner.len());
                    inner[..end]
                        .split(',')
                        .map(|name| name.trim().to_owned())
                        .collect()
                },
            );
            list.into_iter().map(|name| {
                name.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect::<String>()
            })
        })
        .collect()
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| {
        let part = part.as_os_str().to_string_lossy();
        part.ends_with("tests.rs")
            || part == "tests"
            || part == "testing.rs"
            || part == "fixture.rs"
            || part == "oracle.rs"
    })
}

#[test]
fn rooms_use_only_rooms_above_them() {
    let mut files = Vec::new();
    sources(&core(), &mut files);
    let mut wrong = Vec::new();
    for path in files.iter().filter(|path| !is_test(path)) {
        let inside = path.strip_prefix(core()).unwrap();
        let first = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy();
        let room = first.trim_end_matches(".rs").to_owned();
        let Some(own) = ROOMS.iter().position(|&name| name == room) else {
            continue;
        };
        for used in names_after(&code(path), "crate::") {
            let Some(other) = ROOMS.iter().position(|&name| name == used) else {
                continue;
            };
            let strangers =
                STRANGERS.contains(&room.as_str()) && STRANGERS.contains(&used.as_str());
            if other > own || (strangers && other != own) {
                wrong.push(format!("{}: `{room}` uses `{used}`", inside.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "a room may use only rooms above it, and kernel, policy, queueing and observe never each \
         other; pass plain data, or let `model` join them:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn parts_of_the_model_never_use_each_other() {
    let mut wrong = Vec::new();
    for part in PARTS {
        let mut files = Vec::new();
        sources(&core().join("model").join(part), &mut files);
        for path in files {
            let code = code(&path);
            let mut used = names_after(&code, "crate::model::");
            used.extend(names_after(&code, "super::super::"));
            if path.file_name().is_some_and(|name| name == "mod.rs") {
                used.extend(names_after(&code, "use super::"));
            }
            for name in used {
                if PARTS.contains(&name.as_str()) && name != *part {
                    wrong.push(format!("{}: `{part}` uses `{name}`", path.display()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "parts speak to each other through hand-offs on the work list only:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn outside_crates_are_used_only_by_their_owners() {
    let owners: &[(&str, &[&str])] = &[
        ("libm::", &["random"]),
        ("rand_chacha::", &["random"]),
        ("rand_core::", &["random"]),
        ("serde_saphyr::", &["scenario"]),
        ("strsim::", &["scenario"]),
        ("blake3::", &["scenario"]),
        ("statrs::", &["experiment"]),
        ("rayon::", &["experiment"]),
    ];
    let mut files = Vec::new();
    sources(&core(), &mut files);
    for path in files.iter().filter(|path| !is_test(path)) {
        let inside = path.strip_prefix(core()).unwrap();
        let room = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let code = code(path);
        for (krate, rooms) in owners {
            let uses = code.contains(&format!(" {krate}")) || code.contains(&format!("({krate}"));
            assert!(
                !uses || rooms.contains(&room.trim_end_matches(".rs")),
                "{} uses {krate}, which belongs to {rooms:?}",
                inside.display()
            );
        }
    }
}

#[test]
fn views_know_neither_files_nor_arguments() {
    let mut files = Vec::new();
    let views = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim-view/src");
    sources(&views, &mut files);
    assert!(!files.is_empty());
    for path in files.iter().filter(|path| !is_test(path)) {
        let code = code(path);
        for outside in ["std::fs", "std::env", "std::process", "std::io", "clap::"] {
            assert!(!code.contains(outside), "{} uses {outside}", path.display());
        }
    }
}

/// Where a guard is named besides its own files (`ARCHITECTURE.md`, "Adding a policy").
const PLACES_OF_A_GUARD: &[&str] = &[
    "policy/layer.rs",
    "policy/mod.rs",
    "policy/pipeline/guards.rs",
    "policy/pipeline/inward.rs",
    "scenario/compile/layer.rs",
    "scenario/file/like.rs",
    "scenario/file/policy.rs",
];

#[test]
fn a_guard_is_named_where_the_architecture_says() {
    let mut files = Vec::new();
    sources(&core(), &mut files);
    let elsewhere =
        |path: &&PathBuf| !is_test(path) && !path.to_string_lossy().contains("rate_limit");
    let named = files.iter().filter(elsewhere).filter(|path| {
        // `RateLimited` is an outcome, `RateLimiter` what libraries call theirs.
        names_after(&code(path), "RateLimit")
            .iter()
            .any(|rest| !rest.starts_with(['e', 'i']))
    });
    let named: Vec<String> = named
        .map(|path| path.strip_prefix(core()).unwrap().display().to_string())
        .collect();
    assert_eq!(named, PLACES_OF_A_GUARD);
    let text = fs::read_to_string(core().join("../../ARCHITECTURE.md")).unwrap();
    let (_, rest) = text.split_once("## Adding a policy").unwrap();
    for place in PLACES_OF_A_GUARD {
        let name = place.rsplit('/').next().unwrap();
        assert!(
            rest.contains(place) || rest.contains(&format!("`{name}`")),
            "{place}"
        );
    }
}
