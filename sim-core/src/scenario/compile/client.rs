//! `clients`: who calls, and when.

use super::Compiler;
use super::policy_draft::PolicyName;
use crate::id::{ClientId, ProcessId};
use crate::model::spec::{Caller, ClientCall, ClientSpec, TrafficSpec, UsersSpec};
use crate::random::Dist;
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::file::client::{
    ArrivalsFile, BatchFile, BatchMap, ClientCallFile, ClientFile, DailyFile, ModulatedFile,
    PointFile, Ramp as RampFile, RateFile, RecordedFile, RenewalFile, Start, TenantFile, UsersFile,
};
use crate::scenario::read::{At, Named, NamedItem};
use crate::scenario::value::Count;
use crate::time::SimDuration;
use crate::traffic::{Arrivals, Batch, ModulatedState, Ramp, RatePoint, RateProfile, TrafficError};
use crate::units::{Factor, Probability};
use std::collections::BTreeMap;

/// Most changes of state that modulated arrivals may be expected to make in a run.
const MOST_CHANGES_OF_STATE: f64 = 1e8;

impl Compiler<'_> {
    pub(super) fn clients(&mut self) {
        let file = self.file;
        if file.clients.value.0.is_empty() {
            let message = "`clients` is empty, but without a client nothing happens";
            self.error("bad-value", file.clients.span, message);
        }
        for item in &file.clients.value.0 {
            let spec = self.client(item);
            self.spec.clients.push(spec);
            self.places.clients.push(item.span);
        }
    }

    fn client(&mut self, item: &NamedItem<ClientFile>) -> ClientSpec {
        let first_process = self.next_process();
        let Some(client) = &item.item else {
            return stand_in(&item.name, first_process);
        };
        let id = ClientId(self.spec.clients.len() as u32);
        let class = self.class(client.class.as_ref().map(|name| name.0.as_str()));
        ClientSpec {
            name: item.name.clone(),
            processes: client.processes.get(),
            zones: self.zone_list(client.zones.as_ref()),
            first_process,
            traffic: self.traffic(item, client),
            calls: self.client_calls(id, item, client),
            class: class.unwrap_or(0),
            tenants: self.tenants(client.tenant.as_ref()),
        }
    }

    /// The number of the process that comes next: clients first, then services.
    pub(super) fn next_process(&self) -> ProcessId {
        if let Some(last) = self.spec.services.iter().last() {
            return ProcessId(last.first_process.0.saturating_add(last.instances));
        }
        let last = self.spec.clients.iter().last();
        ProcessId(last.map_or(0, |c| c.first_process.0.saturating_add(c.processes)))
    }

    fn class(&mut self, name: Option<&str>) -> Option<u16> {
        name.map(|name| number_of(name, &mut self.spec.classes))
    }

    fn tenants(&mut self, tenant: Option<&TenantFile>) -> Vec<(u16, Probability)> {
        match tenant {
            None => vec![(0, Probability::ONE)],
            Some(TenantFile::One(name)) => {
                let number = number_of(&name.0, &mut self.spec.tenants);
                vec![(number, Probability::ONE)]
            }
            Some(TenantFile::Weighted(weights)) => self.weighted_tenants(weights),
        }
    }

    fn weighted_tenants(&mut self, weights: &At<Named<Factor>>) -> Vec<(u16, Probability)> {
        let items = || {
            weights
                .value
                .0
                .iter()
                .filter_map(|item| Some((item, item.item?)))
        };
        let shares = shares(items().map(|(_, weight)| weight));
        let Some(shares) = shares else {
            let message = format!("the weights of `{}` add up to nothing", weights.path);
            self.error("bad-value", weights.span, message);
            return vec![(0, Probability::ONE)];
        };
        let names = items().map(|(item, _)| number_of(&item.name, &mut self.spec.tenants));
        names.zip(shares).collect()
    }

    fn client_calls(
        &mut self,
        id: ClientId,
        item: &NamedItem<ClientFile>,
        client: &ClientFile,
    ) -> Vec<ClientCall> {
        let calls = &client.calls.0;
        let shares = shares(calls.iter().map(|call| call.value.weight));
        let shares = shares.unwrap_or_else(|| {
            let message = format!(
                "the weights of `clients.{}.calls` add up to nothing",
                item.name
            );
            self.error("bad-value", item.span, message);
            vec![Probability::ONE; calls.len()]
        });
        let mut numbers = BTreeMap::new();
        let mut compiled = Vec::new();
        for (call, share) in calls.iter().zip(shares) {
            compiled.extend(self.client_call(id, client, call, share, &mut numbers));
        }
        compiled
    }

    fn client_call(
        &mut self,
        id: ClientId,
        client: &ClientFile,
        call: &At<ClientCallFile>,
        share: Probability,
        numbers: &mut BTreeMap<String, u32>,
    ) -> Option<ClientCall> {
        let to = &call.value.to;
        let policy = call.value.policy.as_ref().or(client.policy.as_ref());
        let policy = self.policy_of(policy);
        let target = self.find_operation(to)?;
        let name = &self.file.clients.value.0[id.0 as usize].name;
        let number = numbers.entry(to.value.0.clone()).or_insert(0);
        *number += 1;
        let path = format!("client/{name}/calls/{}/{number}", to.value.0);
        let policy = policy.unwrap_or_else(PolicyName::none);
        Some(ClientCall {
            site: self.site(&path, Caller::Client(id), target, &policy, to.span),
            share,
            class: self.class(call.value.class.as_ref().map(|name| name.0.as_str())),
            tenant: call
                .value
                .tenant
                .as_ref()
                .map(|name| number_of(&name.0, &mut self.spec.tenants)),
        })
    }

    fn traffic(&mut self, item: &NamedItem<ClientFile>, client: &ClientFile) -> TrafficSpec {
        match (&client.arrivals, &client.users) {
            (Some(file), None) => match arrivals(&file.value) {
                Ok(arrivals) => {
                    self.check_changes_of_state(file);
                    TrafficSpec::Arrivals(arrivals)
                }
                Err(reason) => self.bad_traffic(file, &reason),
            },
            (None, Some(file)) => TrafficSpec::Users(users(file)),
            (None, None) => self.no_traffic(item.span, &item.name, "neither"),
            (Some(_), Some(_)) => self.no_traffic(item.span, &item.name, "both"),
        }
    }

    /// The path of the states is walked through change by change, whether calls arrive or not.
    fn check_changes_of_state(&mut self, at: &At<ArrivalsFile>) {
        let ArrivalsFile::MarkovModulated(file) = &at.value else {
            return;
        };
        let stays_ns = file.states.iter().map(|it| it.mean_duration.as_ns_f64());
        let mean_ns = stays_ns.sum::<f64>() / file.states.len() as f64;
        let changes = self.spec.duration.as_ns() as f64 / mean_ns;
        if changes > MOST_CHANGES_OF_STATE {
            let message = format!(
                "the states of `{}` change about {changes:.0} times in a run, but at most \
                 {MOST_CHANGES_OF_STATE} are played",
                at.path
            );
            let hint = "states that last so shortly are nearly one: give their mean rate";
            self.found
                .push(Diagnostic::error("too-large", at.span, message).hint(hint));
        }
    }

    fn bad_traffic(&mut self, file: &At<ArrivalsFile>, reason: &str) -> TrafficSpec {
        let message = format!("no such traffic in `{}`: {reason}", file.path);
        self.error("traffic", file.span, message);
        never()
    }

    fn no_traffic(&mut self, span: Span, name: &str, how_many: &str) -> TrafficSpec {
        let message = format!(
            "`clients.{name}` has {how_many} `arrivals` and `users`, but needs one of them"
        );
        self.error("missing-key", span, message);
        never()
    }
}

fn stand_in(name: &str, first_process: ProcessId) -> ClientSpec {
    ClientSpec {
        name: name.to_owned(),
        processes: 1,
        zones: Vec::new(),
        first_process,
        traffic: never(),
        calls: Vec::new(),
        class: 0,
        tenants: vec![(0, Probability::ONE)],
    }
}

/// Nobody calls: stands in where there is no traffic.
fn never() -> TrafficSpec {
    TrafficSpec::Users(UsersSpec {
        count: 0,
        think_time: Dist::from(SimDuration::ZERO),
        iterations: Some(0),
        think_first: true,
    })
}

/// The number of a label; a new one if it is new.
fn number_of(name: &str, labels: &mut Vec<String>) -> u16 {
    let known = labels.iter().position(|label| label == name);
    let index = known.unwrap_or_else(|| {
        labels.push(name.to_owned());
        labels.len() - 1
    });
    u16::try_from(index).unwrap_or(u16::MAX)
}

/// Weights as shares of their sum; `None` if that is nothing.
fn shares(weights: impl Iterator<Item = Factor> + Clone) -> Option<Vec<Probability>> {
    let total = weights.clone().fold(0.0, |sum, weight| sum + weight.get());
    if total <= 0.0 {
        return None;
    }
    weights
        .map(|weight| Probability::new((weight.get() / total).min(1.0)))
        .collect()
}

fn users(file: &UsersFile) -> UsersSpec {
    UsersSpec {
        count: file.count.get(),
        think_time: file.think_time.0.clone(),
        iterations: file.iterations.0.map(Count::get_u64),
        think_first: file.start == Start::Think,
    }
}

fn arrivals(file: &ArrivalsFile) -> Result<Arrivals, String> {
    let made = match file {
        ArrivalsFile::Poisson(it) => {
            renewal(it).map(|(profile, batch)| Arrivals::Poisson { profile, batch })
        }
        ArrivalsFile::Constant(it) => {
            renewal(it).map(|(profile, batch)| Arrivals::Constant { profile, batch })
        }
        ArrivalsFile::MarkovModulated(it) => modulated(it),
        ArrivalsFile::Recorded(it) => return recorded(it),
    };
    made.map_err(|error| error.to_string())
}

fn renewal(file: &RenewalFile) -> Result<(RateProfile, Batch), TrafficError> {
    let batch = match &file.batch {
        BatchFile::Fixed(size) => Batch::fixed(*size)?,
        BatchFile::Drawn(BatchMap::Geometric(it)) => Batch::geometric(it.mean.get())?,
    };
    Ok((profile(&file.rate)?, batch))
}

fn profile(file: &RateFile) -> Result<RateProfile, TrafficError> {
    match file {
        RateFile::Constant(rate) => Ok(RateProfile::constant(*rate)),
        RateFile::Points(points) => {
            let points: Vec<RatePoint> = points.iter().map(point).collect();
            RateProfile::points(&points)
        }
        RateFile::Daily(it) => daily(it),
    }
}

fn point(file: &PointFile) -> RatePoint {
    let ramp = match file.ramp {
        RampFile::None => Ramp::Step,
        RampFile::Linear => Ramp::Linear,
    };
    RatePoint {
        at: file.at,
        rate: file.rate,
        ramp,
    }
}

fn daily(file: &DailyFile) -> Result<RateProfile, TrafficError> {
    RateProfile::daily(file.low, file.high, file.peak_at, file.period)
}

fn modulated(file: &ModulatedFile) -> Result<Arrivals, TrafficError> {
    let states = file.states.iter().map(|state| ModulatedState {
        rate: state.rate,
        mean_duration: state.mean_duration,
    });
    Arrivals::markov_modulated(states.collect())
}

fn recorded(file: &RecordedFile) -> Result<Arrivals, String> {
    let times = match (&file.times, &file.file) {
        (Some(times), None) => times.clone(),
        // The file could not be read, which was reported.
        (None, Some(_)) => Vec::new(),
        _ => return Err("`recorded` needs either `times` or `file`".to_owned()),
    };
    Arrivals::recorded(times).map_err(|error| error.to_string())
}
