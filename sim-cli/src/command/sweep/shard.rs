//! A share of a sweep: which cells it has, and playing them into a journal of its own.

use super::journal::{Begin, JournalFile};
use super::lock::Lock;
use super::play::{play, threads};
use super::prepare;
use crate::args::sweep::ShardArgs;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use sim_core::report::sweep::CellState;

/// One of so many shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    /// Its number, from 1.
    index: u32,
    /// How many there are.
    count: u32,
}

/// A variable in which an engine tells a job its number.
struct Index {
    engine: &'static str,
    name: &'static str,
    /// The number of the first job; for a variable, where the engine tells it.
    first: First,
    /// Where the engine tells how many there are, if it does.
    count: Option<&'static str>,
}

enum First {
    Is(u32),
    /// 0 if this variable says so, else 1.
    Told(&'static str),
}

/// Engines, and where they tell a job its number. Sources: sbatch(1) of Slurm, "Indexed Job" of the
/// Kubernetes documentation, parallel(1), qsub(1) of Grid Engine, bsub of LSF, qsub of PBS
/// Professional, "Array jobs" of AWS Batch.
const ENGINES: [Index; 7] = [
    Index {
        engine: "Slurm",
        name: "SLURM_ARRAY_TASK_ID",
        first: First::Told("SLURM_ARRAY_TASK_MIN"),
        count: Some("SLURM_ARRAY_TASK_COUNT"),
    },
    Index {
        engine: "Kubernetes",
        name: "JOB_COMPLETION_INDEX",
        first: First::Is(0),
        count: None,
    },
    Index {
        engine: "AWS Batch",
        name: "AWS_BATCH_JOB_ARRAY_INDEX",
        first: First::Is(0),
        count: Some("AWS_BATCH_JOB_ARRAY_SIZE"),
    },
    Index {
        engine: "Grid Engine",
        name: "SGE_TASK_ID",
        first: First::Is(1),
        count: Some("SGE_TASK_LAST"),
    },
    Index {
        engine: "LSF",
        name: "LSB_JOBINDEX",
        first: First::Is(1),
        count: Some("LSB_JOBINDEX_END"),
    },
    Index {
        engine: "PBS",
        name: "PBS_ARRAY_INDEX",
        first: First::Is(1),
        count: None,
    },
    // Last: whoever starts other engines' jobs by it has their variables as well.
    Index {
        engine: "GNU parallel",
        name: "PARALLEL_SEQ",
        first: First::Is(1),
        count: None,
    },
];

impl Shard {
    /// Reads `I/N`, `auto/N` or `auto`; `variable` reads the environment.
    fn parse(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let (index, count) = match text.split_once('/') {
            Some((index, count)) => (index, Some(count)),
            None if text == "auto" => (text, None),
            None => return Err(not_a_shard(text)),
        };
        let count = count
            .map(|count| count.parse().map_err(|_| not_a_shard(text)))
            .transpose()?;
        if index == "auto" {
            return Self::told(count, variable);
        }
        let index = index.parse().map_err(|_| not_a_shard(text))?;
        Self::checked(index, count.unwrap_or(0), text)
    }

    fn told(
        count: Option<u32>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let set = ENGINES
            .iter()
            .find_map(|engine| Some((engine, number(variable, engine.name)?)));
        let Some((engine, told)) = set else {
            let names: Vec<&str> = ENGINES.iter().map(|engine| engine.name).collect();
            return Err(
                Failure::input("no engine tells which share this is").hint(format!(
                    "none of {} is a number; write `--shard 1/8`",
                    names.join(", ")
                )),
            );
        };
        let first = match engine.first {
            First::Is(first) => first,
            First::Told(name) => u32::from(number(variable, name) != Some(0)),
        };
        let count = count.or_else(|| number(variable, engine.count?));
        let Some(count) = count else {
            let text = format!("{} does not tell how many shares there are", engine.engine);
            return Err(Failure::input(text).hint("write `--shard auto/8`"));
        };
        let index = (told + 1).saturating_sub(first);
        Self::checked(index, count, &format!("{}={told}", engine.name))
    }

    fn checked(index: u32, count: u32, text: &str) -> Result<Self, Failure> {
        if count == 0 || index == 0 || index > count {
            let message = format!("there is no share {index} of {count} (`{text}`)");
            return Err(Failure::input(message).hint("shares are numbered from 1: `1/8` to `8/8`"));
        }
        Ok(Self { index, count })
    }

    /// The places of its cells: every so-manieth, so that shares take about equally long.
    fn places(self, cells: usize) -> Vec<usize> {
        let first = self.index as usize - 1;
        (first..cells).step_by(self.count as usize).collect()
    }

    /// Name of its journal, without its ending.
    fn name(self) -> String {
        format!("shard-{:05}-of-{:05}", self.index, self.count)
    }
}

fn not_a_shard(text: &str) -> Failure {
    Failure::input(format!("`{text}` is not a share"))
        .hint("write `--shard 1/8`, or `auto` to read it from the engine")
}

fn number(variable: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<u32> {
    variable(name)?.trim().parse().ok()
}

/// Plays a share. It ends well when each of its cells is in its journal, be it as a failure: what
/// failed is told by whoever merges, and playing it again would not help.
pub(super) fn run(args: &ShardArgs, console: &Console) -> Result<Exit, Failure> {
    let variable = |name: &str| std::env::var_os(name)?.into_string().ok();
    let shard = Shard::parse(&args.shard, &variable)?;
    let prepared = prepare::from_plan(&args.plan, console)?;
    let places = shard.places(prepared.cells.len());
    let _lock = Lock::take(&args.output, &format!("{}.lock", shard.name()), console)?;
    let path = args.output.join(format!("{}.jsonl", shard.name()));
    let journal = JournalFile::open(&path, &prepared, Begin::GoOn, console)?;
    interrupt::watch()?;
    let played = play(
        &prepared,
        &places,
        Some(journal),
        threads(args.threads),
        console,
    )?;
    let (done, all) = (played.cells.len(), played.asked);
    let failed = played
        .cells
        .iter()
        .filter(|cell| cell.state != CellState::Finished)
        .count();
    played.kept?;
    let which = format!("share {} of {}", shard.index, shard.count);
    if played.is_interrupted {
        console.say(&format!(
            "interrupted: {done} of {all} cells of {which} are finished and kept; the same command \
             goes on\n"
        ));
        return Err(Failure::Said(Exit::Interrupted));
    }
    console.remark(&format!(
        "{which}: {all} cells are finished, {failed} of them did not end well\n"
    ));
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<(u32, u32), String> {
        let variable = |name: &str| {
            let found = environment.iter().find(|(key, _)| *key == name)?;
            Some(found.1.to_owned())
        };
        match Shard::parse(text, &variable) {
            Ok(shard) => Ok((shard.index, shard.count)),
            Err(Failure::Message { text, .. }) => Err(text),
            Err(Failure::Said(_)) => Err(String::new()),
        }
    }

    #[test]
    fn engines_tell_the_share() {
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", "3"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_COUNT", "8"),
        ];
        let from_zero = [
            ("SLURM_ARRAY_TASK_ID", "0"),
            ("SLURM_ARRAY_TASK_MIN", "0"),
            ("SLURM_ARRAY_TASK_COUNT", "4"),
        ];
        let again = [("SLURM_ARRAY_TASK_ID", "7"), ("SLURM_ARRAY_TASK_MIN", "7")];
        for (text, environment, expected) in [
            ("2/5", &[][..], (2, 5)),
            ("auto", &slurm, (3, 8)),
            ("auto", &from_zero, (1, 4)),
            ("auto/8", &again, (7, 8)),
            ("auto/3", &[("JOB_COMPLETION_INDEX", "0")], (1, 3)),
            ("auto/3", &[("PARALLEL_SEQ", "3")], (3, 3)),
            (
                "auto",
                &[
                    ("AWS_BATCH_JOB_ARRAY_INDEX", "1"),
                    ("AWS_BATCH_JOB_ARRAY_SIZE", "2"),
                ],
                (2, 2),
            ),
            (
                "auto",
                &[
                    ("SGE_TASK_ID", "undefined"),
                    ("LSB_JOBINDEX", "2"),
                    ("LSB_JOBINDEX_END", "9"),
                ],
                (2, 9),
            ),
        ] {
            assert_eq!(
                read(text, environment),
                Ok(expected),
                "{text} {environment:?}"
            );
        }
    }

    #[test]
    fn a_share_that_is_not_there_is_refused() {
        for (text, environment, reason) in [
            ("0/5", &[][..], "there is no share 0 of 5"),
            ("6/5", &[], "there is no share 6 of 5"),
            ("1/0", &[], "there is no share 1 of 0"),
            ("5", &[], "is not a share"),
            ("-1/5", &[], "is not a share"),
            ("a/b", &[], "is not a share"),
            ("auto", &[], "no engine tells"),
            (
                "auto",
                &[("JOB_COMPLETION_INDEX", "2")],
                "does not tell how many",
            ),
            (
                "auto/2",
                &[("JOB_COMPLETION_INDEX", "2")],
                "there is no share 3 of 2",
            ),
        ] {
            let wrong = read(text, environment).unwrap_err();
            assert!(wrong.contains(reason), "{text}: {wrong}");
        }
    }

    #[test]
    fn every_cell_is_in_one_share() {
        for (cells, count) in [(10, 3), (2, 5), (0, 2), (7, 7)] {
            let shares = (1..=count).map(|index| Shard { index, count }.places(cells));
            let mut all: Vec<usize> = shares.flatten().collect();
            all.sort_unstable();
            assert_eq!(all, (0..cells).collect::<Vec<_>>());
        }
    }
}
