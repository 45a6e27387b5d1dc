//! How evenly tenants, classes or clients are served.

use super::{Compiler, Statement};
use crate::model::spec::{LabelFilter, Subject};
use crate::scenario::expect::Measure;
use crate::scenario::file::expect::{Among, FairnessFile};
use crate::scenario::read::At;

impl Compiler<'_> {
    pub(super) fn fairness(&mut self, it: &FairnessFile, place: &At<()>) -> Option<Statement> {
        let whose = self.whose(&it.subject(), place)?;
        let (interval, bound, words) = self.when_and_bound(&it.window(), &it.bound(), place)?;
        let (among, each) = match it.among {
            Among::Tenants => (
                "tenants",
                each(&self.spec.tenants, whose.subject, LabelFilter::Tenant),
            ),
            Among::Classes => (
                "classes",
                each(&self.spec.classes, whose.subject, LabelFilter::Class),
            ),
            Among::Clients if whose.subject == Subject::AllClients => {
                let clients = self.spec.clients.ids();
                let each = clients.map(|id| (Subject::Client(id), LabelFilter::Any));
                ("clients", each.collect())
            }
            Among::Clients => {
                let message = format!(
                    "`{}` compares clients, so `client`, `service` and `call` have no place in it",
                    place.path
                );
                self.error("bad-value", place.span, message);
                return None;
            }
        };
        if each.len() < 2 {
            let message = format!(
                "`{}` compares {among}, but the scenario names {} of them",
                place.path,
                each.len()
            );
            self.error("bad-value", place.span, message);
            return None;
        }
        let windows = each.into_iter();
        let windows = windows
            .map(|(subject, label)| self.labelled_window(&interval, subject, label))
            .collect();
        let of = if whose.subject == Subject::AllClients {
            String::new()
        } else {
            format!(" of {}", whose.words)
        };
        let text = format!("fairness among {among}{of}{} {words}", interval.words);
        Some((Measure::Fairness { windows }, bound, text))
    }
}

/// Those with a name: number 0 has none.
fn each(
    names: &[String],
    of: Subject,
    label: fn(u16) -> LabelFilter,
) -> Vec<(Subject, LabelFilter)> {
    let numbers = 1..names.len() as u16;
    numbers.map(|number| (of, label(number))).collect()
}
