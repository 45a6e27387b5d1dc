//! A sweep: what came in since the last one is judged, and who has been out for long enough comes back.

use super::config::{EjectionRule, FailureShare, Outliers, Returns, Rounding, SuccessRate};
use super::host::{Bucket, State};
use super::machine::{EjectAsk, Ejection, Others};
use super::step::{EjectBack, EjectWhy};
use crate::time::SimTime;

impl Ejection {
    /// A sweep is due. Envoy: returns, verdicts, then k of who is in falls; gRPC: verdicts, k, returns.
    pub fn sweep<O: Others>(&mut self, ask: &mut EjectAsk<'_, O>) {
        let EjectionRule::Outliers(rules) = &ask.config.rule else {
            return;
        };
        match ask.config.most.rounding {
            Rounding::NotBeyond => {
                self.return_the_old(ask, rules);
                self.judge_rates(ask, rules);
                self.forgive_after_a_while(rules, ask.now);
            }
            Rounding::MayExceed => {
                self.judge_rates(ask, rules);
                self.forgive();
                self.return_the_old(ask, rules);
            }
        }
        for host in &mut self.hosts {
            host.since = Bucket::default();
        }
    }

    /// Who has been out for long enough comes back. grpc-go asks for *longer*, but its sweeps are a
    /// little late: the third of three that are 10 s apart is after 30 s, and not at them.
    fn return_the_old<O>(&mut self, ask: &mut EjectAsk<'_, O>, rules: &Outliers) {
        if rules.returns != Returns::AtSweep {
            return;
        }
        for slot in 0..self.hosts.len() as u32 {
            if let State::Out { at, span, .. } = self.hosts[slot as usize].state
                && span <= ask.now.since(at)
            {
                self.bring_back(ask, slot, EjectBack::Sweep);
            }
        }
    }

    /// Rates first, then shares. Who had enough calls is asked once, before anybody is out by the first:
    /// those count among the hosts of the second, too (Envoy and grpc-go), but are not ejected twice.
    fn judge_rates<O: Others>(&mut self, ask: &mut EjectAsk<'_, O>, rules: &Outliers) {
        let slots = 0..self.hosts.len() as u32;
        let share = rules.failure_share.filter(|rule| {
            let judged = |slot: &u32| self.has_share(*slot, rule, ask.others);
            slots.clone().filter(judged).count() >= rule.min_instances.max(1) as usize
        });
        if let Some(rule) = &rules.success_rate
            && let Some(least) = self.least_rate(rule, ask.others)
        {
            for slot in slots.clone() {
                if self.has_rate(slot, rule, ask.others) && self.success_rate(slot) < least {
                    let verdict = (EjectWhy::SuccessRate, rule.enforce);
                    self.eject(ask, rules, slot, verdict);
                }
            }
        }
        if let Some(rule) = &share {
            for slot in slots {
                let Bucket {
                    share_calls,
                    failed,
                    ..
                } = self.hosts[slot as usize].since;
                if self.has_share(slot, rule, ask.others) && rule.at.is_reached(failed, share_calls)
                {
                    let verdict = (EjectWhy::FailureShare, rule.enforce);
                    self.eject(ask, rules, slot, verdict);
                }
            }
        }
    }

    /// Whether an instance that is in had enough calls for its rate to be judged.
    fn has_rate(&self, slot: u32, rule: &SuccessRate, others: &impl Others) -> bool {
        let host = &self.hosts[slot as usize];
        !host.is_out() && host.since.calls >= rule.min_calls.max(1) && others.counts(slot)
    }

    /// The same for its share of failures.
    fn has_share(&self, slot: u32, rule: &FailureShare, others: &impl Others) -> bool {
        let host = &self.hosts[slot as usize];
        !host.is_out() && host.since.share_calls >= rule.min_calls.max(1) && others.counts(slot)
    }

    /// In per cent, as Envoy reckons: so whole ones stay whole.
    fn success_rate(&self, slot: u32) -> f64 {
        let Bucket {
            calls,
            unsuccessful,
            ..
        } = self.hosts[slot as usize].since;
        f64::from(calls - unsuccessful) * 100.0 / f64::from(calls)
    }

    /// The rate below which an instance is an outlier \[%\]; `None` if there are too few to compare.
    fn least_rate(&self, rule: &SuccessRate, others: &impl Others) -> Option<f64> {
        let slots = 0..self.hosts.len() as u32;
        let judged = slots.filter(|&slot| self.has_rate(slot, rule, others));
        let rates = judged.map(|slot| self.success_rate(slot));
        let (count, sum) = rates
            .clone()
            .fold((0_u32, 0.0), |(count, sum), rate| (count + 1, sum + rate));
        if count < rule.min_instances.max(1) {
            return None;
        }
        let mean = sum / f64::from(count);
        let squares: f64 = rates.map(|rate| (rate - mean) * (rate - mean)).sum();
        let deviation = (squares / f64::from(count)).sqrt();
        Some(mean - rule.below_sd * deviation)
    }

    /// gRPC: of who is in, one ejection less counts.
    fn forgive(&mut self) {
        for host in self.hosts.iter_mut().filter(|host| !host.is_out()) {
            host.k = host.k.saturating_sub(1);
        }
    }

    /// Envoy: the same of who has been in since the last sweep or longer.
    fn forgive_after_a_while(&mut self, rules: &Outliers, now: SimTime) {
        let Some(sweep) = rules.sweep else {
            return;
        };
        for host in &mut self.hosts {
            if let State::In { back: Some(back) } = host.state
                && now.since(back) >= sweep
            {
                host.k = host.k.saturating_sub(1);
            }
        }
    }
}
