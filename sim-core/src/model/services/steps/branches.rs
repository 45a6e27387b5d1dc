//! Branches of a `parallel`: how they come about and are let go.

use super::Interpreter;
use super::program::{Fork, Pc};
use super::strand::{Join, Strand, Wait};
use crate::model::arena::{NONE, StrandIx};
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::random::child_key;

impl Interpreter {
    /// The branches of a `parallel` begin, and the strand waits until it is decided.
    #[inline(never)]
    pub(crate) fn fork<O: Observer>(&mut self, cx: &mut Cx<'_, O>, parent: StrandIx, number: u32) {
        let attempt = self.strands[parent].attempt;
        let key = self.strands.key(parent, &cx.attempts[attempt]);
        let (avoid, fold) = (
            self.strands.ties(parent).avoid,
            self.strands.ties(parent).fold,
        );
        let fork = &self.program.forks[number as usize];
        let (count, distinct, site) = (fork.count, fork.distinct_instances, fork.key);
        let own = if distinct {
            cx.calls.avoid.open()
        } else {
            NONE
        };
        let join = self.joins.insert(Join {
            parent,
            fork: number,
            useful: 0,
            failed: 0,
            first: NONE,
            avoid: own,
        });
        self.strands[parent].wait_for(Wait::Join(join));
        // The parent goes on behind the fork: the instruction after it jumps there.
        self.strands[parent].advance();
        let avoid = if distinct { own } else { avoid };
        let mut last = NONE;
        for branch in 0..count {
            let start = branch_start(fork, branch);
            let key = child_key(key, site.0, u64::from(branch));
            let strand = Strand::new(attempt, start, false);
            let ix = self.strands.insert_branch(strand, key, join, avoid);
            if self.hands_down {
                let fold = child_key(fold, site.0, u64::from(branch));
                self.strands.ties_mut(ix).fold = fold;
            }
            if last == NONE {
                self.joins[join].first = ix;
            } else {
                self.strands.ties_mut(last).sibling = ix;
            }
            last = ix;
            self.ready.push_back(ix);
        }
    }

    /// A branch leaves its `parallel`, in which this one is next.
    #[inline]
    pub(crate) fn unlink(&mut self, join: u32, branch: StrandIx, next: StrandIx) {
        let join = &mut self.joins[join];
        if join.first == branch {
            join.first = next;
        } else {
            let first = join.first;
            self.unlink_behind(first, branch, next);
        }
    }

    #[inline(never)]
    fn unlink_behind(&mut self, first: StrandIx, branch: StrandIx, next: StrandIx) {
        let mut at = first;
        while self.strands.ties(at).sibling != branch {
            at = self.strands.ties(at).sibling;
        }
        self.strands.ties_mut(at).sibling = next;
    }

    /// A branch goes on though nobody waits for it any more.
    pub(crate) fn forget<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        main: StrandIx,
        branch: StrandIx,
    ) {
        let next = self.strands.ties(main).forgotten;
        let ties = self.strands.ties_mut(branch);
        (ties.join, ties.sibling) = (NONE, next);
        cx.calls.avoid.join(ties.avoid);
        self.strands.ties_mut(main).forgotten = branch;
    }
}

fn branch_start(fork: &Fork, branch: u32) -> Pc {
    fork.starts[(branch as usize).min(fork.starts.len() - 1)]
}
