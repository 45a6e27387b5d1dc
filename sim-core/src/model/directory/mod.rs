//! The directory: which instances belong to each service, and what those who choose believe of it.
//!
//! Each instance is a *member* of its service, known there by its *slot*. A member is in rotation while
//! it has no marks; each mark is a reason to be out of it and has one owner, who sets it and alone lifts it
//! (rules 25, 49). Who chooses an instance reads a *view* ([`view`]): what it has heard of the marks,
//! and who may be chosen by that.
//!
//! Marks are of two sorts. A *shared* one is the word of one owner for all: everybody hears of it, at
//! once or after a while (rule 50; the news on its way is with `lifecycle`). A *private* one is the
//! verdict of one caller process, and stands in the view of that process alone, at once.
//!
//! What is done to members is a `Change`: it is written here when the world applies it, and by nobody
//! else, so that all who read see the same.
//!
//! Rejected: asking the instances themselves, since a dead one stays in rotation until somebody has
//! noticed; and a list in each balancer, which would have to be told by everybody.

mod member;
mod readers;
mod turn;
mod view;

#[cfg(test)]
mod tests;

pub use member::{InstanceState, Mark};

pub(crate) use member::Member;
pub(crate) use readers::{Readers, ViewPlan};
pub(crate) use turn::{News, Turn};
pub(crate) use view::{Panics, View, ViewIx};

use super::flags::Flags;
use super::spec::{ModelSpec, PipelineSpec};
use crate::id::{IdMap, InstanceId, ProcessId, ServiceId};
use crate::time::SimTime;

/// All members and views.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    members: IdMap<InstanceId, Member>,
    views: IdMap<ViewIx, View>,
    plan: ViewPlan,
}

impl Directory {
    /// All instances up and in rotation.
    pub(crate) fn new(spec: &ModelSpec) -> Self {
        let plan = ViewPlan::new(spec);
        let member = |(id, &service): (InstanceId, &ServiceId)| {
            Member::new(id.0 - spec.services[service].first_instance.0)
        };
        let view = |service| View::new(&spec.services[service]);
        let mut views: IdMap<ViewIx, View> = plan.services().map(view).collect();
        views.push(View::of_nobody());
        let ramps = |pipeline: &&PipelineSpec| pipeline.balance.slow_start.is_some();
        for service in spec.services.ids().filter(|&it| spec.views_may_lag(it)) {
            for view in plan.heard_by(service) {
                views[view].keep_meanings();
            }
        }
        for pipeline in spec.pipelines.iter().filter(ramps) {
            for view in plan.heard_by(pipeline.target) {
                views[view].keep_ramps();
            }
        }
        Self {
            members: spec.instances.iter_enumerated().map(member).collect(),
            views,
            plan,
        }
    }

    #[inline]
    pub(crate) fn view(&self, view: ViewIx) -> &View {
        &self.views[view]
    }

    /// What is true of an instance, whoever has heard of it.
    #[inline]
    pub(crate) fn member(&self, instance: InstanceId) -> &Member {
        &self.members[instance]
    }

    /// Who looks where.
    pub(crate) fn plan(&self) -> &ViewPlan {
        &self.plan
    }

    /// Sets or lifts a shared mark: what is true from now on. Views hear of it by [`Self::hear`].
    pub(super) fn mark(&mut self, news: News) -> Turn {
        let News {
            instance,
            mark,
            holds,
            ..
        } = news;
        let marks = &mut self.members[instance].marks;
        let was_in = marks.is_empty();
        if marks.has(mark) == holds {
            return Turn::Nothing;
        }
        marks.set(mark, holds);
        if marks.is_empty() == was_in {
            Turn::Mark
        } else {
            Turn::Rotation
        }
    }

    /// A view hears of a shared mark: whether a panic begins in it or ends.
    pub(super) fn hear(&mut self, now: SimTime, view: ViewIx, news: News) -> Option<Panics> {
        let slot = self.members[news.instance].slot;
        let panics = self.views[view].learn(now, slot, news);
        panics.map(|begins| Panics { view, begins })
    }

    /// A process sets or lifts a mark of its own, which acts in its own view.
    pub(super) fn mark_own(
        &mut self,
        now: SimTime,
        view: ViewIx,
        news: News,
    ) -> (Turn, Option<Panics>) {
        let slot = self.members[news.instance].slot;
        let (turn, panics) = self.views[view].set_own(now, slot, news.mark, news.holds);
        (turn, panics.map(|begins| Panics { view, begins }))
    }

    /// What a change of an instance's life makes of its member.
    pub(super) fn live(&mut self, now: SimTime, instance: InstanceId, state: InstanceState) {
        let member = &mut self.members[instance];
        member.state = state;
        if state == InstanceState::Up {
            member.since = now;
        }
    }

    /// A member has come up: what balancers may want to know (rule 52).
    pub(super) fn came_up(&mut self, now: SimTime, service: ServiceId, instance: InstanceId) {
        let slot = self.members[instance].slot;
        for view in self.plan.heard_by(service) {
            self.views[view].joined(now, slot);
        }
    }

    /// A new incarnation fills a slot.
    pub(super) fn fill(&mut self, now: SimTime, instance: InstanceId, incarnation: u32) {
        let member = &mut self.members[instance];
        (member.incarnation, member.filled) = (incarnation, now);
    }

    /// A reader has met a failure by which its view may be out of date.
    #[cold]
    pub(super) fn doubt(&mut self, readers: &Readers, process: ProcessId) {
        self.views[readers.view_of(process)].doubt();
    }

    /// A process that asks for itself has died: what it knew is gone.
    pub(super) fn forget(&mut self, readers: &Readers, process: ProcessId) {
        self.views[readers.view_of(process)].forget();
    }

    /// A reader renews its view of a service whole, if that is due: its own marks stay. Only readers
    /// with a `refresh` do, each its own view.
    #[cold]
    pub(super) fn renew(
        &mut self,
        now: SimTime,
        readers: &Readers,
        process: ProcessId,
    ) -> Option<Panics> {
        let view = readers.view_of(process);
        if !self.views[view].is_due(now) {
            return None;
        }
        let first = readers.first_instance;
        let slots = self.views[view].members();
        let members = (first..first + slots).map(|id| &self.members[InstanceId(id)]);
        let marks: Vec<(u32, Flags<Mark>)> = members.map(|it| (it.incarnation, it.marks)).collect();
        let panics = self.views[view].renew(now, &marks);
        panics.map(|begins| Panics { view, begins })
    }
}
