//! `invariants`: what is to be true of the effects of steps.

use crate::scenario::read::{At, file_map};
use crate::scenario::value::Name;
use crate::time::SimDuration;

file_map! {
    /// Effects that are to be equal for each root call: who is charged has a seat. They may differ for a
    /// while, since something is done between the one and the other; for longer than that, the invariant
    /// is broken for this call. What is compared is what stands: how often an effect was done, less how
    /// often it was undone.
    InvariantFile {
        /// Names of effects, as steps `effect` have them: two or more.
        equal: At<Vec<At<Name>>>, required;
        /// For how long they may differ.
        within: SimDuration, required;
    }
}
