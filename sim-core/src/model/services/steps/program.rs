//! Operations as programs: the steps of all operations, laid out flat.
//!
//! A tree of steps is easy to write and awkward to walk: a strand would need a stack of positions.
//! So each operation becomes a run of instructions with jumps, and a strand needs one program
//! counter. Branches of a `parallel` are runs of their own that end with [`Code::End`].

use crate::id::{EffectId, IdMap, KeptId, OperationId, SagaId, ServiceId, SiteId};
use crate::model::spec::{
    Branches, DeedKind, Execution, FailRule, KeptKind, ModelSpec, OperationSpec, StepSpec, Times,
    Watch, WorkTime,
};
use crate::policy::Outcome;
use crate::random::{Draws, KeySource, SiteKey};
use crate::time::SimDuration;
use crate::units::Probability;
use std::collections::BTreeMap;

/// Position in the program.
pub(crate) type Pc = u32;

/// One instruction.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Code {
    /// Work, by its number.
    Work(u32),
    /// Make a call and wait for it.
    Call { site: SiteId, optional: bool },
    /// Work within a block, by its number: on the thread of the operation around it.
    BlockWork(u32),
    /// Call the steps of a block, and wait for the outcome.
    Block { site: SiteId, optional: bool },
    /// The steps of a block are done.
    BlockEnd,
    /// Ask for what the block holds, and wait for it.
    Ask,
    /// Make a call over what a block holds, so many blocks out from the innermost, and wait for it.
    Over {
        site: SiteId,
        optional: bool,
        up: u8,
    },
    /// Begin the branches of a `parallel`, by its number, and wait until it is decided.
    Fork(u32),
    /// Go one of several ways, by the number of the choice.
    Choose(u32),
    /// Go on there.
    Goto(Pc),
    /// Begin a `repeat`, by its number.
    Enter(u32),
    /// A round of a `repeat` is over: go round again, or on.
    Round(u32),
    /// Store a message in the queue of the operation, and wait until it is.
    Store,
    /// Perhaps end with an error, by the number of the rule.
    Fail(u32),
    /// Carry out a saga, and stay here until it is over.
    Saga(SagaId),
    /// Carry out an effect, or undo it.
    Deed { effect: EffectId, what: DeedKind },
    /// Claim the key of the call, or be answered, wait or be turned away.
    Key,
    /// What must not be done twice is done.
    Effect,
    /// The strand is done.
    End,
}

/// A `work` step.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    time: WorkTime,
    pub(crate) draws: SiteKey,
    /// Times that a sequence has been asked.
    pub(crate) asked: u64,
}

impl Work {
    /// How long it takes, for the strand with this key.
    #[expect(clippy::inline_always, reason = "for all work")]
    #[inline(always)]
    pub(crate) fn time(&mut self, key: u64) -> SimDuration {
        match &self.time {
            WorkTime::Drawn(dist) => dist.sample(&mut Draws::new(self.draws, key)),
            WorkTime::Sequence(times) => {
                let turn = (self.asked % times.len() as u64) as usize;
                self.asked += 1;
                times[turn]
            }
        }
    }
}

/// A `parallel` step.
#[derive(Clone, Debug)]
pub(crate) struct Fork {
    /// Where the branches begin; one entry if all are the same.
    pub(crate) starts: Vec<Pc>,
    pub(crate) count: u32,
    pub(crate) need: u32,
    pub(crate) cancel_rest: bool,
    pub(crate) distinct_instances: bool,
    pub(crate) key: SiteKey,
}

/// A `branch` step.
#[derive(Clone, Debug)]
pub(crate) struct BranchPoint {
    /// Upper ends of the shares, and where each way begins.
    pub(crate) ways: Vec<(f64, Pc)>,
    pub(crate) otherwise: Pc,
    pub(crate) draws: SiteKey,
}

/// A `repeat` step.
#[derive(Clone, Debug)]
pub(crate) struct Repeat {
    pub(crate) times: Times,
    pub(crate) body: Pc,
    pub(crate) after: Pc,
    pub(crate) key: SiteKey,
}

/// A `fail` step.
#[derive(Clone, Debug)]
pub(crate) struct Fail {
    pub(crate) when: FailRule,
    pub(crate) outcome: Outcome,
    pub(crate) draws: SiteKey,
    /// Times that a sequence has been asked.
    pub(crate) asked: u64,
}

/// Where an operation begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryPoint {
    pub(crate) pc: Pc,
    /// The work that it begins with on the thread it was given, if it begins with work.
    pub(crate) work: Option<u32>,
}

/// The steps of all operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    code: Vec<Code>,
    entries: IdMap<OperationId, EntryPoint>,
    pub(crate) works: Vec<Work>,
    pub(crate) forks: Vec<Fork>,
    pub(crate) choices: Vec<BranchPoint>,
    pub(crate) repeats: Vec<Repeat>,
    pub(crate) fails: Vec<Fail>,
    /// Keys of child calls by the place that makes them.
    pub(crate) sites: IdMap<SiteId, SiteKey>,
    /// Where blocks begin.
    blocks: BTreeMap<SiteId, Pc>,
    /// The blocks around what is laid out, and where what they hold leads.
    around: Vec<Option<ServiceId>>,
}

impl Program {
    pub(crate) fn new(spec: &ModelSpec, keys: &KeySource) -> Self {
        let mut program = Self {
            sites: spec
                .sites
                .iter()
                .map(|site| keys.site(&["site", &site.path], "call"))
                .collect(),
            ..Self::default()
        };
        for (id, operation) in spec.operations.iter_enumerated() {
            let name = spec.operation_name(id);
            let pc = program.here();
            program.add(
                operation,
                spec.watch(id) != Watch::No,
                &Keys {
                    spec,
                    source: keys,
                    operation: &name,
                },
            );
            let has_thread = spec.services[operation.service].execution == Execution::Blocking;
            let work = if let Code::Work(work) = program.at(pc)
                && has_thread
            {
                Some(work)
            } else {
                None
            };
            program.entries.push(EntryPoint { pc, work });
        }
        program
    }

    #[inline]
    pub(crate) fn entry(&self, operation: OperationId) -> EntryPoint {
        self.entries[operation]
    }

    /// Where a block begins.
    pub(crate) fn block(&self, site: SiteId) -> Pc {
        self.blocks[&site]
    }

    pub(crate) fn at(&self, pc: Pc) -> Code {
        self.code[pc as usize]
    }

    fn add(&mut self, operation: &OperationSpec, is_watched: bool, keys: &Keys<'_>) {
        if operation.keys.is_some() {
            self.code.push(Code::Key);
        }
        self.steps(&operation.steps, keys);
        if is_watched {
            self.code.push(Code::Effect);
        }
        self.code.push(Code::End);
    }

    fn here(&self) -> Pc {
        self.code.len() as Pc
    }

    fn steps(&mut self, steps: &[StepSpec], keys: &Keys<'_>) {
        for step in steps {
            self.step(step, keys);
        }
    }

    fn step(&mut self, step: &StepSpec, keys: &Keys<'_>) {
        match step {
            StepSpec::Work { path, time } => {
                let number = push(
                    &mut self.works,
                    Work {
                        time: time.clone(),
                        draws: keys.of(path, "work"),
                        asked: 0,
                    },
                );
                self.code.push(if self.around.is_empty() {
                    Code::Work(number)
                } else {
                    Code::BlockWork(number)
                });
            }
            &StepSpec::Call { site, optional } => self.call(site, optional, keys),
            StepSpec::Parallel {
                path,
                branches,
                need,
                cancel_rest,
                distinct_instances,
            } => {
                let fork = Fork {
                    starts: Vec::new(),
                    count: 0,
                    need: *need,
                    cancel_rest: *cancel_rest,
                    distinct_instances: *distinct_instances,
                    key: keys.of(path, "branch"),
                };
                self.parallel(fork, branches, keys);
            }
            StepSpec::Branch { path, arms } => self.branch(arms, keys.of(path, "choice"), keys),
            StepSpec::Repeat { path, times, steps } => {
                self.repeat(*times, steps, keys.of(path, "round"), keys);
            }
            StepSpec::Block {
                site,
                optional,
                steps,
            } => self.block_of(*site, *optional, steps, keys),
            StepSpec::Saga { saga, calls } => self.saga(*saga, calls, keys),
            &StepSpec::Deed { effect, what } => self.code.push(Code::Deed { effect, what }),
            StepSpec::Store => self.code.push(Code::Store),
            StepSpec::Fail {
                path,
                when,
                outcome,
            } => {
                let draws = keys.of(path, "fail");
                let fail = Fail {
                    when: when.clone(),
                    outcome: *outcome,
                    draws,
                    asked: 0,
                };
                let number = push(&mut self.fails, fail);
                self.code.push(Code::Fail(number));
            }
        }
    }

    /// `Fork, Goto after, branch, End, branch, End, …, after`.
    fn parallel(&mut self, fork: Fork, branches: &Branches, keys: &Keys<'_>) {
        let number = push(&mut self.forks, fork);
        self.code.push(Code::Fork(number));
        let goto = self.hole();
        let (bodies, count): (Vec<&[StepSpec]>, u32) = match branches {
            Branches::Each(each) => (each.iter().map(Vec::as_slice).collect(), each.len() as u32),
            Branches::Same { steps, count } => (vec![steps], *count),
        };
        for body in bodies {
            let start = self.here();
            self.forks[number as usize].starts.push(start);
            self.steps(body, keys);
            self.code.push(Code::End);
        }
        self.forks[number as usize].count = count;
        self.fill(goto);
    }

    fn call(&mut self, site: SiteId, optional: bool, keys: &Keys<'_>) {
        let over = keys.spec.sites[site].over;
        let Some(to) = over.map(|kept| leads_to(keys.spec, kept)) else {
            return self.code.push(Code::Call { site, optional });
        };
        let mut outward = self.around.iter().rev();
        let up = outward.position(|held| *held == Some(to)).unwrap_or(0) as u8;
        self.code.push(Code::Over { site, optional, up });
    }

    /// `Block, Goto after, body, BlockEnd, after`.
    fn block_of(&mut self, site: SiteId, optional: bool, steps: &[StepSpec], keys: &Keys<'_>) {
        self.code.push(Code::Block { site, optional });
        let goto = self.hole();
        self.blocks.insert(site, self.here());
        let held = keys.spec.sites[site].holds;
        if held.is_some() {
            self.code.push(Code::Ask);
        }
        self.around.push(held.map(|kept| leads_to(keys.spec, kept)));
        self.steps(steps, keys);
        self.around.pop();
        self.code.push(Code::BlockEnd);
        self.fill(goto);
    }

    /// `Saga, Goto after, blocks of its calls, after`.
    fn saga(&mut self, saga: SagaId, calls: &[StepSpec], keys: &Keys<'_>) {
        self.code.push(Code::Saga(saga));
        let goto = self.hole();
        for call in calls {
            match call {
                // Calls are made where the saga stands; what they hold they take in blocks.
                StepSpec::Call { .. } => {}
                StepSpec::Block { .. }
                | StepSpec::Branch { .. }
                | StepSpec::Work { .. }
                | StepSpec::Parallel { .. }
                | StepSpec::Repeat { .. }
                | StepSpec::Deed { .. }
                | StepSpec::Saga { .. }
                | StepSpec::Store
                | StepSpec::Fail { .. } => self.step(call, keys),
            }
        }
        self.fill(goto);
    }

    /// `Choose, way, Goto after, way, Goto after, …, after`.
    fn branch(&mut self, arms: &[(Probability, Vec<StepSpec>)], draws: SiteKey, keys: &Keys<'_>) {
        let number = push(
            &mut self.choices,
            BranchPoint {
                ways: Vec::new(),
                otherwise: 0,
                draws,
            },
        );
        self.code.push(Code::Choose(number));
        let mut ends = Vec::new();
        let mut below = 0.0;
        for (share, steps) in arms {
            below += share.get();
            let start = self.here();
            self.choices[number as usize].ways.push((below, start));
            self.steps(steps, keys);
            ends.push(self.hole());
        }
        for end in ends {
            self.fill(end);
        }
        let after = self.here();
        let choice = &mut self.choices[number as usize];
        choice.otherwise = after;
        // Shares that sum to one leave no gap for a rounding error.
        if below > 1.0 - 1e-9
            && let Some(last) = choice.ways.last_mut()
        {
            last.0 = 1.0;
        }
    }

    /// `Enter, body, Round, after`.
    fn repeat(&mut self, times: Times, steps: &[StepSpec], key: SiteKey, keys: &Keys<'_>) {
        let number = push(
            &mut self.repeats,
            Repeat {
                times,
                body: 0,
                after: 0,
                key,
            },
        );
        self.code.push(Code::Enter(number));
        let body = self.here();
        self.steps(steps, keys);
        self.code.push(Code::Round(number));
        let after = self.here();
        let repeat = &mut self.repeats[number as usize];
        (repeat.body, repeat.after) = (body, after);
    }

    /// A jump whose target is not known yet.
    fn hole(&mut self) -> usize {
        self.code.push(Code::Goto(0));
        self.code.len() - 1
    }

    fn fill(&mut self, hole: usize) {
        self.code[hole] = Code::Goto(self.here());
    }
}

/// Keys of the draws of one operation's steps.
struct Keys<'a> {
    spec: &'a ModelSpec,
    source: &'a KeySource,
    operation: &'a str,
}

impl Keys<'_> {
    fn of(&self, path: &str, purpose: &str) -> SiteKey {
        self.source
            .site(&["operation", self.operation, path], purpose)
    }
}

fn leads_to(spec: &ModelSpec, kept: KeptId) -> ServiceId {
    let KeptKind::Pool(pool) = &spec.kept[kept].kind;
    pool.to
}

fn push<T>(items: &mut Vec<T>, item: T) -> u32 {
    items.push(item);
    items.len() as u32 - 1
}
