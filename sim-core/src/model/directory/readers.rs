//! Who looks where: all readers of a service at one view, or each caller process at its own (rule 50).

use super::view::ViewIx;
use crate::id::{Id, IdMap, ProcessId, ServiceId};
use crate::model::spec::{CallerGroup, ModelSpec};
use std::ops::Range;

/// Where the processes of one group of callers look for instances of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Readers {
    /// The view of the first process.
    first: ViewIx,
    /// How far the view of the next process is: 0 if all have one, else 1.
    per_process: u32,
    first_process: ProcessId,
    /// How many there are, where each has a view of its own \[count\].
    processes: u32,
    /// The instance in slot 0.
    pub(crate) first_instance: u32,
    /// Whether each process asks anew when its view is old.
    pub(crate) ask_anew: bool,
}

impl Readers {
    /// Whether a process is one of these, with a view of its own.
    pub(crate) const fn reads(&self, process: ProcessId) -> bool {
        process.0 >= self.first_process.0 && process.0 - self.first_process.0 < self.processes
    }

    /// Where a process of the group looks.
    #[inline]
    pub(crate) const fn view_of(&self, process: ProcessId) -> ViewIx {
        ViewIx(self.first.0 + self.per_process * (process.0 - self.first_process.0))
    }
}

/// The views that there are: one of each service that all may read, then those of single processes.
#[derive(Clone, Debug)]
pub(crate) struct ViewPlan {
    /// By service: its groups of callers whose processes have views of their own.
    own: IdMap<ServiceId, Vec<OwnViews>>,
    /// How many services there are: their views come first \[count\].
    services: u32,
    /// All views \[count\].
    views: u32,
}

/// The views of the processes of one group.
#[derive(Clone, Copy, Debug)]
struct OwnViews {
    group: CallerGroup,
    first_process: ProcessId,
    processes: u32,
    first: ViewIx,
}

impl ViewPlan {
    pub(crate) fn new(spec: &ModelSpec) -> Self {
        let services = spec.services.len() as u32;
        let mut own: IdMap<ServiceId, Vec<OwnViews>> =
            spec.services.iter().map(|_| Vec::new()).collect();
        for pipeline in &spec.pipelines {
            let group = pipeline.callers;
            let of = &mut own[pipeline.target];
            let has_own = spec.services[pipeline.target].membership.own_views();
            if has_own && of.iter().all(|it| it.group != group) {
                let (first_process, processes) = spec.processes(group);
                of.push(OwnViews {
                    group,
                    first_process,
                    processes,
                    first: ViewIx(0),
                });
            }
        }
        let mut views = services;
        for of in own.iter_mut().flatten() {
            of.first = ViewIx(views);
            views += of.processes;
        }
        Self {
            own,
            services,
            views,
        }
    }

    /// Where a group of callers looks for instances of a service.
    pub(crate) fn readers(
        &self,
        spec: &ModelSpec,
        service: ServiceId,
        group: CallerGroup,
    ) -> Readers {
        let first_instance = spec.services[service].first_instance.0;
        let ask_anew = spec.services[service].membership.refresh.is_some();
        let own = self.own[service].iter().find(|it| it.group == group);
        own.map_or(
            Readers {
                first: ViewIx(service.0),
                per_process: 0,
                first_process: ProcessId(0),
                processes: 0,
                first_instance,
                ask_anew: false,
            },
            |own| Readers {
                first: own.first,
                per_process: 1,
                first_process: own.first_process,
                processes: own.processes,
                first_instance,
                ask_anew,
            },
        )
    }

    /// Where all callers of a service look who judge it as one.
    pub(crate) fn as_one(spec: &ModelSpec, service: ServiceId) -> Readers {
        Readers {
            first: Self::shared(service),
            per_process: 0,
            first_process: ProcessId(0),
            processes: 0,
            first_instance: spec.services[service].first_instance.0,
            ask_anew: false,
        }
    }

    /// Where those look who have no choice: nobody is there.
    pub(crate) const fn nobody(&self) -> Readers {
        Readers {
            first: ViewIx(self.views),
            per_process: 0,
            first_process: ProcessId(0),
            processes: 0,
            first_instance: 0,
            ask_anew: false,
        }
    }

    /// The view that all readers of a service share, if they do; else nobody chooses by it.
    pub(crate) const fn shared(service: ServiceId) -> ViewIx {
        ViewIx(service.0)
    }

    /// The own view that a caller process has of a service, if it has one.
    pub(crate) fn own_view(&self, service: ServiceId, process: ProcessId) -> Option<ViewIx> {
        let owns = |it: &&OwnViews| {
            process.0 >= it.first_process.0 && process.0 - it.first_process.0 < it.processes
        };
        let own = self.own[service].iter().find(owns)?;
        Some(ViewIx(own.first.0 + process.0 - own.first_process.0))
    }

    /// All views in which a shared mark of a service is to be heard.
    pub(crate) fn heard_by(&self, service: ServiceId) -> impl Iterator<Item = ViewIx> + use<> {
        let own = self.own[service].first().zip(self.own[service].last());
        let own: Range<u32> = own.map_or(0..0, |(first, last)| {
            first.first.0..last.first.0 + last.processes
        });
        std::iter::once(Self::shared(service)).chain(own.map(ViewIx))
    }

    /// The service and, if it is the view of one, the process to which a view belongs.
    pub(crate) fn reader(&self, view: ViewIx) -> (ServiceId, Option<ProcessId>) {
        if view.0 < self.services {
            return (ServiceId(view.0), None);
        }
        let all = self.own.iter_enumerated();
        let mut all = all.flat_map(|(service, own)| own.iter().map(move |it| (service, it)));
        let found = all.find(|(_, it)| view.0 - it.first.0 < it.processes);
        let Some((service, it)) = found else {
            unreachable!("a view is a service's or a process's")
        };
        let process = ProcessId(it.first_process.0 + view.0 - it.first.0);
        (service, Some(process))
    }

    /// The service of each view, in the order of the views.
    pub(crate) fn services(&self) -> impl Iterator<Item = ServiceId> + use<> {
        let mut all: Vec<ServiceId> = (0..self.services).map(ServiceId).collect();
        all.resize(self.views as usize, ServiceId(0));
        for (service, own) in self.own.iter_enumerated() {
            for it in own {
                let from = it.first.index();
                all[from..from + it.processes as usize].fill(service);
            }
        }
        all.into_iter()
    }
}
