//! What the files of scenarios are called in commands.
//!
//! A report holds no path: its commands call the file of a scenario by the name of the scenario, so
//! that the same scenario gives the same report wherever it lies. Whoever shows a report knows better,
//! and puts in what the reader can run.

use super::limits::LimitsReport;
use super::sweep::SweepReport;
use super::tune::TuneReport;
use super::{ComparisonReport, ReplicationReport, Report, RunsReport};

/// A report that tells commands.
pub trait Commands: Clone {
    /// Its commands, each with the number of the first file that it names, from 0.
    fn commands(&mut self) -> Vec<(usize, &mut String)>;

    /// The same report, in which files are called so, in their order; as before where there is
    /// nothing better.
    #[must_use]
    fn calling(&self, files: &[Option<String>]) -> Self {
        let mut named = self.clone();
        for (first, command) in named.commands() {
            *command = calling(
                command,
                files.get(first..).unwrap_or_default(),
                files.last(),
            );
        }
        named
    }
}

/// A command with these files; `last` stands for all that there are too few of.
fn calling(command: &str, files: &[Option<String>], last: Option<&Option<String>>) -> String {
    let mut files = files.iter();
    let mut is_file = true;
    let words = command.split(' ').enumerate().map(|(place, word)| {
        // The program, its command, then files up to the first option.
        is_file &= place < 2 || !word.starts_with('-');
        if is_file && place >= 2 {
            files
                .next()
                .or(last)
                .and_then(Option::as_deref)
                .unwrap_or(word)
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

impl Commands for Report {
    fn commands(&mut self) -> Vec<(usize, &mut String)> {
        vec![(0, &mut self.reproduce.command)]
    }
}

impl Commands for ReplicationReport {
    fn commands(&mut self) -> Vec<(usize, &mut String)> {
        let notable = self.worst.iter_mut().chain(&mut self.median);
        let expected = self.expectations.iter_mut().map(|one| &mut one.command);
        std::iter::once(&mut self.reproduce.command)
            .chain(notable.map(|run| &mut run.command))
            .chain(expected)
            .filter(|command| !command.is_empty())
            .map(|command| (0, command))
            .chain(broken(&mut self.runs, 0))
            .collect()
    }
}

fn broken(runs: &mut RunsReport, first: usize) -> impl Iterator<Item = (usize, &mut String)> {
    runs.broken
        .iter_mut()
        .map(move |one| (first, &mut one.command))
}

impl Commands for ComparisonReport {
    fn commands(&mut self) -> Vec<(usize, &mut String)> {
        let mut all = vec![(0, &mut self.reproduce.command)];
        for (first, side) in [&mut self.a, &mut self.b].into_iter().enumerate() {
            all.push((first, &mut side.command));
            all.extend(broken(&mut side.runs, first));
        }
        all
    }
}

impl Commands for SweepReport {
    fn commands(&mut self) -> Vec<(usize, &mut String)> {
        vec![(0, &mut self.reproduce.command)]
    }
}

impl Commands for LimitsReport {
    fn commands(&mut self) -> Vec<(usize, &mut String)> {
        vec![(0, &mut self.reproduce.command)]
    }
}

impl Commands for TuneReport {
    fn commands(&mut self) -> Vec<(usize, &mut String)> {
        vec![(0, &mut self.reproduce.command)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_between_the_command_and_its_options() {
        let files = ["x/a.yaml", "'b c.yaml'"].map(|name| Some(name.to_owned()));
        for (command, of, called) in [
            (
                "squall run s.yaml --seed 1",
                0,
                "squall run x/a.yaml --seed 1",
            ),
            (
                "squall run s.yaml --seed 1",
                1,
                "squall run 'b c.yaml' --seed 1",
            ),
            (
                "squall run s.yaml --seed 1",
                2,
                "squall run 'b c.yaml' --seed 1",
            ),
            (
                "squall compare s.yaml s.yaml --set 'title=a s.yaml'",
                0,
                "squall compare x/a.yaml 'b c.yaml' --set 'title=a s.yaml'",
            ),
            ("squall sweep s.yaml", 0, "squall sweep x/a.yaml"),
        ] {
            let rest = files.get(of..).unwrap_or_default();
            assert_eq!(calling(command, rest, files.last()), called);
            assert_eq!(calling(command, &[], None), command);
            assert_eq!(calling(command, &[None], None), command);
        }
    }
}
