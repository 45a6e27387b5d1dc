//! `parallel`: strands side by side, until enough of them are useful or too many have failed
//! (rule 11).

use super::Services;
use super::program::{Fork, Pc};
use super::strand::{Join, Strand, StrandIx, Wait};
use crate::model::arena::NONE;
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::policy::Ending;
use crate::random::child_key;

impl Services {
    #[inline(never)]
    pub(super) fn fork<O: Observer>(&mut self, cx: &mut Cx<'_, O>, parent: StrandIx, number: u32) {
        self.release_own_thread(cx, parent);
        let attempt = self.strands[parent].attempt;
        let key = self.strands.key(parent, &cx.attempts[attempt]);
        let avoid = self.strands.ties(parent).avoid;
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
            if last == NONE {
                self.joins[join].first = ix;
            } else {
                self.strands.ties_mut(last).sibling = ix;
            }
            last = ix;
            self.ready.push_back(ix);
        }
    }

    /// A branch has ended; its `parallel`, if anybody waits for it, may be decided now (rule 11).
    #[inline(never)]
    pub(super) fn branch_done<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        result: Result<(), Ending>,
    ) {
        let join_ix = self.strands.ties(ix).join;
        if join_ix == NONE {
            self.release_own_thread(cx, ix);
            return self.forget_strand(cx, ix);
        }
        self.unlink(join_ix, ix);
        let join = &mut self.joins[join_ix];
        let fork = &self.program.forks[join.fork as usize];
        match result {
            Ok(()) => join.useful += 1,
            Err(_) => join.failed += 1,
        }
        let decided = match result {
            Ok(()) => join.useful == fork.need,
            Err(_) => join.failed + fork.need > fork.count,
        };
        let (parent, cancel_rest) = (join.parent, fork.cancel_rest);
        if decided {
            self.leave_rest(cx, join_ix, cancel_rest);
        }
        // Only now, so that its thread goes to none of the branches that were given up.
        self.release_own_thread(cx, ix);
        self.free(cx, ix);
        match result {
            _ if !decided => {}
            Ok(()) => self.ready.push_back(parent),
            Err(ending) => self.fail(cx, parent, ending),
        }
    }

    fn unlink(&mut self, join: u32, branch: StrandIx) {
        let next = self.strands.ties(branch).sibling;
        let mut at = self.joins[join].first;
        if at == branch {
            self.joins[join].first = next;
            return;
        }
        while self.strands.ties(at).sibling != branch {
            at = self.strands.ties(at).sibling;
        }
        self.strands.ties_mut(at).sibling = next;
    }

    /// What becomes of the branches that are still under way.
    fn leave_rest<O: Observer>(&mut self, cx: &mut Cx<'_, O>, join_ix: u32, cancel: bool) {
        let Join { avoid, parent, .. } = self.joins[join_ix];
        let rest: Vec<StrandIx> = self.branches(join_ix).collect();
        self.joins.remove(join_ix);
        self.strands[parent].wait_for(Wait::Nothing);
        let attempt = self.strands[parent].attempt;
        let main = cx.attempts[attempt].strand;
        if !rest.is_empty() {
            self.give_up(cx, rest, cancel, main);
        }
        cx.calls.avoid.leave(avoid);
        let next = if main == parent {
            NONE
        } else {
            self.call_within(main)
        };
        cx.attempts.set_waits_for(attempt, next);
    }

    /// What becomes of branches that nobody waits for any more.
    fn give_up<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        rest: Vec<StrandIx>,
        cancel: bool,
        main: StrandIx,
    ) {
        if cancel {
            self.abort(cx, rest, false);
        } else {
            for branch in rest {
                self.forget(cx, main, branch);
            }
        }
    }

    /// A branch goes on though nobody waits for it any more.
    fn forget<O: Observer>(&mut self, cx: &mut Cx<'_, O>, main: StrandIx, branch: StrandIx) {
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
