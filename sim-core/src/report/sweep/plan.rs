//! What is asked of a sweep, complete in itself: one file says it to every machine that takes part.

use crate::ENGINE_SEMANTICS;
use crate::experiment::design::{Axis, BadDesign, Cell, Design, DesignKind};
use crate::experiment::sweep::Sweep;
use crate::experiment::{Figure, figures, measure_hint};
use crate::report::OverrideReport;
use crate::scenario::{Diagnostics, Draft, Loaded, Source};
use serde::{Deserialize, Serialize};

/// Raised whenever a field of [`SweepPlan`] changes its name or meaning.
const PLAN_VERSION: u32 = 1;

/// What is asked of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepPlan {
    /// `sweep-plan`: tells it from other files.
    pub kind: String,
    /// Version of this form.
    pub schema_version: u32,
    /// Version of the engine's meaning: only a program with the same one may play it.
    pub engine_semantics: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// Name of its file, without folders; empty if it had none.
    #[serde(default)]
    pub file: String,
    /// BLAKE3 of the normalised scenario, in hexadecimal.
    pub hash: String,
    /// The normalised scenario, settings of the command line included.
    pub text: String,
    /// Settings changed on the command line, in the order given.
    pub overrides: Vec<OverrideReport>,
    /// `PATH=VALUES` of each axis, the slowest first.
    pub vary: Vec<String>,
    /// `grid`, `random N` or `lhs N`.
    pub design: String,
    /// The seed, as decimal text in JSON.
    #[serde(with = "crate::report::number::text_u64")]
    pub seed: u64,
    /// Runs of each cell \[count\].
    pub replications: u32,
    /// Whether cells meet different random numbers.
    pub independent: bool,
    /// Names of the measures to look at first; empty for the usual ones.
    pub shown: Vec<String>,
    /// The cells by their parameters.
    pub cells: Vec<String>,
}

/// What a plan is made of, besides the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepRequest {
    /// From which all random numbers come.
    pub seed: u64,
    /// Runs of each cell \[count\].
    pub replications: u32,
    /// Whether cells meet different random numbers.
    pub independent: bool,
    /// Names of the measures to look at first; empty for the usual ones.
    pub shown: Vec<String>,
    /// Settings changed on the command line, in the order given.
    pub overrides: Vec<OverrideReport>,
    /// Name of the scenario's file, without folders; empty if it has none.
    pub file: String,
}

/// A plan that is ready to be played.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What is asked.
    pub plan: SweepPlan,
    /// The scenario before anything is varied, taken apart.
    pub draft: Draft,
    /// The same, compiled.
    pub base: Loaded,
    /// What is varied.
    pub design: Design,
    /// The cells, in order.
    pub cells: Vec<Cell>,
    /// What every cell is described by.
    pub figures: Vec<Figure>,
}

/// Why a plan cannot be played.
#[derive(Debug)]
pub enum BadPlan {
    /// It is none, or not for this program.
    Unusable(String),
    /// What it varies makes no sense.
    Design(BadDesign),
    /// Its scenario has mistakes.
    Scenario(Diagnostics),
}

impl From<BadDesign> for BadPlan {
    fn from(wrong: BadDesign) -> Self {
        Self::Design(wrong)
    }
}

impl Prepared {
    /// Prepares a design on a scenario. The number of its cells must be known to be bearable.
    pub fn new(
        draft: Draft,
        base: Loaded,
        design: Design,
        request: SweepRequest,
    ) -> Result<Self, BadDesign> {
        check_paths(&draft, &design)?;
        let figures = figures(&base.scenario);
        check_measures(&request.shown, &figures)?;
        let cells = design.cells(request.seed);
        let axes = design.axes().iter();
        let plan = SweepPlan {
            kind: "sweep-plan".to_owned(),
            schema_version: PLAN_VERSION,
            engine_semantics: ENGINE_SEMANTICS,
            scenario: base.scenario.name.clone(),
            file: request.file,
            hash: base.scenario.hash.clone(),
            text: base.normalised.clone(),
            overrides: request.overrides,
            vary: axes
                .map(|axis| format!("{}={}", axis.path, axis.text))
                .collect(),
            design: design.kind().to_string(),
            seed: request.seed,
            replications: request.replications,
            independent: request.independent,
            shown: request.shown,
            cells: cells.iter().map(|cell| design.name(cell)).collect(),
        };
        Ok(Self {
            plan,
            draft,
            base,
            design,
            cells,
            figures,
        })
    }

    /// Prepares a plan that was written before.
    pub fn from_plan(text: &str) -> Result<Self, BadPlan> {
        let plan: SweepPlan = serde_json::from_str(text).map_err(|error| {
            BadPlan::Unusable(format!("it is not the plan of a sweep: {error}"))
        })?;
        let known = plan.kind == "sweep-plan" && plan.schema_version == PLAN_VERSION;
        if !known || plan.engine_semantics != ENGINE_SEMANTICS {
            return Err(BadPlan::Unusable(format!(
                "it was written for version {} of the simulator's meaning, and this program has {}",
                plan.engine_semantics, ENGINE_SEMANTICS
            )));
        }
        let source = Source {
            name: plan.scenario.clone(),
            text: plan.text.clone(),
        };
        let no_files = |_: &str| Err("the scenario in a plan names no files".to_owned());
        let draft = Draft::read(&source, &[], &no_files).map_err(BadPlan::Scenario)?;
        let base = draft.with([]).map_err(BadPlan::Scenario)?;
        let axes = plan.vary.iter().map(|text| Axis::parse(text));
        let design = Design::new(
            axes.collect::<Result<_, _>>()?,
            DesignKind::parse(&plan.design)?,
        )?;
        let request = SweepRequest {
            seed: plan.seed,
            replications: plan.replications,
            independent: plan.independent,
            shown: plan.shown.clone(),
            overrides: plan.overrides.clone(),
            file: plan.file.clone(),
        };
        if design
            .size()
            .is_none_or(|size| size < plan.cells.len() as u128)
        {
            return Err(changed());
        }
        let prepared = Self::new(draft, base, design, request)?;
        if prepared.plan == plan {
            Ok(prepared)
        } else {
            Err(changed())
        }
    }

    /// What is to be played.
    pub fn sweep(&self) -> Sweep<'_> {
        Sweep {
            draft: &self.draft,
            design: &self.design,
            seed: self.plan.seed,
            replications: self.plan.replications,
            independent: self.plan.independent,
        }
    }
}

fn changed() -> BadPlan {
    BadPlan::Unusable("it was changed after it was written".to_owned())
}

/// Every path must lead somewhere, and no value may undo another one.
fn check_paths(draft: &Draft, design: &Design) -> Result<(), BadDesign> {
    let axes = design.axes();
    for axis in axes {
        draft.check_path(&axis.path).map_err(|wrong| BadDesign {
            message: format!("cannot vary `{}`: {}", axis.path, wrong.message),
            hint: wrong.hint,
        })?;
    }
    for (place, axis) in axes.iter().enumerate() {
        let by = axes[place + 1..]
            .iter()
            .find(|by| draft.is_hidden(&axis.path, &by.path));
        if let Some(by) = by {
            return Err(BadDesign {
                message: format!("varying `{}` undoes what `{}` varies", by.path, axis.path),
                hint: Some("they lead to one place: vary one of them".to_owned()),
            });
        }
    }
    Ok(())
}

fn check_measures(shown: &[String], figures: &[Figure]) -> Result<(), BadDesign> {
    let names = figures.iter().map(|figure| figure.name.as_str());
    for wanted in shown {
        if !names.clone().any(|name| name == wanted) {
            return Err(BadDesign {
                message: format!("there is no measure `{wanted}`"),
                hint: Some(measure_hint(wanted, names)),
            });
        }
    }
    Ok(())
}
