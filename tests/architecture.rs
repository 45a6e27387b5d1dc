//! What may use what: rooms of `sim-core` only rooms above them, the parts of the model never each
//! other, and no files each other in a circle.
//!
//! A file *uses* another if its code names something that the other defines: in `use`, or with a path
//! where it is needed (`super::window::Buckets`). Who hands the name on does not count: a name that
//! comes from `policy` counts for the file that defines it, and `mod child; pub use child::X;` alone is
//! no use. Methods are not seen, comments and whatever is there for tests only are left out.
//!
//! A *circle* is a group of files each of which leads to each other. That holds for a `mod.rs` and its
//! children too: either it says what all of them build on, or it puts them together. If it did both,
//! nobody could read one without the other; what children share goes into a file of its own.

mod circles;
mod map;
mod modules;
mod tables;
mod tokens;
mod uses;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use circles::circles;
use modules::Crate;
use uses::{Uses, uses};

/// The crates, and their roots.
const CRATES: &[(&str, &str)] = &[
    ("sim-core", "lib.rs"),
    ("sim-view", "lib.rs"),
    ("sim-cli", "main.rs"),
];

/// The rooms, top to bottom: a room may use those before it.
const ROOMS: &[&str] = &[
    "time",
    "units",
    "id",
    "side_table",
    "kernel",
    "random",
    "policy",
    "queueing",
    "keeping",
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
const PARTS: &[&str] = &[
    "clients",
    "calls",
    "network",
    "services",
    "changes",
    "lifecycle",
    "control",
    "sources",
    "kept",
];

fn core() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim-core/src")
}

/// Where the sources of the views are.
fn views() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim-view/src")
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

/// The crate in the folder `name`, and which of its files uses which.
fn read(name: &str, root: &str) -> (Crate, Uses) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(name)
        .join("src");
    let mut files = Vec::new();
    sources(&folder, &mut files);
    let sources: BTreeMap<String, String> = files
        .iter()
        .map(|path| {
            let parts = path.strip_prefix(&folder).unwrap().components();
            let parts = parts.map(|part| part.as_os_str().to_string_lossy());
            let name = parts.collect::<Vec<_>>().join("/");
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    let krate = Crate::read(&sources, root);
    let uses = uses(&krate);
    (krate, uses)
}

/// The room of a file: the first part of its path.
fn room(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The lines of a crate that use what `wrong` says they may not: of one file, and of another.
fn lines(krate: &Crate, uses: &Uses, wrong: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (from, used) in uses.iter().enumerate() {
        for (&to, line) in used {
            let (from, to) = (&krate.files[from], &krate.files[to]);
            if wrong(from, to) {
                let at = line.number;
                found.push(format!("{from}:{at} uses {} of {to}", line.name));
            }
        }
    }
    found
}

#[test]
fn rooms_use_only_rooms_above_them() {
    let (krate, uses) = read("sim-core", "lib.rs");
    let floor = |file: &str| ROOMS.iter().position(|&name| name == room(file));
    for file in krate.files.iter().filter(|file| *file != "lib.rs") {
        assert!(
            floor(file).is_some(),
            "{file} is in no room: name it in ROOMS"
        );
    }
    let wrong = lines(&krate, &uses, |from, to| {
        let (own, other) = (room(from), room(to));
        let strangers = STRANGERS.contains(&own) && STRANGERS.contains(&other);
        floor(to) > floor(from) || (strangers && own != other)
    });
    assert!(
        wrong.is_empty(),
        "a room may use only rooms above it, and kernel, policy, queueing and observe never each \
         other; pass plain data, or let `model` join them:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn parts_of_the_model_never_use_each_other() {
    let (krate, uses) = read("sim-core", "lib.rs");
    let part = |file: &str| {
        let inside = file.strip_prefix("model/").map(room);
        PARTS.iter().position(|&name| Some(name) == inside)
    };
    for number in 0..PARTS.len() {
        assert!(krate.files.iter().any(|file| part(file) == Some(number)));
    }
    let wrong = lines(&krate, &uses, |from, to| {
        part(from).is_some() && part(to).is_some() && part(from) != part(to)
    });
    assert!(
        wrong.is_empty(),
        "parts speak to each other through hand-offs on the work list only:\n{}",
        wrong.join("\n")
    );
}

/// The machines of the services, which the files beside them join.
const MACHINES: &[&str] = &["doors", "places", "steps"];

#[test]
fn machines_of_the_services_know_nobody_else_there() {
    let (krate, uses) = read("sim-core", "lib.rs");
    let place = |file: &str| {
        let inside = file.strip_prefix("model/services/").map(room);
        inside.unwrap_or_default().to_owned()
    };
    for machine in MACHINES {
        assert!(krate.files.iter().any(|file| place(file) == *machine));
    }
    let wrong = lines(&krate, &uses, |from, to| {
        let (own, other) = (place(from), place(to));
        MACHINES.contains(&&*own) && own != other && !matches!(&*other, "" | "event")
    });
    assert!(
        wrong.is_empty(),
        "doors, places and steps answer with values; a file beside them says what follows:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn files_do_not_use_each_other_in_circles() {
    let mut found = Vec::new();
    for (name, root) in CRATES {
        let (krate, uses) = read(name, root);
        for circle in circles(&uses) {
            let files: BTreeSet<&str> = circle.iter().map(|&file| &*krate.files[file]).collect();
            let within = |from: &str, to: &str| files.contains(from) && files.contains(to);
            let lines = lines(&krate, &uses, within).join("\n  ");
            found.push(format!("{name}, {} files:\n  {lines}", files.len()));
        }
    }
    assert!(
        found.is_empty(),
        "files use each other in circles; move what both need into a file of its own:\n{}",
        found.join("\n")
    );
}

#[test]
fn no_two_rooms_share_the_name_of_a_public_type() {
    let (krate, _) = read("sim-core", "lib.rs");
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (module, named) in krate.modules.iter().map(|module| (module, &module.types)) {
        let file = &krate.files[module.file];
        for (name, line) in named {
            places
                .entry(name)
                .or_default()
                .push(format!("{file}:{line}"));
        }
    }
    assert!(places.contains_key("ModelSpec"), "types are found");
    let rooms = |places: &[String]| {
        let rooms: BTreeSet<&str> = places.iter().map(|place| room(place)).collect();
        rooms.len()
    };
    places.retain(|_, places| rooms(places) > 1);
    assert!(
        places.is_empty(),
        "one name means one thing, and these mean several: {places:#?}"
    );
}

fn krate(sources: &[(&str, &str)]) -> (Crate, Uses) {
    let text = |&(path, text): &(&str, &str)| (path.to_owned(), text.to_owned());
    let krate = Crate::read(&sources.iter().map(text).collect(), "lib.rs");
    let uses = uses(&krate);
    (krate, uses)
}

/// Which file uses which, of small crates.
#[test]
fn uses_are_found() {
    let check = |what: &str, a: &str, used: bool| {
        let (krate, uses) = krate(&[
            ("lib.rs", "mod a; mod b; mod c; pub use b::B;"),
            ("a.rs", a),
            ("b/mod.rs", "pub mod inner; pub struct B; pub fn b() {}"),
            ("b/inner.rs", "pub use crate::c::C; use super::B;"),
            ("c.rs", "pub struct C;"),
        ]);
        let found = lines(&krate, &uses, |from, to| from == "a.rs" && to == "b/mod.rs");
        assert_eq!(!found.is_empty(), used, "{what}: {found:?}");
    };
    check("by name", "use crate::b::B;", true);
    check(
        "in a list",
        "use crate::{c::C, b::{B as Other, inner}};",
        true,
    );
    check("handed on by the root", "use crate::B;", true);
    check(
        "where it is needed",
        "fn f() -> super::b::B { todo!() }",
        true,
    );
    check(
        "through the module",
        "use crate::b; fn f() { b::b() }",
        true,
    );
    check("all of it", "use crate::b::*; struct A(B);", true);
    check("all of it, for nothing", "use crate::b::*;", false);
    check("a module alone", "use crate::b;", false);
    check("defined elsewhere", "use crate::b::inner::C;", false);
    check("handed on", "pub use crate::b::B;", false);
    check(
        "handed on and used",
        "pub use crate::b::B; struct A(B);",
        true,
    );
    check("in a comment", "// crate::b::B\n/* crate::b::B */", false);
    check("in a text", r##"const X: &str = r#"crate::b::B"#;"##, false);
    check(
        "for tests",
        "#[cfg(test)]\nmod tests { use crate::b::B; }",
        false,
    );
    check(
        "after tests",
        "#[cfg(test)] fn f() {}\nuse crate::b::B;",
        true,
    );
    check(
        "after a character",
        "const Q: char = '\"'; use crate::b::B; // \"",
        true,
    );
}

#[test]
fn circles_are_found() {
    let check = |what: &str, sources: &[(&str, &str)], expected: &[&[&str]]| {
        let (krate, uses) = krate(sources);
        let name = |&file: &usize| krate.files[file].as_str();
        let found: Vec<Vec<&str>> = circles(&uses)
            .iter()
            .map(|circle| circle.iter().map(name).collect())
            .collect();
        assert_eq!(found, expected, "{what}");
    };
    let root = ("lib.rs", "mod a; mod b; mod c;");
    let leaf = ("c.rs", "pub struct C;");
    check(
        "each other",
        &[
            root,
            leaf,
            ("a.rs", "pub struct A(crate::b::B);"),
            ("b.rs", "use crate::a::A; use crate::c::C; pub struct B;"),
        ],
        &[&["a.rs", "b.rs"]],
    );
    check(
        "one way",
        &[
            root,
            leaf,
            ("a.rs", "use crate::c::C; pub struct A;"),
            ("b.rs", "use crate::a::A;"),
        ],
        &[],
    );
    check(
        "around",
        &[
            root,
            ("a.rs", "use crate::c::C; pub struct A;"),
            ("b.rs", "use crate::a::A; pub struct B;"),
            ("c.rs", "use crate::b::B; pub struct C;"),
        ],
        &[&["a.rs", "b.rs", "c.rs"]],
    );
    check(
        "a child of what uses it",
        &[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod part; pub struct A; fn f() { part::f() }"),
            ("a/part.rs", "use super::A; pub fn f() {}"),
        ],
        &[&["a/mod.rs", "a/part.rs"]],
    );
    check(
        "a child that is handed on",
        &[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod part; pub use part::f; pub struct A;"),
            ("a/part.rs", "use super::A; pub fn f() {}"),
        ],
        &[],
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
    sources(&views(), &mut files);
    assert!(!files.is_empty());
    for path in files.iter().filter(|path| !is_test(path)) {
        let code = code(path);
        for outside in ["std::fs", "std::env", "std::process", "std::io", "clap::"] {
            assert!(!code.contains(outside), "{} uses {outside}", path.display());
        }
    }
}

#[test]
fn charts_are_drawn_through_one_module() {
    let mut files = Vec::new();
    sources(&views(), &mut files);
    let users: Vec<_> = files
        .iter()
        .filter(|path| code(path).contains("plotters"))
        .map(|path| path.strip_prefix(views()).unwrap())
        .collect();
    assert_eq!(users, [Path::new("chart/canvas.rs")]);
}

/// Where a guard is named besides its own files (`ARCHITECTURE.md`, "Adding a policy").
const PLACES_OF_A_GUARD: &[&str] = &[
    "policy/guards.rs",
    "policy/layer.rs",
    "policy/mod.rs",
    "scenario/layer/mod.rs",
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

/// Who asks which kind of fault of one part it is: where the kinds are, who reads them from a file, who
/// says them in words, and the part that acts on them.
const KINDS_OF_FAULTS: &[(&str, &str)] = &[
    ("WorkFault", "model/services/"),
    ("EdgeFault", "model/network/"),
    ("ClientFault", "model/clients/"),
    ("LifeFault", "model/lifecycle/"),
];
const ALL_FAULTS: &[&str] = &[
    "judge/words.rs",
    "model/spec/fault.rs",
    "scenario/compile/fault.rs",
];

#[test]
fn kinds_of_faults_are_told_apart_by_their_part_alone() {
    let mut files = Vec::new();
    sources(&core(), &mut files);
    for (kinds, part) in KINDS_OF_FAULTS {
        let mut acts = false;
        for path in files.iter().filter(|path| !is_test(path)) {
            if !code(path).contains(&format!("{kinds}::")) {
                continue;
            }
            let place = path.strip_prefix(core()).unwrap().display().to_string();
            acts |= place.starts_with(part);
            assert!(
                place.starts_with(part) || ALL_FAULTS.contains(&place.as_str()),
                "{place} tells kinds of `{kinds}` apart; ask by a method of `FaultKind`"
            );
        }
        assert!(acts, "no file of {part} acts on `{kinds}`");
    }
}

/// Who knows each kind of step, besides `model/spec`: who reads them, and who lays them out.
const KNOW_STEPS: &[&str] = &[
    "model/services/steps/program.rs",
    "scenario/compile/saga.rs",
    "scenario/compile/step.rs",
];

#[test]
fn only_those_who_carry_steps_out_know_each_kind() {
    let mut files = Vec::new();
    sources(&core(), &mut files);
    let names_steps = |path: &&PathBuf| {
        !is_test(path)
            && names_after(&code(path), "StepSpec::")
                .iter()
                .any(|it| it != "visit")
    };
    let known = files.iter().filter(names_steps);
    let known: Vec<String> = known
        .map(|path| path.strip_prefix(core()).unwrap().display().to_string())
        .collect();
    assert_eq!(
        known, KNOW_STEPS,
        "others ask a step for its shape, or visit all"
    );
}

/// What alters a directory, and who does it: the world when it applies a change; and a reader, which
/// asks anew for its own view.
const WRITES_THE_DIRECTORY: &[(&str, &[&str])] = &[
    ("directory.mark(", &["model/world.rs"]),
    ("directory.mark_own(", &["model/world.rs"]),
    ("directory.hear(", &["model/world.rs"]),
    ("directory.live(", &["model/world.rs"]),
    ("directory.came_up(", &["model/world.rs"]),
    ("directory.fill(", &["model/world.rs"]),
    ("directory.renew(", &["model/cx.rs"]),
    ("directory.doubt(", ASKS),
    ("directory.forget(", &["model/calls/mod.rs"]),
];

/// Who asks who is there.
const ASKS: &[&str] = &["model/calls/host.rs", "model/kept/machine.rs"];

#[test]
fn the_directory_is_written_when_a_change_is_applied_and_by_nobody_else() {
    let directory = code(&core().join("model/directory/mod.rs"));
    let writes =
        |text: &str| text.matches("&mut self").count() - text.matches("&mut self.").count();
    assert_eq!(
        writes(&directory),
        WRITES_THE_DIRECTORY.len(),
        "a new way to write the directory belongs into the list"
    );
    let mut files = Vec::new();
    sources(&core(), &mut files);
    for (write, writers) in WRITES_THE_DIRECTORY {
        let with_it = files
            .iter()
            .filter(|path| !is_test(path) && code(path).contains(write));
        let mut found: Vec<PathBuf> = with_it.cloned().collect();
        found.sort();
        let expected: Vec<PathBuf> = writers.iter().map(|it| core().join(it)).collect();
        assert_eq!(found, expected, "{write}");
    }
    let world = code(&core().join("model/world.rs"));
    let (_, apply) = world.split_once("fn note_in_directory<").unwrap();
    assert_eq!(
        apply.matches("cx.directory.").count(),
        world.matches("directory.").count(),
        "only where the world applies a change"
    );
}
