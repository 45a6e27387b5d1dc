//! The manifest of Kubernetes is held against the published schema of batch/v1.

use super::folder;
use serde_json::{Map, Value};

/// The part of the schema that the manifests use; in it, any other field is refused.
const SCHEMA: &str = include_str!("batch-v1-job.json");

/// Where a value is not what a schema wants, if it is not.
fn wrong(schema: &Value, value: &Value, at: &str) -> Option<String> {
    let choices = |key: &str| schema[key].as_array();
    if let Some(any) = choices("oneOf").or_else(|| choices("anyOf"))
        && any.iter().all(|one| wrong(one, value, at).is_some())
    {
        return Some(format!("{at}: {value} fits none of the choices"));
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect::<Vec<_>>(),
    };
    if !kinds.is_empty() && !kinds.contains(&kind(value)) {
        return Some(format!("{at}: {value} is not {kinds:?}"));
    }
    if choices("enum").is_some_and(|all| !all.contains(value)) {
        return Some(format!("{at}: {value} is not allowed"));
    }
    match value {
        Value::Object(fields) => wrong_fields(schema, fields, at),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| wrong(&schema["items"], item, &format!("{at}[{index}]")))
        }
        _ => None,
    }
}

fn wrong_fields(schema: &Value, fields: &Map<String, Value>, at: &str) -> Option<String> {
    let required = schema["required"].as_array().into_iter().flatten();
    let mut missing = required
        .filter_map(Value::as_str)
        .filter(|key| !fields.contains_key(*key));
    if let Some(key) = missing.next() {
        return Some(format!("{at}: `{key}` is missing"));
    }
    fields.iter().find_map(|(key, value)| {
        let at = format!("{at}.{key}");
        match (&schema["properties"][key], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => Some(format!("{at}: there is no such field")),
            (Value::Null, Value::Object(_)) => wrong(&schema["additionalProperties"], value, &at),
            (field, _) => wrong(field, value, &at),
        }
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The manifests of the sweep as data.
fn jobs(more: &[&str]) -> Vec<Value> {
    let scratch = folder(&format!("sweep-kubernetes-{}", more.len()));
    let plan = [
        "sweep",
        "plan",
        "shop.yaml",
        "--vary",
        "services.shop.threads=1,2,3",
        "-o",
        "plan.json",
    ];
    scratch.run(&plan).with(0);
    let args = ["sweep", "emit", "kubernetes", "plan.json", "--shards", "3"];
    let text = scratch.run(&[&args[..], more].concat()).with(0).out;
    let one = |job: &str| serde_saphyr::from_str(job).unwrap();
    text.split("---\n").map(one).collect()
}

/// The only container of a job's pod.
fn container(job: &Value) -> &Value {
    &job["spec"]["template"]["spec"]["containers"][0]
}

#[test]
fn the_manifest_fits_the_schema_of_batch_v1() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let more = [
        "--image",
        "registry.example/a:1",
        "--claim",
        "it's",
        "--retries",
        "0",
        "--cpus",
        "4",
    ];
    for jobs in [jobs(&[]), jobs(&more)] {
        assert_eq!(jobs.len(), 2);
        for job in &jobs {
            assert_eq!(wrong(&schema, job, "job"), None);
        }
        let spec = &jobs[0]["spec"];
        assert_eq!(spec["completionMode"], "Indexed");
        assert_eq!(
            (&spec["completions"], &spec["parallelism"]),
            (&Value::from(3), &Value::from(3))
        );
        assert_eq!(container(&jobs[0])["args"][5], "auto/3");
        assert_eq!(jobs[1]["spec"]["suspend"], true);
        assert_eq!(container(&jobs[1])["args"][1], "merge");
        // What the schema does not know, or wants otherwise, would be seen.
        let mut other = jobs[0].clone();
        other["spec"]["completion"] = Value::from(3);
        let said = wrong(&schema, &other, "job").unwrap();
        assert_eq!(said, "job.spec.completion: there is no such field");
        let mut other = jobs[0].clone();
        other["spec"]["completions"] = Value::from("3");
        assert!(
            wrong(&schema, &other, "job")
                .unwrap()
                .starts_with("job.spec.completions: ")
        );
        let mut other = jobs[1].clone();
        other["spec"].as_object_mut().unwrap().remove("template");
        assert_eq!(
            wrong(&schema, &other, "job").unwrap(),
            "job.spec: `template` is missing"
        );
    }
}
