//! What every operation may answer besides what its handler says: what goes wrong around handlers, the headers, and an example of
//! each error.

use im_shared::wire::Code;
use serde_json::{Map, Value, json};

use super::operations;
use crate::routes;

/// What the layers answer: status, when, codes.
struct Common {
    status: &'static str,
    when: When,
    codes: &'static [Code],
}

/// Of which operations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    Api,
    Signed,
    Body,
    Input,
}

const COMMON: [Common; 9] = [
    Common {
        status: "400",
        when: When::Input,
        codes: &[Code::InvalidArgument],
    },
    Common {
        status: "401",
        when: When::Signed,
        codes: &[
            Code::Unauthenticated,
            Code::TokenInvalid,
            Code::TokenExpired,
            Code::TokenRevoked,
        ],
    },
    Common {
        status: "403",
        when: When::Signed,
        codes: &[Code::UserDisabled],
    },
    Common {
        status: "408",
        when: When::Body,
        codes: &[Code::DeadlineExceeded],
    },
    Common {
        status: "413",
        when: When::Body,
        codes: &[Code::FrameTooLarge],
    },
    Common {
        status: "429",
        when: When::Api,
        codes: &[Code::RateLimited],
    },
    Common {
        status: "500",
        when: When::Always,
        codes: &[Code::Internal],
    },
    Common {
        status: "503",
        when: When::Always,
        codes: &[Code::RetryLater, Code::Unavailable],
    },
    Common {
        status: "504",
        when: When::Always,
        codes: &[Code::DeadlineExceeded],
    },
];

/// The headers of answers: name, what they say, schema.
fn headers() -> [(&'static str, &'static str, Value); 7] {
    let count = json!({"type": "integer", "minimum": 0});
    [
        (
            "X-Request-Id",
            "The request in our logs: yours if you sent one that is 1 to 64 of `[A-Za-z0-9._-]`, else a new one.",
            json!({"type": "string", "minLength": 1, "maxLength": 64}),
        ),
        (
            "Retry-After",
            "After so many seconds the same request may pass.",
            json!({"type": "integer", "minimum": 1}),
        ),
        (
            "RateLimit-Limit",
            "Requests that the tightest rule allows at once.",
            count.clone(),
        ),
        (
            "RateLimit-Remaining",
            "How many are left of them.",
            count.clone(),
        ),
        (
            "RateLimit-Reset",
            "In so many seconds all are there again.",
            count,
        ),
        (
            "ETag",
            "The tag of this answer, for `If-None-Match`.",
            json!({"type": "string"}),
        ),
        ("WWW-Authenticate", "`Bearer`", json!({"type": "string"})),
    ]
}

/// Completes every operation.
pub(super) fn complete(document: &mut Value) {
    let polled: Vec<(String, &str)> = routes::all()
        .iter()
        .filter(|route| route.polled)
        .map(|route| (route.method.as_str().to_lowercase(), route.path))
        .collect();
    for (path, method, operation) in operations(document) {
        let is_polled = polled.iter().any(|(m, p)| *m == method && *p == path);
        common(&path, operation);
        if is_polled {
            tagged(operation);
        }
        finish(&path, is_polled, operation);
    }
    components(document);
}

fn common(path: &str, operation: &mut Value) {
    let has_body = operation.get("requestBody").is_some();
    let has_input = has_body || operation.get("parameters").is_some();
    let is_signed = operation.get("security").is_some();
    for common in &COMMON {
        let applies = match common.when {
            When::Always => true,
            When::Api => path.starts_with("/api/"),
            When::Signed => is_signed,
            When::Body => has_body,
            When::Input => has_input,
        };
        if !applies {
            continue;
        }
        let response = &mut operation["responses"][common.status];
        if path.starts_with("/api/") && says_no_more(response, common) {
            *response = json!({"$ref": format!("#/components/responses/{}", common.status)});
            continue;
        }
        let said = response["description"].as_str().unwrap_or_default();
        let known = codes_in(said);
        let mut words: Vec<&str> = Some(said)
            .filter(|said| !said.is_empty())
            .into_iter()
            .collect();
        let missing = common.codes.iter().filter(|code| !known.contains(code));
        words.extend(missing.map(|code| code.name()));
        *response = failure(&words.join(", "));
    }
}

/// Whether a handler says nothing of this status but what all say.
fn says_no_more(response: &Value, common: &Common) -> bool {
    let said = response["description"].as_str().unwrap_or_default();
    let mut words = said.split(", ").filter(|word| !word.is_empty());
    words.all(|word| common.codes.iter().any(|code| code.name() == word))
}

/// A response with the envelope of a failure.
fn failure(description: &str) -> Value {
    json!({
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}},
    })
}

/// Who has the answer already is told so.
fn tagged(operation: &mut Value) {
    operation["responses"]["304"] =
        json!({"description": "As `If-None-Match` says; without a body"});
    let header = json!({
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of the answer that the caller has",
        "required": false,
        "schema": {"type": "string"},
    });
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(header),
        None => operation["parameters"] = json!([header]),
    }
}

/// Headers for every response, and examples for those that are failures.
fn finish(path: &str, is_polled: bool, operation: &mut Value) {
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for (status, response) in responses {
        if response.get("$ref").is_none() {
            complete_response(path, is_polled, status, response);
        }
    }
}

fn complete_response(path: &str, is_polled: bool, status: &str, response: &mut Value) {
    let mut told = vec!["X-Request-Id"];
    if path.starts_with("/api/") {
        told.extend(["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]);
    }
    match status {
        "200" | "304" if is_polled => told.push("ETag"),
        "401" => told.push("WWW-Authenticate"),
        "429" | "503" => told.push("Retry-After"),
        _ => {}
    }
    let mut headers = response["headers"].take();
    for name in told {
        headers[name] = json!({"$ref": format!("#/components/headers/{name}")});
    }
    response["headers"] = headers;
    if response["description"].is_null() {
        response["description"] = "Done".into();
    }
    let codes = codes_in(response["description"].as_str().unwrap_or_default());
    let Some(content) = response.pointer_mut("/content/application~1json") else {
        return;
    };
    if content["schema"]["$ref"] == "#/components/schemas/Failure" {
        let example = |code: &Code| {
            let at = format!("#/components/examples/{}", code.name());
            (code.name().to_owned(), json!({"$ref": at}))
        };
        content["examples"] = Value::Object(codes.iter().map(example).collect());
    }
}

/// The codes that a description names.
fn codes_in(description: &str) -> Vec<Code> {
    let words = description.split(|c: char| !c.is_ascii_alphanumeric());
    let code = |word: &str| {
        let all = Code::ENUM_VALUES.iter();
        all.copied()
            .find(|code| *code != Code::Ok && code.name() == word)
    };
    words.filter_map(code).collect()
}

fn components(document: &mut Value) {
    let mut told = Map::new();
    for (name, description, schema) in headers() {
        let header = json!({"description": description, "schema": schema});
        told.insert(name.to_owned(), header);
    }
    document["components"]["headers"] = Value::Object(told);
    let responses = COMMON.iter().map(|common| {
        let codes: Vec<&str> = common.codes.iter().map(|code| code.name()).collect();
        let mut response = failure(&codes.join(", "));
        complete_response("/api/", false, common.status, &mut response);
        (common.status.to_owned(), response)
    });
    document["components"]["responses"] = Value::Object(responses.collect());
    let failures = Code::ENUM_VALUES.iter().filter(|code| **code != Code::Ok);
    let example = |code: &Code| {
        let (message, data) = match *code {
            Code::InvalidArgument => fault(
                "nickname must not be empty",
                "nickname",
                "must not be empty",
            ),
            Code::UsernameInvalid => fault(
                code.text(),
                "username",
                "is 3 to 32 of a-z, 0-9, _, . and -",
            ),
            Code::PasswordInvalid => fault(code.text(), "password", "is 8 to 71 bytes without NUL"),
            code => (code.text(), Value::Null),
        };
        let value = json!({"code": code.0, "message": message, "data": data});
        let example = json!({"summary": code.text(), "value": value});
        (code.name().to_owned(), example)
    };
    document["components"]["examples"] = Value::Object(failures.map(example).collect());
}

fn fault(message: &'static str, field: &str, rule: &str) -> (&'static str, Value) {
    (message, json!({"field": field, "rule": rule}))
}
