//! What every part sees while it handles something.

use super::attempt::{AttemptBook, AttemptIx};
use super::call::{CallBook, CallIx};
use super::deeds::Deeds;
use super::delivery::Deliveries;
use super::dial::Dials;
use super::directory::{Directory, Panics, Readers};
use super::event::{Due, PartEvent};
use super::fact::{Fact, Observer};
use super::gates::Gates;
use super::handoff::Work;
use super::lineage::Lineage;
use super::saga::Sagas;
use super::spec::ModelSpec;
use super::ticket::Tickets;
use crate::id::{IdMap, OperationId, ProcessId, SiteId};
use crate::kernel::{Class, EventList, Limits, Timer};
use crate::random::KeySource;
use crate::time::SimTime;

/// The present instant and everything the parts share.
#[derive(Clone, Debug)]
pub(crate) struct Cx<'s, O> {
    pub(crate) now: SimTime,
    pub(crate) events: EventList<Due>,
    pub(crate) spec: &'s ModelSpec,
    /// What is called at each site: asked several times for every attempt.
    pub(crate) targets: IdMap<SiteId, OperationId>,
    pub(crate) calls: CallBook,
    pub(crate) attempts: AttemptBook,
    /// Who asks for something kept, waits for it, or has it.
    pub(crate) tickets: Tickets,
    /// What has been done for root calls, and what has not.
    pub(crate) deeds: Deeds,
    /// Sagas under way.
    pub(crate) sagas: Sagas,
    /// Whether calls hand down for which root call they are made.
    pub(crate) hands_down: bool,
    /// Connections on their way.
    pub(crate) dials: Dials,
    /// Messages that are handed out.
    pub(crate) deliveries: Deliveries,
    /// Who belongs to each service. Written by the world when it applies a change, by nobody else.
    pub(crate) directory: Directory,
    /// Who may come in at each instance, and who has. Written by services.
    pub(crate) gates: Gates,
    pub(crate) work: Work,
    pub(crate) within: Within,
    pub(crate) observer: O,
}

/// How much has followed without delay within the present event.
///
/// Nearly everything that happens is an event, and the run loop counts those. What is none, and may
/// go on without end, is counted here: retries that wait for nothing count like events; calls of operations
/// and rounds of a `repeat` only stop a run when they are far too many.
#[derive(Clone, Debug)]
pub(crate) struct Within {
    /// What counts like an event \[count\].
    counted: u64,
    /// Calls and rounds \[count\].
    others: u64,
    /// At most so much of either \[count\].
    most: u64,
    /// Whether the present event is to be looked at once it is over.
    noted: bool,
}

impl Within {
    /// Most calls and rounds of one event.
    const MOST: u64 = 10_000_000;
    /// More than any limit allows.
    const TOO_MUCH: u64 = u64::MAX / 2;

    fn new(limits: Limits) -> Self {
        let most = limits.events.min(limits.at_one_instant);
        Self {
            counted: 0,
            others: 0,
            most: most.min(Self::MOST),
            noted: false,
        }
    }

    /// An event begins.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.others = 0;
    }

    /// The present event is to be looked at once it is over: it may be the last.
    pub(crate) fn note(&mut self) {
        self.noted = true;
    }

    /// Whether the present event is to be looked at: that something in it counts, or is far too much, or
    /// that it may be the last.
    #[inline]
    pub(crate) fn is_noted(&self) -> bool {
        self.noted
    }

    /// Something more happens that counts like an event; whether there may be another.
    #[inline]
    pub(crate) fn count(&mut self) -> bool {
        self.counted += 1;
        self.note();
        self.counted <= self.most
    }

    /// Something more happens that does not; whether it may. If not, the run is over.
    #[inline]
    pub(crate) fn go_on(&mut self) -> bool {
        self.others += 1;
        let may = self.others <= Self::MOST;
        if !may {
            self.note();
        }
        may
    }

    /// What the event that is over counts for beyond itself; it is looked at with that.
    pub(crate) fn take(&mut self) -> u64 {
        self.noted = false;
        let counted = std::mem::take(&mut self.counted);
        if self.others > Self::MOST {
            Self::TOO_MUCH
        } else {
            counted
        }
    }
}

impl<'s, O: Observer> Cx<'s, O> {
    /// An empty system at time zero.
    pub(crate) fn new(spec: &'s ModelSpec, keys: &KeySource, observer: O) -> Self {
        Self {
            now: SimTime::ZERO,
            events: EventList::new(),
            spec,
            targets: spec.sites.iter().map(|site| site.target).collect(),
            calls: CallBook::default(),
            attempts: AttemptBook::default(),
            tickets: Tickets::default(),
            deeds: Deeds::new(spec.effects.len(), &spec.invariants),
            sagas: Sagas::default(),
            hands_down: spec.hands_down(),
            dials: Dials::default(),
            deliveries: Deliveries::default(),
            directory: Directory::new(spec),
            gates: Gates::new(spec, keys),
            work: Work::default(),
            within: Within::new(spec.limits),
            observer,
        }
    }
}

impl<O: Observer> Cx<'_, O> {
    /// Says what happened.
    #[expect(
        clippy::inline_always,
        reason = "the kind of fact is known where it is told"
    )]
    #[inline(always)]
    pub(crate) fn tell(&mut self, fact: &Fact) {
        self.observer.on_fact(self.now, fact);
    }

    /// A call is a root call: that goes down with all that is done for it.
    #[cold]
    pub(crate) fn begin_root(&mut self, ix: CallIx) {
        let call = &self.calls[ix];
        let root = self.deeds.open_root(call.number);
        let lineage = Lineage::of_root(root, call.key);
        self.calls.lineage.set(ix, lineage);
    }

    /// A process asks anew who is in rotation, if that is due (rule 50).
    #[cold]
    pub(crate) fn renew(&mut self, readers: &Readers, process: ProcessId) {
        let panics = self.directory.renew(self.now, readers, process);
        self.tell_panic(panics);
    }

    /// A reader falls into a panic, or comes out of it. A view that nobody reads is not told of.
    #[cold]
    pub(crate) fn tell_panic(&mut self, panics: Option<Panics>) {
        let Some(Panics { view, begins }) = panics else {
            return;
        };
        let (service, process) = self.directory.plan().reader(view);
        if process.is_some() || !self.spec.services[service].membership.own_views() {
            self.tell(&Fact::Panic {
                service,
                process,
                begins,
            });
        }
    }

    /// The operation that an attempt is for.
    #[inline]
    pub(crate) fn target(&self, ix: AttemptIx) -> OperationId {
        self.targets[self.attempts[ix].site]
    }

    #[inline]
    pub(crate) fn schedule(&mut self, at: SimTime, class: Class, event: impl PartEvent) -> Timer {
        self.events.schedule(at, class, event.due())
    }

    /// As [`Self::schedule`], for an arrival, after which another follows.
    #[inline]
    pub(crate) fn schedule_arrival(&mut self, at: SimTime, event: impl PartEvent) -> Timer {
        self.events.schedule_lone(at, Class::Start, event.due())
    }

    /// As [`Self::schedule`], for a limit that is mostly not reached.
    #[inline]
    pub(crate) fn schedule_limit(&mut self, at: SimTime, event: impl PartEvent) -> Timer {
        self.events.schedule_limit(at, Class::Expiry, event.due())
    }
}
