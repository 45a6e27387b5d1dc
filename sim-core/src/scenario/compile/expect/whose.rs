//! Whose calls an expectation is about: a subject, and perhaps a tenant or a class.

use super::Compiler;
use crate::model::spec::{LabelFilter, LabelSpec, Subject};
use crate::scenario::compile::window::Interval;
use crate::scenario::file::expect::SubjectFile;
use crate::scenario::read::At;

/// Whose calls are meant, and how that is said.
pub(super) struct Whose {
    pub(super) subject: Subject,
    pub(super) label: LabelFilter,
    pub(super) words: String,
}

impl Compiler<'_> {
    /// Counts the calls of each tenant and each class apart, where there are names for them.
    pub(in crate::scenario::compile) fn labels(&mut self) {
        let whole = Interval {
            from: self.spec.warmup,
            until: self.spec.duration,
            words: String::new(),
        };
        let count = |names: &[String]| {
            if names.len() > 1 {
                names.len() as u16
            } else {
                0
            }
        };
        let (tenants, classes) = (count(&self.spec.tenants), count(&self.spec.classes));
        let tenants = (0..tenants).map(LabelFilter::Tenant);
        for label in tenants.chain((0..classes).map(LabelFilter::Class)) {
            let window = self.labelled_window(&whole, Subject::AllClients, label);
            self.spec.labelled.push(LabelSpec { label, window });
        }
    }

    pub(super) fn whose(&mut self, file: &SubjectFile<'_>, place: &At<()>) -> Option<Whose> {
        let (subject, label) = (self.subject(file, place), self.label(file, place));
        let ((subject, words), (label, of_label)) = (subject?, label?);
        let words = words + &of_label;
        Some(Whose {
            subject,
            label,
            words,
        })
    }

    /// A tenant or a class, and how it is said behind a subject.
    fn label(&mut self, file: &SubjectFile<'_>, place: &At<()>) -> Option<(LabelFilter, String)> {
        match (file.tenant, file.class) {
            (None, None) => Some((LabelFilter::Any, String::new())),
            (Some(at), None) => {
                let number = self.find_label(at, "tenant", |spec| &spec.tenants)?;
                Some((
                    LabelFilter::Tenant(number),
                    format!(" for tenant {}", at.value.0),
                ))
            }
            (None, Some(at)) => {
                let number = self.find_label(at, "class", |spec| &spec.classes)?;
                Some((
                    LabelFilter::Class(number),
                    format!(" of class {}", at.value.0),
                ))
            }
            (Some(_), Some(_)) => {
                let message = format!(
                    "`{}` names a tenant and a class, but is about one of them",
                    place.path
                );
                self.error("bad-value", place.span, message);
                None
            }
        }
    }

    fn subject(&mut self, file: &SubjectFile<'_>, place: &At<()>) -> Option<(Subject, String)> {
        match (file.client, file.service, file.call) {
            (None, None, None) => Some((Subject::AllClients, "all clients".to_owned())),
            (Some(at), None, None) => {
                let client = self.find_client(at)?;
                Some((Subject::Client(client), at.value.0.clone()))
            }
            (None, Some(at), None) => {
                let service = self.find_service(at)?;
                Some((
                    Subject::Service(service),
                    format!("calls to {}", at.value.0),
                ))
            }
            (None, None, Some(at)) => {
                let edge = self.find_edge(at)?;
                Some((Subject::Edge(edge), format!("calls {}", at.value.0)))
            }
            _ => {
                let message = format!(
                    "`{}` names several subjects, but is about one of `client`, `service`, `call`",
                    place.path
                );
                self.error("bad-value", place.span, message);
                None
            }
        }
    }
}
