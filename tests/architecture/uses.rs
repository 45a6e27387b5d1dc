//! Which file of a crate uses which: a name counts for the file that defines it, whatever hands it on.

use std::collections::BTreeMap;

use super::modules::{Crate, Import, Named};

/// From a file to those it uses, each with the first line that says so.
pub(super) type Uses = Vec<BTreeMap<usize, Line>>;

/// A line of a file, and the name it uses.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    Module(usize),
    /// Something that this file defines.
    Item(usize),
}

/// Which file uses which.
pub(super) fn uses(krate: &Crate) -> Uses {
    let mut found: Uses = vec![BTreeMap::new(); krate.files.len()];
    for (at, module) in krate.modules.iter().enumerate() {
        let mut note = |line: usize, path: &[String], meant: Option<Meant>| {
            if let Some(Meant::Item(file)) = meant
                && file != module.file
            {
                let line = Line {
                    number: line,
                    name: path.join("::"),
                };
                found[module.file].entry(file).or_insert(line);
            }
        };
        for import in &module.imports {
            let Named { path, line } = &import.named;
            if import.name == "*" {
                for (word, line) in &module.words {
                    note(
                        *line,
                        std::slice::from_ref(word),
                        krate.through(import, at, word),
                    );
                }
            } else if let Some(line) = if import.handed_on {
                module.words.get(&import.name)
            } else {
                Some(line)
            } {
                note(*line, path, krate.meant(at, path, 0));
            }
        }
        for Named { path, line } in &module.paths {
            note(*line, path, krate.meant(at, path, 0));
        }
    }
    found
}

impl Crate {
    /// What a path means that is written in `module`; nothing if it leads out of the crate.
    fn meant(&self, module: usize, path: &[String], depth: usize) -> Option<Meant> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => Meant::Module(0),
            "self" => Meant::Module(module),
            "super" => Meant::Module(self.modules[module].parent?),
            name => self.inside(module, name, depth)?,
        };
        rest.iter().try_fold(start, |meant, name| match meant {
            Meant::Item(_) => Some(meant),
            Meant::Module(at) if name == "super" => self.modules[at].parent.map(Meant::Module),
            // What a macro makes is not seen, and belongs to the module that it is looked for in.
            Meant::Module(at) => {
                let own = Meant::Item(self.modules[at].file);
                Some(self.inside(at, name, depth).unwrap_or(own))
            }
        })
    }

    /// What a name means in a module.
    fn inside(&self, module: usize, name: &str, depth: usize) -> Option<Meant> {
        // Two imports that mean each other: the compiler has refused them, or they lead outside.
        if depth > 16 {
            return None;
        }
        let here = &self.modules[module];
        if let Some(&child) = here.children.get(name) {
            return Some(Meant::Module(child));
        }
        if here.defined.contains(name) {
            return Some(Meant::Item(here.file));
        }
        let import = here.imports.iter().find(|import| import.name == name);
        if let Some(import) = import.filter(|import| import.named.path != [name]) {
            return self.meant(module, &import.named.path, depth + 1);
        }
        let globs = here.imports.iter().filter(|import| import.name == "*");
        globs
            .into_iter()
            .find_map(|import| self.all_of(import, module, name, depth + 1))
    }

    /// What `name` means if the `*` of `import` brings it in.
    fn through(&self, import: &Import, module: usize, name: &str) -> Option<Meant> {
        let here = &self.modules[module];
        let own = here.defined.contains(name) || here.children.contains_key(name);
        let listed = here.imports.iter().any(|import| import.name == name);
        if own || listed {
            None
        } else {
            self.all_of(import, module, name, 0)
        }
    }

    fn all_of(&self, import: &Import, module: usize, name: &str, depth: usize) -> Option<Meant> {
        let (_, path) = import.named.path.split_last()?;
        match self.meant(module, path, depth)? {
            Meant::Module(from) => self.inside(from, name, depth),
            Meant::Item(_) => None,
        }
    }
}
