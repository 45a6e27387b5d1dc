//! A crate as a tree of modules: what each defines, imports and names.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Token, after_bracket, tokens};

/// A path as it is written, `crate::policy::Outcome`, and where.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
}

/// One name that a `use` brings in; `*` for all of a module.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) named: Named,
    /// The name it has here.
    pub(super) name: String,
    /// Whether others may use it by this name: `pub use`.
    pub(super) handed_on: bool,
}

/// A module that is compiled outside of tests.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// The number of its file in [`Crate::files`].
    pub(super) file: usize,
    pub(super) parent: Option<usize>,
    pub(super) children: BTreeMap<String, usize>,
    pub(super) imports: Vec<Import>,
    /// What is written here with its path, besides imports.
    pub(super) paths: Vec<Named>,
    /// All words besides those of imports, with the first line each stands in.
    pub(super) words: BTreeMap<String, usize>,
    pub(super) defined: BTreeSet<String>,
    /// Types among them that the whole crate may use, and the lines that define them.
    pub(super) types: Vec<(String, usize)>,
}

/// All modules of a crate, the root first.
#[derive(Debug)]
pub(super) struct Crate {
    /// Relative to the folder of the crate's sources, with `/`.
    pub(super) files: Vec<String>,
    pub(super) modules: Vec<Module>,
}

impl Crate {
    /// Reads the crate whose sources these are, by their paths in its folder, with `/`.
    pub(super) fn read(sources: &BTreeMap<String, String>, root: &str) -> Self {
        let found = Self {
            files: Vec::new(),
            modules: Vec::new(),
        };
        let mut reader = Reader { sources, found };
        reader.file(root, None);
        reader.found
    }
}

struct Reader<'s> {
    sources: &'s BTreeMap<String, String>,
    found: Crate,
}

impl Reader<'_> {
    fn file(&mut self, path: &str, parent: Option<usize>) -> usize {
        self.found.files.push(path.to_owned());
        let module = self.module(self.found.files.len() - 1, parent);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = match name {
            "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
            _ => path.trim_end_matches(".rs").to_owned(),
        };
        let source = self
            .sources
            .get(path)
            .unwrap_or_else(|| panic!("no source {path}"));
        self.items(&tokens(source), module, &folder);
        module
    }

    fn module(&mut self, file: usize, parent: Option<usize>) -> usize {
        self.found.modules.push(Module {
            file,
            parent,
            ..Module::default()
        });
        self.found.modules.len() - 1
    }

    /// Reads what stands in a module.
    fn items(&mut self, tokens: &[Token], module: usize, folder: &str) {
        let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        let mut depth = 0;
        let mut seen = Seen::Here;
        let mut at = 0;
        while at < tokens.len() {
            let by = std::mem::replace(&mut seen, Seen::Here);
            match word(at) {
                "pub" => (seen, at) = seen_by(tokens, at),
                "use" if word(at + 1) != "<" => at = self.import(tokens, at + 1, module, by),
                "mod" if word(at + 2) == ";" => {
                    self.child(word(at + 1), module, folder);
                    at += 3;
                }
                "mod" if word(at + 2) == "{" => {
                    let end = after_bracket(tokens, at + 2);
                    let child = self.module(self.found.modules[module].file, Some(module));
                    let name = word(at + 1).to_owned();
                    let inside = joined(folder, &name);
                    self.found.modules[module].children.insert(name, child);
                    self.items(&tokens[at + 3..end - 1], child, &inside);
                    at = end;
                }
                here => {
                    match here {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        "unsafe" | "async" => seen = by,
                        _ if depth == 0 => self.define(&tokens[at..], by, module),
                        _ => {}
                    }
                    at = self.name(tokens, at, module);
                }
            }
        }
    }

    /// Notes what is defined where `tokens` begin, if anything is.
    fn define(&mut self, tokens: &[Token], by: Seen, module: usize) {
        let [kind, name, ..] = tokens else { return };
        let module = &mut self.found.modules[module];
        let is_type = ["struct", "enum", "trait", "type", "union"].contains(&kind.text.as_str());
        if is_type || ["fn", "const", "static"].contains(&kind.text.as_str()) {
            module.defined.insert(name.text.clone());
        }
        if is_type && by == Seen::Everywhere {
            module.types.push((name.text.clone(), name.line));
        }
    }

    fn child(&mut self, name: &str, module: usize, folder: &str) {
        let path = joined(folder, name);
        let flat = format!("{path}.rs");
        let file = if self.sources.contains_key(&flat) {
            flat
        } else {
            format!("{path}/mod.rs")
        };
        let child = self.file(&file, Some(module));
        let children = &mut self.found.modules[module].children;
        children.insert(name.to_owned(), child);
    }

    /// Notes the word at `at`, and the path that begins there; returns the place after it.
    fn name(&mut self, tokens: &[Token], at: usize, module: usize) -> usize {
        let is_word = |at: usize| {
            let text = tokens.get(at).map_or("", |token| token.text.as_str());
            text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        };
        let goes_on = |at: usize| tokens.get(at).is_some_and(|token| token.text == "::");
        if !is_word(at) {
            return at + 1;
        }
        let line = tokens[at].line;
        let mut path = vec![tokens[at].text.clone()];
        let mut end = at + 1;
        while goes_on(end) && is_word(end + 1) {
            path.push(tokens[end + 1].text.clone());
            end += 2;
        }
        let module = &mut self.found.modules[module];
        module.words.entry(path[0].clone()).or_insert(line);
        if path.len() > 1 && (at == 0 || !goes_on(at - 1)) {
            module.paths.push(Named { path, line });
        }
        end
    }

    fn import(&mut self, tokens: &[Token], at: usize, module: usize, by: Seen) -> usize {
        let (found, end) = leaves(tokens, at, &[]);
        let imports = &mut self.found.modules[module].imports;
        imports.extend(found.into_iter().map(|(named, name)| Import {
            named,
            name,
            handed_on: by != Seen::Here,
        }));
        end
    }
}

/// Who may use an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Here,
    /// By the module around, or by one further out.
    Around,
    /// By the crate at least.
    Everywhere,
}

/// Reads `pub`, `pub(crate)` and the like at `at`; also gives the place after it.
fn seen_by(tokens: &[Token], at: usize) -> (Seen, usize) {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    if word(at + 1) != "(" {
        return (Seen::Everywhere, at + 1);
    }
    let seen = match word(at + 2) {
        "crate" => Seen::Everywhere,
        "super" | "self" | "in" => Seen::Around,
        // The type of a field of a tuple.
        _ => return (Seen::Everywhere, at + 1),
    };
    (seen, after_bracket(tokens, at + 1))
}

fn joined(folder: &str, name: &str) -> String {
    let between = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{between}{name}")
}

/// The names that a tree of `use` brings in from `at`, after `prefix`; and the place after it.
fn leaves(tokens: &[Token], mut at: usize, prefix: &[String]) -> (Vec<(Named, String)>, usize) {
    let word = |at: usize| tokens.get(at).map_or(";", |token| token.text.as_str());
    let mut path = prefix.to_vec();
    loop {
        let line = tokens.get(at).map_or(0, |token| token.line);
        match word(at) {
            "::" => at += 1,
            "{" => {
                let mut found = Vec::new();
                at += 1;
                while at < tokens.len() && word(at) != "}" {
                    let (more, end) = leaves(tokens, at, &path);
                    found.extend(more);
                    at = if word(end) == "," { end + 1 } else { end };
                }
                return (found, at + 1);
            }
            "self" if !path.is_empty() => at += 1,
            "as" => {
                let name = word(at + 1).to_owned();
                return (vec![(Named { path, line }, name)], at + 2);
            }
            "," | ";" | "}" => {
                let line = tokens.get(at.wrapping_sub(1)).map_or(0, |token| token.line);
                let name = path.last().cloned().unwrap_or_default();
                return (vec![(Named { path, line }, name)], at);
            }
            name => {
                path.push(name.to_owned());
                at += 1;
            }
        }
    }
}
