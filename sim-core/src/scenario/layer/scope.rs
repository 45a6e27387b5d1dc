//! Who owns the state of a layer.

use crate::model::spec::Scope;
use crate::scenario::diagnostic::Diagnostics;
use crate::scenario::read::{At, choices};
use crate::scenario::value::Name;

choices! {
    /// Who owns the state of a layer.
    ScopeFile {
        /// Each process of the caller.
        caller = Caller;
        /// Each process of the caller, for each instance of the target.
        target_instance = TargetInstance;
        /// All processes together.
        shared = Shared;
    }
}

impl From<ScopeFile> for Scope {
    fn from(file: ScopeFile) -> Self {
        match file {
            ScopeFile::Caller => Self::Caller,
            ScopeFile::TargetInstance => Self::TargetInstance,
            ScopeFile::Shared => Self::Shared,
        }
    }
}

/// Who owns the state of a layer that may have a `share`.
pub(super) fn scope_or_share<T>(
    at: &At<T>,
    own: Option<ScopeFile>,
    share: Option<&Name>,
    found: &mut Diagnostics,
) -> Scope {
    match (own, share) {
        (None, None) => Scope::Caller,
        (Some(file), None) => file.into(),
        (None, Some(name)) => Scope::Named(name.0.clone()),
        (Some(_), Some(_)) => {
            let message = format!(
                "`{}` has both `scope` and `share`, which is a scope of its own",
                at.path
            );
            found.error("bad-value", at.span, message);
            Scope::Caller
        }
    }
}
