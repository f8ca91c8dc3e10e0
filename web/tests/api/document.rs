//! The OpenAPI document as a judge: every answer that a test sees has a documented status, and a body that fits the schema.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use im_web::openapi;
use jsonschema::Validator;
use serde_json::{Value, json};

/// The document, with objects that may hold nothing but what it names.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = openapi::document();
    close(&mut document["components"]["schemas"]);
    document
});

/// Made when first needed: a schema's text, and what checks it.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Fails unless the document says that `method` of `path` may answer `status` with `body`. None stands for an empty one.
pub(crate) fn check(method: &str, path: &str, status: u16, body: Option<&Value>) {
    let Some(item) = item(path) else {
        assert_eq!(status, 404, "{method} {path} is no path of the document");
        return;
    };
    let operation = &item[method.to_lowercase()];
    if operation.is_null() {
        assert_eq!(status, 405, "{method} {path} is not in the document");
        return;
    }
    let response = resolved(&operation["responses"][status.to_string()]);
    assert!(
        !response.is_null(),
        "{method} {path}: {status} is not documented: {body:?}"
    );
    let schema = &response["content"]["application/json"]["schema"];
    match body {
        Some(body) => {
            let faults = faults(schema, body);
            assert!(
                faults.is_empty(),
                "{method} {path}: {status}: {faults:?}: {body}"
            );
        }
        None => assert!(schema.is_null(), "{method} {path}: {status} has no body"),
    }
}

/// Where `value` does not fit `schema`, which may refer to the document.
pub(crate) fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let validator = {
        let mut validators = VALIDATORS.lock().unwrap();
        let made = validators.entry(schema.to_string()).or_insert_with(|| {
            let mut whole = schema.clone();
            whole["components"] = json!({"schemas": DOCUMENT["components"]["schemas"]});
            Arc::new(jsonschema::draft202012::new(&whole).expect("a schema of the document"))
        });
        Arc::clone(made)
    };
    let errors = validator.iter_errors(value);
    errors
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect()
}

/// What the document has instead of a reference.
pub(crate) fn resolved(value: &Value) -> &Value {
    match value["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// The path of the document that the router would take: the one with most words of its own.
fn item(path: &str) -> Option<&'static Value> {
    let asked: Vec<&str> = path.split('/').collect();
    let fits = |template: &&String| {
        let words: Vec<&str> = template.split('/').collect();
        words.len() == asked.len()
            && words
                .iter()
                .zip(&asked)
                .all(|(word, asked)| word.starts_with('{') || word == asked)
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let template = paths
        .keys()
        .filter(fits)
        .min_by_key(|template| template.matches('{').count())?;
    Some(&paths[template])
}

/// Objects with named fields have no others.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                map.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(all) => all.iter_mut().for_each(close),
        _ => {}
    }
}
