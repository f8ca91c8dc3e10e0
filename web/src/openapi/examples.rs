//! An example of every body that is asked for and of every success, made from the schemas: from the example of a field where it has
//! one, else from its name and type.

use serde_json::{Map, Value, json};

use super::operations;

/// Schemas that hold themselves are cut here.
const DEEPEST: usize = 12;

/// What fields of these names hold, where their schema has no example.
fn by_name(name: &str) -> Option<Value> {
    Some(match name {
        "accessToken" => {
            json!("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxMjM0NTY3ODkwMTIzNDU2NzgifQ.c2lnbmF0dXJl")
        }
        "refreshToken" => json!("pXvV3rGlm0dYyLqNsJt2Ck5Wz8aRbE4fUoHi6Kj1xQM"),
        "username" => json!("ada"),
        "password" | "oldPassword" | "newPassword" | "currentPassword" => {
            json!("correct horse battery")
        }
        "nickname" | "name" => json!("Ada"),
        "email" => json!("ada@example.org"),
        "phone" => json!("+49 30 1234567"),
        "deviceId" | "device" => json!("phone-1"),
        "avatar" => json!("/avatars/ada.png"),
        "code" => json!(0),
        "limit" => json!(20),
        _ if name == "id" || name.ends_with("Id") || name.ends_with("Ids") => {
            json!("123456789012345678")
        }
        _ if name.ends_with("At") || name.ends_with("Until") => json!(1_767_225_600_000_i64),
        _ => return None,
    })
}

/// Gives every JSON body and every JSON success an example.
pub(super) fn add(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let sample = |content: &mut Value| {
        let Some(content) = content.get_mut("application/json") else {
            return;
        };
        if content.get("example").is_some() || content.get("examples").is_some() {
            return;
        }
        content["example"] = of(&content["schema"], "", &schemas, 0);
    };
    for (_, _, operation) in operations(document) {
        if let Some(content) = operation.pointer_mut("/requestBody/content") {
            sample(content);
        }
        let Some(responses) = operation["responses"].as_object_mut() else {
            continue;
        };
        for response in responses.values_mut() {
            if let Some(content) = response.get_mut("content") {
                sample(content);
            }
        }
    }
}

/// An example of what fits `schema`, for a field called `name`.
fn of(schema: &Value, name: &str, schemas: &Value, depth: usize) -> Value {
    if !schema["example"].is_null() {
        return schema["example"].clone();
    }
    if depth > DEEPEST {
        return Value::Null;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = reference.rsplit('/').next().unwrap_or_default();
        return of(&schemas[target], name, schemas, depth + 1);
    }
    for choice in ["oneOf", "anyOf"] {
        let mut options = schema[choice].as_array().into_iter().flatten();
        if let Some(option) = options.find(|option| option["type"] != "null") {
            return of(option, name, schemas, depth + 1);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| of(part, name, schemas, depth + 1));
        let parts = parts.filter_map(|part| part.as_object().cloned());
        return Value::Object(parts.flatten().collect());
    }
    if let Some(value) = schema["enum"].get(0) {
        return value.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| **kind != "null"),
        kind => Some(kind),
    };
    match kind.and_then(Value::as_str) {
        Some("object") => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            let example = |(name, field): (&String, &Value)| {
                (name.clone(), of(field, name, schemas, depth + 1))
            };
            Value::Object(fields.map(example).collect::<Map<_, _>>())
        }
        Some("array") => json!([of(&schema["items"], name, schemas, depth + 1)]),
        Some("boolean") => json!(true),
        Some("integer" | "number") => by_name(name).filter(Value::is_number).unwrap_or(json!(1)),
        _ => by_name(name)
            .filter(Value::is_string)
            .unwrap_or(json!("text")),
    }
}
