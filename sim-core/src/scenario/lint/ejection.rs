//! Ejection that can never act, or that leaves nobody.

use super::Lint;
use crate::id::{Id, ServiceId};
use crate::model::spec::{CallerGroup, EjectionSpec};
use crate::policy::eject::{EjectionRule, OnErrors, Outliers, Returns};
use crate::units::rate;

impl Lint<'_> {
    pub(super) fn ejections(&mut self) {
        let model = self.model;
        for (id, service) in model.services.iter_enumerated() {
            let Some(ejection) = &service.ejection else {
                continue;
            };
            if tells_checks_alone(ejection) {
                continue;
            }
            if let Some(why) = self.never_acts(id, ejection) {
                self.say(id, "ejection-never-acts", why);
            } else {
                self.leaves_nobody(id, ejection);
                self.never_returns(id, ejection);
            }
        }
    }

    fn say(&mut self, id: ServiceId, code: &'static str, (message, hint): (String, &'static str)) {
        let span = self.places.ejections.get(id.index()).copied();
        self.warn(code, span.unwrap_or_default(), message, hint);
    }

    /// Why none, or one of its rules, can leave anybody out.
    fn never_acts(&self, id: ServiceId, ejection: &EjectionSpec) -> Option<(String, &'static str)> {
        let service = &self.model.services[id];
        let (name, instances) = (&service.name, service.instances);
        let EjectionRule::Outliers(rules) = &ejection.config.rule else {
            let message = format!("`{name}` has one instance, which nginx' rule never leaves out");
            return (instances < 2)
                .then_some((message, "add instances, or leave the ejection out"));
        };
        if ejection.config.most.of(instances) == 0 {
            let message = format!(
                "no instance of `{name}` is ever left out: with one of {instances} out, the share would be \
                 beyond `max_ejected`"
            );
            let hint = "raise `max_ejected` to 1 / instances, rounded up, or add instances";
            return Some((message, hint));
        }
        Self::too_few_instances(name, instances, rules)
            .or_else(|| Self::nobody_so_far_below(name, instances, rules))
            .or_else(|| self.too_few_calls(id, ejection, rules))
    }

    fn too_few_instances(
        name: &str,
        instances: u32,
        rules: &Outliers,
    ) -> Option<(String, &'static str)> {
        let minima = [
            (
                "success_rate",
                rules.success_rate.map(|it| it.min_instances),
            ),
            (
                "failure_share",
                rules.failure_share.map(|it| it.min_instances),
            ),
        ];
        let minima = minima.into_iter();
        let mut too_few =
            minima.filter_map(|(key, min)| Some((key, min.filter(|&min| min > instances)?)));
        let (key, min) = too_few.next()?;
        let message = format!(
            "`{key}` judges nobody with fewer than {min} instances, and `{name}` has {instances}"
        );
        let hint = "lower its `min_instances`, add instances, or switch it off by `none`";
        Some((message, hint))
    }

    /// Of n numbers none is further below their mean than sqrt(n - 1) times their deviation: one that
    /// differs from the others, who are equal.
    fn nobody_so_far_below(
        name: &str,
        instances: u32,
        rules: &Outliers,
    ) -> Option<(String, &'static str)> {
        let below = rules.success_rate?.below_sd;
        let needed = below * below;
        if needed < f64::from(instances.max(1) - 1) {
            return None;
        }
        let message = format!(
            "of {instances} instances of `{name}` none can be more than {below} standard deviations below \
             their mean, however badly it does: `success_rate` judges nobody"
        );
        let hint = "lower `below_sd` below the root of instances - 1 (1.9 needs 5 instances), or add \
                    `consecutive` or `failure_share`";
        Some((message, hint))
    }

    /// No caller sends an instance as many calls between two sweeps as a rate needs.
    fn too_few_calls(
        &self,
        id: ServiceId,
        ejection: &EjectionSpec,
        rules: &Outliers,
    ) -> Option<(String, &'static str)> {
        let sweep = ejection.sweep()?;
        let rates = self.known_rates()?;
        let service = &self.model.services[id];
        let of_group = |group: CallerGroup| {
            let sites = self.model.sites.iter().zip(&rates.sites);
            let pipeline = |site| &self.model.pipelines[site];
            let of_this = sites.filter(|(site, _)| {
                pipeline(site.pipeline).target == id && pipeline(site.pipeline).callers == group
            });
            let total: f64 = of_this.map(|(_, rate)| rate).sum();
            total / f64::from(self.model.processes(group).1)
        };
        let groups = self.model.callers_of(id).into_iter();
        let each = groups.map(of_group);
        let most = if ejection.shared {
            each.zip(self.model.callers_of(id))
                .map(|(each, group)| each * f64::from(self.model.processes(group).1))
                .sum()
        } else {
            each.fold(0.0, f64::max)
        };
        let per_instance = most / f64::from(service.instances);
        let calls = per_instance * sweep.as_secs_f64();
        let minima = [
            ("success_rate", rules.success_rate.map(|it| it.min_calls)),
            ("failure_share", rules.failure_share.map(|it| it.min_calls)),
        ];
        let minima = minima
            .into_iter()
            .filter_map(|(key, min)| Some((key, min?)));
        let mut too_few = minima.filter(|&(_, min)| calls < f64::from(min));
        let (key, min) = too_few.next()?;
        let message = format!(
            "`{key}` looks at instances with {min} calls since the last sweep, but a caller of `{}` sends \
             each about {}, {calls:.0} in {sweep}",
            service.name,
            rate(per_instance)
        );
        let hint = "lower its `min_calls`, lengthen `sweep`, or judge together by `scope: shared`";
        Some((message, hint))
    }

    /// Who is left out comes back by a check that nobody makes.
    fn never_returns(&mut self, id: ServiceId, ejection: &EjectionSpec) {
        let by_check = match &ejection.config.rule {
            EjectionRule::Outliers(rules) => rules.returns == Returns::ByCheck,
            EjectionRule::Quiet(_) => false,
        };
        let checks = self.model.checks.iter().filter(|check| check.service == id);
        let mut watchers = checks.flat_map(|check| &check.watchers);
        if by_check && !watchers.any(|it| (it.group == CallerGroup::Nodes) == ejection.shared) {
            let scope = if ejection.shared { "shared" } else { "caller" };
            let message = format!(
                "who is left out of `{}` comes back by a passed check, but no check with `scope: {scope}` \
                 asks its instances: none ever comes back",
                self.model.services[id].name
            );
            let hint =
                "add a check to `health` whose scope is that of the ejection, or return otherwise";
            self.say(id, "ejection-never-returns", (message, hint));
        }
    }

    /// So many may be out that the rest is not enough, or that nobody is left.
    fn leaves_nobody(&mut self, id: ServiceId, ejection: &EjectionSpec) {
        let service = &self.model.services[id];
        let (name, instances) = (&service.name, service.instances);
        let left = instances - ejection.config.most.of(instances);
        let panic_below = u64::from(service.membership.panic_below);
        if panic_below == 0 && left == 0 {
            let message = format!(
                "all {instances} instances of `{name}` may be left out at once, and there is no panic: then \
                 every call ends as `error.unavailable`"
            );
            let hint = "lower `max_ejected`, or set `membership.panic_below`";
            self.say(id, "ejection-may-empty", (message, hint));
        } else if u64::from(left) * 1_000_000 < u64::from(instances) * panic_below {
            let message = format!(
                "{} of {instances} instances of `{name}` may be left out, but with {left} in rotation there \
                 is a panic: those left out get calls again",
                instances - left
            );
            let hint = "lower `max_ejected`, or `membership.panic_below`";
            self.say(id, "panic-disarms-ejection", (message, hint));
        }
    }
}

/// Whether nobody is left out by it, but health checks are told of failures in a row.
fn tells_checks_alone(ejection: &EjectionSpec) -> bool {
    match &ejection.config.rule {
        EjectionRule::Outliers(rules) => {
            let has_rates = rules.success_rate.is_some() || rules.failure_share.is_some();
            rules.on_errors != OnErrors::Eject && !has_rates
        }
        EjectionRule::Quiet(_) => false,
    }
}
