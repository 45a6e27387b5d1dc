//! Job files for engines that run many jobs well.
//!
//! Each starts the shares, tries those that failed again, and merges when all are there. A share
//! goes on where it ended, so trying again costs only what was not finished. Bad input (exit code 2)
//! is not tried again: it would not get better.

use super::prepare;
use crate::args::sweep::{EmitArgs, Engine};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::view::quoted;

/// Prints a job file.
pub(super) fn emit(args: &EmitArgs, console: &mut Console) -> Result<Exit, Failure> {
    let prepared = prepare::from_plan(&args.plan, console)?;
    let job = Job {
        name: label(&prepared.plan.scenario),
        plan: quoted(&args.plan.to_string_lossy()),
        folder: quoted(&args.output.to_string_lossy()),
        args,
    };
    let text = match args.engine {
        Engine::Slurm => job.slurm(),
        Engine::Kubernetes => job.kubernetes(),
        Engine::Parallel => job.parallel(),
    };
    console.data(&text)?;
    Ok(Exit::Ok)
}

/// What every job file needs.
struct Job<'a> {
    /// Name of the job: a label as DNS has it.
    name: String,
    /// The plan, as a shell needs it.
    plan: String,
    /// The folder, as a shell needs it.
    folder: String,
    args: &'a EmitArgs,
}

impl Job<'_> {
    fn parallel(&self) -> String {
        let Self { plan, folder, .. } = self;
        let EmitArgs {
            shards,
            cpus,
            retries,
            ..
        } = self.args;
        let tries = retries + 1;
        let percent = 100 / cpus;
        format!(
            "#!/bin/sh\n\
             # {shards} shares by GNU parallel, then the merge. Start it anew after a failure: shares\n\
             # go on where they ended. JOBS is how many run at once; SSH hosts are given by\n\
             # PARALLEL='--sshlogin host1,host2' if they share this folder.\n\
             set -eu\n\
             mkdir -p {folder}\n\
             seq {shards} | parallel --jobs \"${{JOBS:-{percent}%}}\" --retries {tries} --halt never \\\n  \
               --joblog {folder}/parallel.log \\\n  \
               {share}\n\
             exec squall sweep merge {plan} {folder} -o {folder}\n",
            share = quoted(&format!(
                "squall -q sweep run {plan} --shard {{}}/{shards} --threads {cpus} -o {folder}"
            )),
        )
    }

    fn slurm(&self) -> String {
        let Self {
            name, plan, folder, ..
        } = self;
        let EmitArgs {
            shards,
            cpus,
            memory,
            retries,
            ..
        } = self.args;
        format!(
            "#!/bin/sh\n\
             # Submits {shards} shares as a job array, and a merge that waits for all of them. Run it\n\
             # with `sh`; the folder must be one that all nodes see. After a failure run it again:\n\
             # shares go on where they ended.\n\
             set -eu\n\
             mkdir -p {folder}\n\
             array=$(sbatch --parsable --job-name={name} --array=1-{shards} --requeue \\\n  \
               --open-mode=append --cpus-per-task={cpus} --mem={memory}M \\\n  \
               --output={folder}/share-%a.log <<'JOB'\n\
             #!/bin/sh\n\
             try=0\n\
             until squall -q sweep run {plan} --shard auto/{shards} --threads {cpus} -o {folder}; do\n  \
               code=$?\n  \
               try=$((try + 1))\n  \
               if [ \"$code\" -eq 2 ] || [ \"$try\" -gt {retries} ]; then exit \"$code\"; fi\n\
             done\n\
             JOB\n\
             )\n\
             sbatch --parsable --job-name={name}-merge --dependency=afterok:\"$array\" \\\n  \
               --kill-on-invalid-dep=yes --mem={memory}M --output={folder}/merge.log <<'JOB'\n\
             #!/bin/sh\n\
             exec squall sweep merge {plan} {folder} -o {folder}\n\
             JOB\n"
        )
    }

    fn kubernetes(&self) -> String {
        let Self { name, .. } = self;
        let EmitArgs {
            shards, retries, ..
        } = self.args;
        let share = [
            "-q",
            "sweep",
            "run",
            &self.plan_word(),
            "--shard",
            &format!("auto/{shards}"),
        ]
        .map(str::to_owned)
        .into_iter()
        .chain(["--threads".to_owned(), self.args.cpus.to_string()])
        .chain(["-o".to_owned(), self.folder_word()]);
        let merge = [
            "sweep",
            "merge",
            &self.plan_word(),
            &self.folder_word(),
            "-o",
            &self.folder_word(),
        ]
        .map(str::to_owned);
        format!(
            "# {shards} shares as an indexed job, and a merge that waits for all of them:\n\
             #   kubectl apply -f FILE\n\
             #   kubectl wait --for=condition=complete --timeout=-1s job/{name}\n\
             #   kubectl patch job/{name}-merge -p '{{\"spec\":{{\"suspend\":false}}}}'\n\
             # The claim holds the plan and takes the journals, so it must be one that many nodes may\n\
             # write to. Paths are those inside it, mounted at /work.\n\
             apiVersion: batch/v1\n\
             kind: Job\n\
             metadata:\n  \
               name: {name}\n\
             spec:\n  \
               completionMode: Indexed\n  \
               completions: {shards}\n  \
               parallelism: {shards}\n  \
               backoffLimitPerIndex: {retries}\n  \
               maxFailedIndexes: {shards}\n  \
               podFailurePolicy:\n    \
                 rules:\n      \
                   - action: FailIndex\n        \
                     onExitCodes:\n          \
                       containerName: squall\n          \
                       operator: In\n          \
                       values: [2]\n      \
                   - action: Ignore\n        \
                     onPodConditions:\n          \
                       - type: DisruptionTarget\n            \
                         status: \"True\"\n\
             {share}\
             ---\n\
             apiVersion: batch/v1\n\
             kind: Job\n\
             metadata:\n  \
               name: {name}-merge\n\
             spec:\n  \
               suspend: true\n  \
               backoffLimit: {retries}\n\
             {merge}",
            share = self.pod(share),
            merge = self.pod(merge.into_iter()),
        )
    }

    /// The pod of a job that runs the program with these words.
    fn pod(&self, words: impl Iterator<Item = String>) -> String {
        let EmitArgs { cpus, memory, .. } = self.args;
        let words: Vec<String> = words.map(|word| text(&word)).collect();
        format!(
            "  template:\n    \
               spec:\n      \
                 restartPolicy: Never\n      \
                 containers:\n        \
                   - name: squall\n          \
                     image: {image}\n          \
                     command: [squall]\n          \
                     args: [{words}]\n          \
                     workingDir: /work\n          \
                     resources:\n            \
                       requests: {{ cpu: \"{cpus}\", memory: {memory}Mi }}\n            \
                       limits: {{ memory: {memory}Mi }}\n          \
                     volumeMounts:\n            \
                       - name: work\n              \
                         mountPath: /work\n      \
                 volumes:\n        \
                   - name: work\n          \
                     persistentVolumeClaim:\n            \
                       claimName: {claim}\n",
            image = text(&self.args.image),
            claim = text(&self.args.claim),
            words = words.join(", "),
        )
    }

    fn plan_word(&self) -> String {
        self.args.plan.to_string_lossy().into_owned()
    }

    fn folder_word(&self) -> String {
        self.args.output.to_string_lossy().into_owned()
    }
}

/// A text as YAML and JSON both read it.
fn text(word: &str) -> String {
    serde_json::Value::from(word).to_string()
}

/// `squall-NAME` in the letters that a DNS label may have, short enough for an ending.
fn label(scenario: &str) -> String {
    let letters = scenario.chars().map(|c| match c {
        c if c.is_ascii_alphanumeric() => c.to_ascii_lowercase(),
        _ => '-',
    });
    let label: String = "squall-".chars().chain(letters).take(50).collect();
    label.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_has_a_name_that_dns_allows() {
        assert_eq!(label("Payments_slowdown"), "squall-payments-slowdown");
        assert!(label(&"x-".repeat(60)).len() <= 50);
        assert!(!label(&"-".repeat(60)).ends_with('-'));
    }
}
