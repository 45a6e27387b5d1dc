//! The machine of a process for one thing that it uses, and what belongs to it.

use super::event::KeptEvent;
use crate::id::{InstanceId, KeptId, ProcessId};
use crate::keeping::{Pool, PoolConfig, PoolDoes};
use crate::kernel::{Class, Timer};
use crate::model::cx::Cx;
use crate::model::directory::Readers;
use crate::model::fact::Observer;
use crate::model::spec::{CallerGroup, KeptKind, PoolSpec};
use crate::policy::{Asker, Balancer};
use crate::random::{Draws, SiteKey, Uniforms, child_key};
use crate::time::SimTime;

/// The machine of a process.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) kept: KeptId,
    /// The process.
    pub(super) owner: InstanceId,
    pub(super) pool: Pool,
    /// Chooses where new units lead; what it counts as outstanding are units.
    pub(super) balancer: Balancer,
    pub(super) alarm: Timer,
    alarm_at: SimTime,
    /// Deaths of the process so far \[count\].
    pub(super) life: u32,
    /// Draws for what it does: from this, the process, and a number.
    pub(super) draws: SiteKey,
    slot: u32,
    dials: u64,
    picks: u64,
}

impl Machine {
    pub(super) fn new(kept: KeptId, owner: InstanceId, slot: u32, draws: SiteKey) -> Self {
        Self {
            kept,
            owner,
            pool: Pool::new(),
            balancer: Balancer::new(),
            alarm: Timer::NONE,
            alarm_at: SimTime::NEVER,
            life: 0,
            draws,
            slot,
            dials: 0,
            picks: 0,
        }
    }

    fn spec<'s, O>(&self, cx: &Cx<'s, O>) -> &'s PoolSpec {
        let KeptKind::Pool(pool) = &cx.spec.kept[self.kept].kind;
        pool
    }

    /// What it does next.
    pub(super) fn next(&mut self, config: &PoolConfig, now: SimTime) -> Option<PoolDoes> {
        let Self {
            pool,
            picks,
            draws,
            slot,
            ..
        } = self;
        pool.next(config, now, |n| {
            *picks += 1;
            let key = child_key(draws.0, u64::from(*slot), *picks);
            Draws::new(SiteKey(draws.0.rotate_left(1)), key).below(n)
        })
    }

    /// The key of the next dial.
    pub(super) fn next_key(&mut self) -> u64 {
        self.dials += 1;
        child_key(self.draws.0, u64::from(self.slot), self.dials)
    }

    /// Where the next unit leads; none if nobody is in rotation.
    pub(super) fn choose<O: Observer>(&mut self, cx: &mut Cx<'_, O>, key: u64) -> Option<u32> {
        let (readers, process) = self.reads(cx);
        if readers.ask_anew {
            cx.renew(&readers, process);
        }
        let view = readers.view_of(process);
        let rotation = cx.directory.view(view).rotation(cx.now);
        let balance = &self.spec(cx).balance;
        let mut draws = Draws::new(SiteKey(self.draws.0.rotate_left(2)), key);
        let any = |_| true;
        let slot = if balance.is_plain() {
            let way = balance.way;
            self.balancer.choose(way, rotation.slots, any, &mut draws)?
        } else {
            let asker = Asker {
                home: cx.spec.zone_of(self.owner).unwrap_or(u16::MAX),
                takes_any: true,
                ..Asker::default()
            };
            self.balancer
                .choose_by_more(balance, rotation, asker, any, &mut draws)?
        };
        self.balancer.on_sent(slot);
        Some(slot)
    }

    /// Where its process looks for instances.
    fn reads<O: Observer>(&self, cx: &Cx<'_, O>) -> (Readers, ProcessId) {
        let group = CallerGroup::Service(cx.spec.kept[self.kept].owner);
        let readers = cx.directory.plan();
        let readers = readers.readers(cx.spec, self.spec(cx).to, group);
        (readers, cx.spec.process_of(self.owner))
    }

    /// Whether by a slot its process means one that is no longer there (rule 48).
    pub(super) fn means_former<O: Observer>(&self, cx: &Cx<'_, O>, instance: InstanceId) -> bool {
        let (readers, process) = self.reads(cx);
        let member = cx.directory.member(instance);
        let view = cx.directory.view(readers.view_of(process));
        !view.means(member.slot, member.incarnation)
    }

    /// A connection was turned away: what its process knows may be out of date (rule 50).
    pub(super) fn doubts<O: Observer>(&self, cx: &mut Cx<'_, O>) {
        let (readers, process) = self.reads(cx);
        if readers.ask_anew {
            cx.directory.doubt(&readers, process);
        }
    }

    /// When a unit that is opened now is too old.
    pub(super) fn ends_at<O: Observer>(&self, cx: &Cx<'_, O>, key: u64) -> SimTime {
        match &self.spec(cx).max_age {
            None => SimTime::NEVER,
            Some(age) => {
                let draws = SiteKey(self.draws.0.rotate_left(3));
                cx.now + age.sample(&mut Draws::new(draws, key))
            }
        }
    }

    /// Wakes it when it wants to be.
    pub(super) fn set_alarm<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        index: u32,
        config: &PoolConfig,
    ) {
        let due = self.pool.due(config);
        if self.alarm != Timer::NONE && due == Some(self.alarm_at) {
            return;
        }
        cx.events
            .cancel(std::mem::replace(&mut self.alarm, Timer::NONE));
        if let Some(at) = due {
            self.alarm_at = at;
            self.alarm = cx.schedule(at.max(cx.now), Class::Expiry, KeptEvent::Alarm(index));
        }
    }

    /// Its process dies: nothing of it is left. Where its units led, and since when.
    pub(super) fn die<O: Observer>(&mut self, cx: &mut Cx<'_, O>) -> Vec<(u32, SimTime)> {
        self.life += 1;
        self.balancer = Balancer::new();
        cx.events
            .cancel(std::mem::replace(&mut self.alarm, Timer::NONE));
        self.pool.lost()
    }
}
