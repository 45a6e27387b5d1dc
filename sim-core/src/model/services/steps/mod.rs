//! Steps: how far each operation has come, and what it does next.
//!
//! An operation is a run of instructions ([`program`]), and its strands ([`strand`]) walk through them.
//! What a strand does by itself is here: it chooses, repeats, splits into branches, calls. What needs
//! a thread or the door of an instance is not: the services join the three.

mod blocks;
mod branches;
mod passes;
mod program;
mod repeat;
mod strand;
mod turns;

pub(super) use program::{Code, EntryPoint, Pc, Program};
pub(super) use strand::{Join, Strand, Strands, Ties, Wait};

use crate::id::{IdMap, InstanceId, ProcessId, SiteId};
use crate::model::arena::{Arena, AttemptIx, CallIx, NONE, StrandIx};
use crate::model::attempt::AttemptFlag;
use crate::model::call::{NewCall, Then};
use crate::model::cx::Cx;
use crate::model::fact::{AttemptNo, Observer};
use crate::model::fifo::Fifo;
use crate::model::handoff::Handoff;
use crate::model::saga::SagaIx;
use crate::model::spec::{ModelSpec, RouteSpec};
use crate::random::{KeySource, child_key};
use crate::side_table::SideTable;
use passes::Passes;
use strand::Round;

/// Where the keys of further rounds of a saga's calls begin.
const SAGA_ROUNDS: u64 = 1 << 34;

/// What a strand does after an instruction.
pub(super) enum Next {
    /// The instruction there.
    Go(Pc),
    /// It waits, or is gone.
    Rest,
}

/// All operations under way, as far as their steps go.
#[derive(Clone, Debug)]
pub(super) struct Interpreter {
    pub(super) program: Program,
    /// Whether calls hand down for which root call they are made.
    hands_down: bool,
    pub(super) strands: Strands,
    pub(super) joins: Arena<Join>,
    rounds: Arena<Round>,
    passes: Passes,
    /// By strand: the saga that it carries out.
    sagas: SideTable<SagaIx>,
    /// Strands that go on within the present event.
    pub(super) ready: Fifo<StrandIx>,
    /// The process of each instance, which makes the calls of its operations.
    processes: IdMap<InstanceId, ProcessId>,
}

impl Interpreter {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        Self {
            program: Program::new(spec, keys),
            hands_down: spec.hands_down(),
            strands: Strands::default(),
            joins: Arena::default(),
            rounds: Arena::default(),
            passes: Passes::default(),
            sagas: SideTable::default(),
            ready: Fifo::default(),
            processes: spec.instances.ids().map(|id| spec.process_of(id)).collect(),
        }
    }

    /// The work at which a strand stands, by its number.
    #[inline]
    pub(crate) fn work_at(&self, ix: StrandIx) -> u32 {
        let (Code::Work(work) | Code::BlockWork(work)) = self.program.at(self.strands[ix].pc())
        else {
            unreachable!("a strand waits to work at a work step")
        };
        work
    }

    /// A strand makes a call and waits for it.
    #[inline]
    pub(crate) fn call<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx, site: SiteId) {
        let of = &cx.attempts[self.strands[ix].attempt];
        let (key, avoid) = self.strands.key_and_avoided(ix, of);
        self.call_elsewhere_than(cx, ix, site, (key, avoid));
    }

    /// A strand calls a block and waits for it. Instances that are left out are none of its business,
    /// but of the calls inside it.
    #[inline(never)]
    pub(crate) fn call_block<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        site: SiteId,
    ) {
        let key = self.key(cx, ix);
        self.call_elsewhere_than(cx, ix, site, (key, NONE));
    }

    /// A strand makes a call for its saga and waits for it; each `round` of the same call draws anew.
    pub(crate) fn call_for_saga<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        site: SiteId,
        round: u32,
    ) {
        let of = &cx.attempts[self.strands[ix].attempt];
        let (key, avoid) = self.strands.key_and_avoided(ix, of);
        let key = match round {
            0 => key,
            round => child_key(key, SAGA_ROUNDS, u64::from(round)),
        };
        let is_block = cx.spec.sites[site].route == RouteSpec::Inline;
        let avoid = if is_block { NONE } else { avoid };
        self.call_elsewhere_than(cx, ix, site, (key, avoid));
    }

    /// The saga that a strand carries out.
    #[inline]
    pub(crate) fn saga_of(&self, ix: StrandIx) -> Option<SagaIx> {
        let saga = self.sagas.of(ix);
        (saga != NONE).then_some(saga)
    }

    /// A strand carries out a saga, or none any more.
    pub(crate) fn has_saga(&mut self, ix: StrandIx, saga: SagaIx) {
        self.sagas.set(ix, saga);
    }

    #[expect(clippy::inline_always, reason = "one way for calls, one for blocks")]
    #[inline(always)]
    fn call_elsewhere_than<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        site: SiteId,
        (key, avoid): (u64, u32),
    ) {
        let of = self.strands[ix].attempt;
        let attempt = &cx.attempts[of];
        let (number, main) = (attempt.number, attempt.strand);
        let deadline = cx.attempts.deadline(of, attempt);
        cx.calls.avoid.join(avoid);
        let call = cx.calls.open(
            cx.now,
            NewCall {
                key: child_key(key, self.program.sites[site].0, 0),
                site,
                process: self.processes[attempt.instance],
                then: Then::Strand(ix),
                labels: attempt.labels,
                avoid,
                original: attempt.flags.has(AttemptFlag::Original),
            },
            deadline,
        );
        if self.hands_down {
            self.hand_down(cx, ix, call, site);
        }
        self.strands[ix].wait_for(Wait::Call(call));
        if self.is_observed(main, ix) {
            cx.attempts.set_waits_for(of, call);
        }
        cx.work.push(Handoff::StartCall(call, number));
    }

    /// A call knows for which root call it is made, and by which way.
    #[cold]
    fn hand_down<O: Observer>(&self, cx: &mut Cx<'_, O>, ix: StrandIx, call: CallIx, site: SiteId) {
        let lineage = cx.attempts.lineage.of(self.strands[ix].attempt);
        let child = lineage.child(self.program.sites[site].0, self.strands.ties(ix).fold);
        cx.calls.lineage.set(call, child);
    }

    /// A call that a strand, or a branch that it waits for, waits for.
    #[inline]
    pub(crate) fn call_within(&self, ix: StrandIx) -> CallIx {
        match self.strands[ix].wait() {
            Wait::Call(call) => call,
            Wait::Join(join) => self.call_of_branches(join),
            Wait::Nothing
            | Wait::Work(_)
            | Wait::Cores
            | Wait::Turn
            | Wait::Thread(_)
            | Wait::Frozen
            | Wait::Kept(_)
            | Wait::Saga(_) => NONE,
        }
    }

    #[inline(never)]
    fn call_of_branches(&self, join: u32) -> CallIx {
        let mut calls = self.branches(join).map(|branch| self.call_within(branch));
        calls.find(|&call| call != NONE).unwrap_or(NONE)
    }

    /// Whether the answer of the operation still depends on a strand: it is the main one, or all
    /// around it wait for it.
    #[inline]
    pub(crate) fn is_observed(&self, main: StrandIx, ix: StrandIx) -> bool {
        let mut ix = ix;
        while ix != main {
            let join = self.strands.ties(ix).join;
            if join == NONE {
                return false;
            }
            ix = self.joins[join].parent;
        }
        true
    }

    /// The branches of a `parallel` that are under way.
    pub(crate) fn branches(&self, join: u32) -> impl Iterator<Item = StrandIx> {
        let some = |ix: StrandIx| (ix != NONE).then_some(ix);
        std::iter::successors(some(self.joins[join].first), move |&branch| {
            some(self.strands.ties(branch).sibling)
        })
    }

    /// The key from which the draws of a strand come.
    #[inline]
    pub(crate) fn key<O: Observer>(&self, cx: &Cx<'_, O>, ix: StrandIx) -> u64 {
        let attempt = &cx.attempts[self.strands[ix].attempt];
        self.strands.key(ix, attempt)
    }

    /// A strand of this attempt goes on after a pause, if it still waits for its end: something that came before may have
    /// ended its operation, or this branch of it, and the place of the attempt may be another's.
    pub(crate) fn unfreeze<O: Observer>(
        &mut self,
        cx: &Cx<'_, O>,
        ix: StrandIx,
        of: (AttemptIx, AttemptNo),
    ) -> bool {
        let strand = &mut self.strands[ix];
        let waits = strand.attempt == of.0 && strand.wait() == Wait::Frozen;
        let frozen = waits && cx.attempts[of.0].number == of.1;
        if frozen {
            strand.wait_for(Wait::Nothing);
        }
        frozen
    }

    /// A branch that nobody waited for has ended.
    pub(crate) fn forget_strand<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let main = cx.attempts[self.strands[ix].attempt].strand;
        let next = self.strands.ties(ix).sibling;
        let first = self.strands.ties(main).forgotten;
        if first == ix {
            self.strands.ties_mut(main).forgotten = next;
        } else {
            let mut at = first;
            while self.strands.ties(at).sibling != ix {
                at = self.strands.ties(at).sibling;
            }
            self.strands.ties_mut(at).sibling = next;
        }
        self.free(cx, ix);
    }

    /// A strand is gone.
    #[expect(clippy::inline_always, reason = "for every branch")]
    #[inline(always)]
    pub(crate) fn free<O: Observer>(&mut self, cx: &mut Cx<'_, O>, ix: StrandIx) {
        let attempt = self.strands[ix].attempt;
        let &Ties {
            join,
            avoid,
            mut round,
            ..
        } = self.strands.ties(ix);
        while round != NONE {
            let around = self.rounds[round].around;
            self.rounds.remove(round);
            round = around;
        }
        // A forgotten branch is a user of its own: its `parallel` is over.
        if join == NONE && cx.attempts[attempt].strand != ix {
            cx.calls.avoid.leave(avoid);
        }
        self.strands.remove(ix);
    }
}
