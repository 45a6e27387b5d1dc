//! `queue` of a service: who waits for a thread, for how long, and who is next.

use super::Compiler;
use crate::model::spec::{Groups, QueueSpec, WhenFull};
use crate::queueing::{CodelConfig, CodelRule, Discipline};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::file::queue::{
    CodelFile, CodelRuleFile, DisciplineFile, PriorityFile, QueueFile, WhenFullFile,
};
use crate::scenario::file::service::ServiceFile;
use crate::scenario::read::{At, NamedItem};
use crate::scenario::value::Count;
use crate::time::SimDuration;

/// No place to wait.
pub(super) const fn no_waiting() -> QueueSpec {
    QueueSpec {
        capacity: Some(0),
        discipline: Discipline::Fifo,
        groups: Groups::One,
        codel: None,
        max_wait: None,
        when_full: WhenFull::Reject,
    }
}

impl Compiler<'_> {
    pub(super) fn check_queue(&mut self, item: &NamedItem<ServiceFile>, service: &ServiceFile) {
        if service.queue.is_none() && service.threads.0.is_some() {
            let message = format!(
                "`services.{}` needs `queue`, since its threads are limited",
                item.name
            );
            let diagnostic = Diagnostic::error("missing-key", item.span, message);
            let hint = "add `queue: { capacity: 100 }`, or `{ capacity: 0 }` for no waiting";
            self.found.push(diagnostic.hint(hint));
        }
    }

    pub(super) fn queue(&mut self, file: Option<&QueueFile>) -> QueueSpec {
        let Some(file) = file else {
            return no_waiting();
        };
        let (discipline, groups) = self.discipline(&file.discipline);
        QueueSpec {
            capacity: file.capacity.0.map(Count::get),
            discipline,
            groups,
            codel: file.codel.as_ref().map(|codel| self.codel(codel)),
            max_wait: file.max_wait.0.as_ref().map(|dist| dist.0.clone()),
            when_full: match file.when_full {
                WhenFullFile::Reject => WhenFull::Reject,
                WhenFullFile::DropOldest => WhenFull::DropOldest,
            },
        }
    }

    fn discipline(&mut self, at: &At<DisciplineFile>) -> (Discipline, Groups) {
        match &at.value {
            DisciplineFile::Fifo => (Discipline::Fifo, Groups::One),
            DisciplineFile::Lifo => (Discipline::Lifo, Groups::One),
            DisciplineFile::Random => (Discipline::Random, Groups::One),
            DisciplineFile::Priority(file) => {
                let aging = file.aging.0;
                if aging.is_some_and(SimDuration::is_zero) {
                    self.not_zero(
                        at,
                        "aging",
                        "who waits would be of the highest class at once",
                    );
                }
                (Discipline::Priority { aging }, self.ranks(at, file))
            }
            DisciplineFile::EarliestDeadline => (Discipline::EarliestDeadline, Groups::One),
            DisciplineFile::Fair(file) => (Discipline::Fair, Groups::Per(file.per.into())),
            DisciplineFile::AdaptiveLifo(file) => {
                let interval = file.interval;
                if interval.is_zero() {
                    self.not_zero(
                        at,
                        "interval",
                        "then the last to come is always first: that is `lifo`",
                    );
                }
                (Discipline::AdaptiveLifo { interval }, Groups::One)
            }
        }
    }

    /// The rank of each class: those named in their order, then all others.
    fn ranks(&mut self, at: &At<DisciplineFile>, file: &PriorityFile) -> Groups {
        let others = file.classes.len() as u32;
        let mut ranks = vec![others; self.spec.classes.len()];
        if file.classes.is_empty() {
            let message = format!("`{}` has no `classes`, so nothing has priority", at.path);
            let hint = "name classes of calls, the highest first: `classes: [gold, bulk]`";
            self.found
                .push(Diagnostic::error("bad-value", at.span, message).hint(hint));
        }
        for (rank, class) in (0..).zip(&file.classes) {
            let Some(number) = self.find_label(class, "class", |spec| &spec.classes) else {
                continue;
            };
            let known = &mut ranks[usize::from(number)];
            if *known != others {
                let message = format!("`{}` is named twice", class.path);
                let error = Diagnostic::error("bad-value", class.span, message);
                self.found.push(error.hint("name each class once"));
            }
            *known = rank;
        }
        Groups::Ranks(ranks)
    }

    fn codel(&mut self, at: &At<CodelFile>) -> CodelConfig {
        let file = &at.value;
        let (target, interval) = (file.target, file.interval);
        let is_folly = file.like == CodelRuleFile::Folly;
        if interval.is_zero() {
            self.not_zero(at, "interval", "no wait would be a habit");
        } else if interval < target || (is_folly && interval == target) {
            let message = format!(
                "`{}`: a wait above {target} is long, but it is a habit after {interval} already",
                at.path
            );
            let hint = "give `interval` more than `target`: about 20 times as much (5ms, 100ms)";
            self.found
                .push(Diagnostic::error("bad-value", at.span, message).hint(hint));
        }
        if target.is_zero() {
            self.not_zero(at, "target", "then every wait is a long one");
        }
        CodelConfig {
            target: file.target,
            interval: file.interval,
            rule: match file.like {
                CodelRuleFile::Rfc8289 => CodelRule::Rfc8289,
                CodelRuleFile::Folly => CodelRule::Folly,
                CodelRuleFile::Facebook => CodelRule::Facebook,
            },
        }
    }

    fn not_zero<T>(&mut self, at: &At<T>, key: &str, why: &str) {
        let message = format!("`{}`: `{key}` is 0, but {why}", at.path);
        let hint = format!("give `{key}` a duration above 0");
        self.found
            .push(Diagnostic::error("bad-value", at.span, message).hint(hint));
    }
}
