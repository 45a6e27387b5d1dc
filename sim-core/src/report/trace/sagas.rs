//! Sagas of the call that is kept: when their process dies, others go on with them, by calls that nobody
//! makes for it.

use crate::model::fact::CallNo;
use std::collections::BTreeSet;

/// What is known of the call's sagas, each by its number.
#[derive(Debug, Default)]
pub(super) struct SagasTraced {
    /// Those that are not over.
    ours: BTreeSet<u32>,
    /// Those that nobody carries out.
    left: BTreeSet<u32>,
    /// Calls by which a process was asked to go on with one of them, or with somebody else's.
    asked: BTreeSet<CallNo>,
}

impl SagasTraced {
    pub(super) const fn new() -> Self {
        Self {
            ours: BTreeSet::new(),
            left: BTreeSet::new(),
            asked: BTreeSet::new(),
        }
    }

    /// Whether somebody may still go on with one.
    pub(super) fn are_left(&self) -> bool {
        !self.left.is_empty()
    }

    pub(super) fn are_ours(&self, number: u32) -> bool {
        self.ours.contains(&number)
    }

    /// One begins for the call.
    pub(super) fn began(&mut self, number: u32) {
        self.ours.insert(number);
    }

    /// Its process has died.
    pub(super) fn left(&mut self, number: u32) {
        if self.are_ours(number) {
            self.left.insert(number);
        }
    }

    /// A process is asked to go on with a saga; nobody says yet with which.
    pub(super) fn asks(&mut self, call: CallNo) {
        self.asked.insert(call);
    }

    /// Another process goes on with a saga, asked by this call: whether it is one of the call's.
    pub(super) fn resumed(&mut self, number: u32, call: CallNo) -> bool {
        self.asked.remove(&call) && self.left.remove(&number)
    }

    /// A saga is over.
    pub(super) fn ended(&mut self, number: u32) {
        self.ours.remove(&number);
    }
}
