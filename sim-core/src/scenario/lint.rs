//! What is legal but probably not meant.

use super::compile::Compiled;
use super::diagnostic::Diagnostics;

/// Everything that there is to say about a model.
pub(super) fn all(_compiled: &Compiled, _found: &mut Diagnostics) {}
