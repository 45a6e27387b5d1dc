//! The JSON Schema of a scenario (draft 7), for completion in editors.
//!
//! It is printed from the same descriptions that the reader uses, so it knows every key, its
//! meaning, its unit and its default.

use super::file::ScenarioFile;
use super::read::FileType;
use super::shape::{ArmShape, FieldShape, MapShape, OneOfShape, Presence, ScalarJson, Shape};
use serde_json::{Map, Value, json};

/// The schema of a scenario file.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    let root = schema_of(&ScenarioFile::shape(), &mut definitions);
    let mut schema = Map::new();
    schema.insert(
        "$schema".into(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    schema.insert("title".into(), json!("Squall scenario"));
    schema.insert("allOf".into(), json!([root]));
    schema.insert("definitions".into(), Value::Object(definitions));
    Value::Object(schema)
}

fn schema_of(shape: &Shape, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Scalar { json, what, .. } => {
            let mut schema = scalar(json);
            schema["description"] = json!(what);
            schema
        }
        Shape::Map(map) => reference(map.name, definitions, |definitions| {
            map_schema(map, definitions)
        }),
        Shape::OneOf(one_of) => reference(one_of.name, definitions, |definitions| {
            one_of_schema(one_of, definitions)
        }),
        Shape::List(of) => json!({ "type": "array", "items": schema_of(&of(), definitions) }),
        Shape::Named(of) => json!({
            "type": "object",
            "propertyNames": { "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$" },
            "additionalProperties": schema_of(&of(), definitions),
        }),
        Shape::Numbered(of) => json!({
            "type": "object",
            "propertyNames": { "pattern": "^[1-9][0-9]{0,6}$" },
            "additionalProperties": schema_of(&of(), definitions),
        }),
        Shape::Either(alternatives) => {
            let all: Vec<Value> = alternatives
                .iter()
                .map(|of| schema_of(&of(), definitions))
                .collect();
            json!({ "anyOf": all })
        }
        Shape::Any => json!({}),
    }
}

fn scalar(json: &ScalarJson) -> Value {
    match json {
        ScalarJson::Text("") => json!({ "type": ["string", "number"] }),
        ScalarJson::Text(pattern) => json!({ "type": "string", "pattern": pattern }),
        ScalarJson::Number => json!({ "type": "number", "minimum": 0 }),
        ScalarJson::Integer(low, high) => {
            json!({ "type": "integer", "minimum": low, "maximum": high })
        }
        ScalarJson::Bool => json!({ "type": "boolean" }),
        ScalarJson::Words(words) => json!({ "enum": words }),
        ScalarJson::Choices(choices) => {
            let each = choices.iter();
            let all: Vec<Value> = each
                .map(|(word, doc)| json!({ "const": word, "description": doc.trim() }))
                .collect();
            json!({ "oneOf": all })
        }
    }
}

/// Types with a name are defined once and referred to; that also ends the recursion of steps.
fn reference(
    name: &str,
    definitions: &mut Map<String, Value>,
    define: impl FnOnce(&mut Map<String, Value>) -> Value,
) -> Value {
    let name = name.strip_suffix("File").unwrap_or(name);
    if !definitions.contains_key(name) {
        definitions.insert(name.to_owned(), Value::Null);
        let definition = define(definitions);
        definitions.insert(name.to_owned(), definition);
    }
    json!({ "$ref": format!("#/definitions/{name}") })
}

fn map_schema(map: &MapShape, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for field in &map.fields {
        properties.insert(field.key.to_owned(), field_schema(field, definitions));
    }
    let required: Vec<&str> = map
        .fields
        .iter()
        .filter(|field| field.presence == Presence::Required)
        .map(|field| field.key)
        .collect();
    let mut long = json!({
        "type": "object",
        "description": map.doc,
        "properties": properties,
        "additionalProperties": false,
    });
    match required.is_empty() {
        true => {}
        false if map.can_be_like() => {
            long["anyOf"] = json!([{ "required": required }, { "required": ["like"] }]);
        }
        false => long["required"] = json!(required),
    }
    let short = map.short.and_then(|key| Shape::Map(map.clone()).under(key));
    match short {
        None => long,
        Some(short) => json!({ "anyOf": [long, schema_of(&short, definitions)] }),
    }
}

fn field_schema(field: &FieldShape, definitions: &mut Map<String, Value>) -> Value {
    let value = schema_of(&(field.of)(), definitions);
    let mut described = Map::new();
    described.insert("description".into(), json!(field.doc));
    if let Presence::Default(text) | Presence::Implied(text) = field.presence {
        described.insert("default".into(), default_value(text));
    }
    described.insert("allOf".into(), json!([value]));
    Value::Object(described)
}

fn default_value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

fn one_of_schema(one_of: &OneOfShape, definitions: &mut Map<String, Value>) -> Value {
    let arms: Vec<Value> = one_of
        .arms
        .iter()
        .map(|arm| arm_schema(arm, definitions))
        .collect();
    json!({ "description": one_of.doc, "oneOf": arms })
}

fn arm_schema(arm: &ArmShape, definitions: &mut Map<String, Value>) -> Value {
    let Some(of) = arm.of else {
        return json!({ "const": arm.key, "description": arm.doc });
    };
    let value = schema_of(&of(), definitions);
    json!({
        "type": "object",
        "description": arm.doc,
        "properties": { arm.key: value },
        "required": [arm.key],
        "additionalProperties": false,
    })
}
