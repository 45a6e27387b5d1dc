//! News on its way: when those who choose hear that somebody left the rotation, or came back (rule 50).
//!
//! Each reader hears of each change after a time of its own. What it hears of one member comes in the
//! order in which it happened: who left and came back is not taken for gone because the first word was
//! slow.

use super::event::LifeEvent;
use crate::id::{IdMap, InstanceId, ServiceId};
use crate::kernel::Class;
use crate::model::arena::Arena;
use crate::model::cx::Cx;
use crate::model::directory::{News, ViewIx};
use crate::model::fact::Observer;
use crate::model::handoff::Change;
use crate::model::spec::ModelSpec;
use crate::random::{Draws, KeySource, SiteKey, child_key};
use crate::time::SimTime;
use std::collections::BTreeMap;

/// All news on its way.
#[derive(Clone, Debug)]
pub(super) struct Grapevine {
    draws: IdMap<ServiceId, SiteKey>,
    on_the_way: Arena<(ViewIx, News)>,
    /// Until when a view has word of a member on the way to it.
    last: BTreeMap<(ViewIx, InstanceId), SimTime>,
    /// Changes so far, by instance: draws are told apart by that \[count\].
    changes: BTreeMap<InstanceId, u32>,
}

impl Grapevine {
    pub(super) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let services = spec.services.iter();
        let draws = services.map(|it| keys.site(&["service", &it.name], "propagation"));
        Self {
            draws: draws.collect(),
            on_the_way: Arena::default(),
            last: BTreeMap::new(),
            changes: BTreeMap::new(),
        }
    }

    /// A mark was set or lifted for all: sends word of it to each view.
    pub(super) fn spread<O: Observer>(&mut self, cx: &mut Cx<'_, O>, change: &Change) {
        let &Change::Mark {
            instance,
            mark,
            holds,
            ..
        } = change
        else {
            return;
        };
        let service = cx.spec.instances[instance];
        let Some(propagation) = &cx.spec.services[service].membership.propagation else {
            return;
        };
        let number = self.changes.entry(instance).or_default();
        *number += 1;
        let incarnation = cx.directory.member(instance).incarnation;
        let change_key = child_key(incarnation.into(), u64::from(*number), 0);
        let news = News {
            instance,
            incarnation,
            mark,
            holds,
        };
        for (reader, view) in (0..).zip(cx.directory.plan().heard_by(service)) {
            let key = child_key(change_key, reader, 1);
            let after = propagation.sample(&mut Draws::new(self.draws[service], key));
            let at = self.last.entry((view, instance)).or_default();
            *at = (cx.now + after).max(*at);
            let at = *at;
            if at == cx.now {
                cx.work.push_change(Change::Heard { view, news });
            } else {
                let place = self.on_the_way.insert((view, news));
                cx.schedule(at, Class::Membership, LifeEvent::Heard(place));
            }
        }
    }

    /// Word reaches a view.
    pub(super) fn arrives<O: Observer>(&mut self, cx: &mut Cx<'_, O>, place: u32) {
        let (view, news) = self.on_the_way[place];
        self.on_the_way.remove(place);
        cx.work.push_change(Change::Heard { view, news });
    }
}
