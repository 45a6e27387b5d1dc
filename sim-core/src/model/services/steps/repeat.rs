//! Rounds of a `repeat`, ways of a `branch`, and steps that fail.

use super::program::Pc;
use super::strand::Round;
use super::{Interpreter, Next};
use crate::model::arena::StrandIx;
use crate::model::cx::Cx;
use crate::model::fact::Observer;
use crate::model::spec::{FailRule, Times};
use crate::policy::Outcome;
use crate::random::{child_key, uniform};

impl Interpreter {
    /// One of several ways is gone: where it begins.
    #[inline]
    pub(crate) fn choose<O: Observer>(&self, cx: &Cx<'_, O>, ix: StrandIx, number: u32) -> Pc {
        let choice = &self.program.choices[number as usize];
        let u = uniform(choice.draws, self.key(cx, ix));
        let way = choice.ways.iter().find(|&&(below, _)| u < below);
        way.map_or(choice.otherwise, |&(_, start)| start)
    }

    /// A `repeat` begins.
    #[inline(never)]
    pub(crate) fn enter<O: Observer>(&mut self, cx: &Cx<'_, O>, ix: StrandIx, number: u32) -> Next {
        let key = self.key(cx, ix);
        let repeat = &self.program.repeats[number as usize];
        if matches!(repeat.times, Times::Exactly(0)) {
            return Next::Go(repeat.after);
        }
        self.strands.set_key(ix, child_key(key, repeat.key.0, 1));
        let ties = self.strands.ties_mut(ix);
        let fold = ties.fold;
        if self.hands_down {
            ties.fold = child_key(fold, repeat.key.0, 1);
        }
        ties.round = self.rounds.insert(Round {
            number: 1,
            key,
            fold,
            around: ties.round,
        });
        Next::Go(repeat.body)
    }

    /// A round of a `repeat` is over.
    #[inline(never)]
    pub(crate) fn round<O: Observer>(
        &mut self,
        cx: &mut Cx<'_, O>,
        ix: StrandIx,
        number: u32,
    ) -> Next {
        if !cx.within.go_on() {
            return Next::Rest;
        }
        let key = self.key(cx, ix);
        let repeat = &self.program.repeats[number as usize];
        let round_ix = self.strands.ties(ix).round;
        let round = &mut self.rounds[round_ix];
        let again = match repeat.times {
            Times::Exactly(times) => round.number < times,
            Times::Again(share) => share.hit(uniform(repeat.key, key)),
        };
        if again {
            round.number += 1;
            let key = child_key(round.key, repeat.key.0, u64::from(round.number));
            if self.hands_down {
                let fold = child_key(round.fold, repeat.key.0, u64::from(round.number));
                self.strands.ties_mut(ix).fold = fold;
            }
            self.strands.set_key(ix, key);
            return Next::Go(repeat.body);
        }
        let Round {
            key, fold, around, ..
        } = *round;
        self.rounds.remove(round_ix);
        self.strands.set_key(ix, key);
        let ties = self.strands.ties_mut(ix);
        (ties.round, ties.fold) = (around, fold);
        Next::Go(repeat.after)
    }

    /// Whether a strand fails here, and how.
    #[inline(never)]
    pub(crate) fn fails<O: Observer>(
        &mut self,
        cx: &Cx<'_, O>,
        ix: StrandIx,
        number: u32,
    ) -> Option<Outcome> {
        let key = self.key(cx, ix);
        let rule = &mut self.program.fails[number as usize];
        match &rule.when {
            FailRule::Share(share) => share.hit(uniform(rule.draws, key)).then_some(rule.outcome),
            FailRule::Sequence(outcomes) => {
                let turn = (rule.asked % outcomes.len() as u64) as usize;
                rule.asked += 1;
                outcomes[turn]
            }
        }
    }
}
