//! Where reading is, and what was found wrong so far.

use crate::scenario::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::scenario::problem::Problem;
use crate::scenario::tree::Node;
use std::rc::Rc;

/// Collects mistakes, and knows the path of what is being read.
#[derive(Default)]
pub(crate) struct Reader {
    /// What was wrong.
    pub(crate) found: Diagnostics,
    pub(super) path: Vec<String>,
    /// The maps around what is being read, the outermost first.
    pub(super) around: Vec<Around>,
}

/// A map in which something is being read.
#[derive(Clone)]
pub(super) struct Around {
    /// The keys that it can have.
    pub(super) keys: Rc<[&'static str]>,
    /// Whether it has but one of them.
    pub(super) is_choice: bool,
    /// Parts of the path that lead to it \[count\].
    pub(super) depth: usize,
}

impl Reader {
    /// The path of what is being read: `services.payments.threads`.
    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        for part in &self.path {
            if !path.is_empty() && !part.starts_with('[') {
                path.push('.');
            }
            path.push_str(part);
        }
        path
    }

    /// The key under which it stands; none for an item of a list.
    pub(crate) fn last_key(&self) -> Option<&str> {
        let last = self.path.last()?;
        (!last.starts_with('[')).then_some(last)
    }

    /// Reads something that stands under a key.
    pub(crate) fn under<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.to_owned());
        let value = read(self);
        self.path.pop();
        value
    }

    /// Reports that a value is not what it should be; the answer can be returned at once.
    pub(crate) fn refuse<T>(&mut self, node: &Node, problem: Problem) -> Option<T> {
        let (path, is) = (self.path(), node.describe());
        let message = match path.as_str() {
            "" => format!("the scenario is {is}, but {}", problem.limit),
            path => format!("`{path}` is {is}, but {}", problem.limit),
        };
        let diagnostic = Diagnostic::error("bad-value", node.span, message);
        self.found.push(diagnostic.maybe_hint(problem.hint));
        None
    }

    /// Reports that a value is of the wrong kind.
    pub(crate) fn expected<T>(&mut self, node: &Node, what: &str) -> Option<T> {
        self.refuse(node, Problem::new(format!("{what} is needed here")))
    }

    /// Reads something that stands under a key of a map.
    pub(super) fn inside<T>(
        &mut self,
        (keys, is_choice): (&Rc<[&'static str]>, bool),
        key: &str,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.around.push(Around {
            keys: Rc::clone(keys),
            is_choice,
            depth: self.path.len(),
        });
        let value = self.under(key, read);
        self.around.pop();
        value
    }

    /// Reports a key that has to be there.
    pub(crate) fn missing(&mut self, span: Span, key: &str, what: &str) {
        let message = match self.path().as_str() {
            "" => format!("a scenario needs `{key}`, which is missing"),
            path => format!("`{path}` needs `{key}`, which is missing"),
        };
        let hint = format!("add `{key}:` with {what}");
        let diagnostic = Diagnostic::error("missing-key", span, message);
        self.found.push(diagnostic.hint(hint));
    }
}
