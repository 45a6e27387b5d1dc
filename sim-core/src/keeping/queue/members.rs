//! Consumers of a queue, and which lanes are whose.

use super::config::{Assign, QueueConfig};
use super::lanes::{LaneBook, NOBODY};
use crate::time::SimTime;

/// The number of a consumer: one process that is handed messages.
pub type MemberIx = u16;

/// A consumer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// Most messages that it has at once \[count\].
    pub(super) credit: u32,
    /// Messages that it has, those included whose lease is over \[count\].
    pub(super) out: u32,
    /// It begins anew with each loss.
    pub(super) life: u16,
    /// Whether messages can be handed to it.
    pub(super) is_here: bool,
    /// Whether it gets nothing more, but does what it has.
    pub(super) is_leaving: bool,
    /// Whether the queue takes it for there.
    pub(super) belongs: bool,
    /// When the queue notices that it is gone.
    pub(super) noticed_at: SimTime,
}

impl Member {
    fn may_have_more(&self) -> bool {
        self.is_here && self.out < self.credit
    }

    /// What it had is lost, or somebody else's.
    pub(super) fn begin_anew(&mut self) {
        (self.out, self.life) = (0, self.life.wrapping_add(1));
    }
}

/// How far a change of owners has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// There is none.
    None,
    /// It waits for answers.
    Empties,
    /// It takes its time.
    Takes(SimTime),
}

/// All consumers of a queue.
#[derive(Clone, Debug)]
pub(super) struct Members {
    all: Vec<Member>,
    turn: usize,
    pub(super) change: Change,
}

impl Members {
    pub(super) fn new() -> Self {
        Self {
            all: Vec::new(),
            turn: 0,
            change: Change::None,
        }
    }

    pub(super) fn add(&mut self, credit: u32) -> MemberIx {
        self.all.push(Member {
            credit,
            out: 0,
            life: 0,
            is_here: true,
            is_leaving: false,
            belongs: true,
            noticed_at: SimTime::NEVER,
        });
        self.all.len() as MemberIx - 1
    }

    pub(super) fn get(&mut self, member: MemberIx) -> &mut Member {
        &mut self.all[member as usize]
    }

    pub(super) fn count(&self) -> MemberIx {
        self.all.len() as MemberIx
    }

    /// Whether this one, or anyone for nobody, may have more.
    pub(super) fn may_have_more(&self, config: &QueueConfig, owner: u16) -> bool {
        match config.assign {
            Assign::Shared => self.all.iter().any(Member::may_have_more),
            Assign::Eager | Assign::Cooperative => {
                owner != NOBODY && self.all[owner as usize].may_have_more()
            }
        }
    }

    /// The next one in turn that may have more.
    pub(super) fn next(&mut self) -> Option<MemberIx> {
        let count = self.all.len();
        let mut around = (0..count).map(|step| (self.turn + step) % count);
        let found = around.find(|&at| self.all[at].may_have_more())?;
        self.turn = found + 1;
        Some(found as MemberIx)
    }

    /// The earliest instant at which a loss is noticed.
    pub(super) fn due(&self) -> SimTime {
        let all = self.all.iter().map(|it| it.noticed_at);
        all.min().unwrap_or(SimTime::NEVER)
    }

    fn belonging(&self) -> impl Iterator<Item = MemberIx> {
        let all = self.all.iter().enumerate();
        all.filter(|(_, it)| it.belongs)
            .map(|(ix, _)| ix as MemberIx)
    }

    /// Deals the lanes out: all anew in turn (`eager`), or with as few moves as can be.
    pub(super) fn owners(&self, config: &QueueConfig, lanes: &LaneBook) -> Vec<u16> {
        let members: Vec<MemberIx> = self.belonging().collect();
        let count = lanes.count() as usize;
        if members.is_empty() {
            return vec![NOBODY; count];
        }
        if config.assign != Assign::Cooperative {
            return (0..count).map(|at| members[at % members.len()]).collect();
        }
        let mut owners: Vec<u16> = lanes.all().map(|it| it.owner).collect();
        for owner in &mut owners {
            if !members.contains(owner) {
                *owner = NOBODY;
            }
        }
        level(&members, &mut owners);
        owners
    }
}

/// Who has too many loses the highest ones; what nobody has goes to those who have too few, in turn.
fn level(members: &[MemberIx], owners: &mut [u16]) {
    let has = |owners: &[u16], member| owners.iter().filter(|&&it| it == member).count();
    let (least, mut more) = (owners.len() / members.len(), owners.len() % members.len());
    // Those who have most keep one more than the others, the first ones among equals.
    let mut by_had: Vec<(usize, MemberIx)> =
        members.iter().map(|&it| (has(owners, it), it)).collect();
    by_had.sort_by_key(|&(had, member)| (std::cmp::Reverse(had), member));
    let mut wanted = Vec::new();
    for (had, member) in by_had {
        let one_more = usize::from(more > 0);
        more -= one_more;
        let want = least + one_more;
        let too_many = had.saturating_sub(want);
        let its = (0..owners.len()).rev().filter(|&at| owners[at] == member);
        for at in its.take(too_many).collect::<Vec<_>>() {
            owners[at] = NOBODY;
        }
        wanted.push((member, want));
    }
    wanted.sort_unstable();
    let mut turn = 0;
    for at in 0..owners.len() {
        if owners[at] != NOBODY {
            continue;
        }
        let count = wanted.len();
        let mut around = (0..count).map(|step| (turn + step) % count);
        let needs = |&it: &usize| has(owners, wanted[it].0) < wanted[it].1;
        if let Some(next) = around.find(needs) {
            owners[at] = wanted[next].0;
            turn = next + 1;
        }
    }
}
