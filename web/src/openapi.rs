//! The OpenAPI document, made from the handlers, and the Swagger UI that shows it.
//!
//! `schema/openapi.json` is the same document for others; a test keeps it up to date.

mod examples;
mod responses;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use serde_json::Value;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::SwaggerUi;

use crate::routes;
use crate::services::Services;

/// Where the document is served.
pub const DOCUMENT_PATH: &str = "/swagger/openapi.json";

const INITIALIZER: &str = include_str!("openapi/initializer.js");

#[derive(OpenApi)]
#[openapi(
    info(
        title = "im-rs",
        description = "Every answer is `{code, message, data}`: code 0 for success, else the number of im.message.Code with an honest HTTP status. Ids are decimal strings, times are milliseconds since 1970.\n\nTo try the calls here: run `POST /api/v1/auth/login` (after `POST /api/v1/auth/register`) or `POST /api/v1/auth/guest`; its access token is used from then on.",
    ),
    tags(
        (name = "auth", description = "Accounts and tokens"),
        (name = "user", description = "Profiles and search"),
        (name = "friends", description = "Friends and requests"),
        (name = "conversations", description = "Conversations: list, settings, read positions"),
        (name = "messages", description = "History, changes of messages, receipts, search"),
        (name = "files", description = "Files: up, about, down, away"),
        (name = "groups", description = "Groups, their members, and joining them"),
        (name = "devices", description = "Where one is signed in"),
        (name = "push", description = "Pushes to browsers"),
        (name = "access", description = "Where to open a session"),
        (name = "admin", description = "For operators; everything is noted"),
    ),
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(
            Http::builder()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("JWT")
                .build(),
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", scheme);
    }
}

/// Names each operation by its method and path: handlers of two resources may have the same name, operations may not.
struct OperationIds;

impl Modify for OperationIds {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            let operations = [
                ("get", &mut item.get),
                ("put", &mut item.put),
                ("post", &mut item.post),
                ("patch", &mut item.patch),
                ("delete", &mut item.delete),
            ];
            for (method, operation) in operations {
                if let Some(operation) = operation {
                    let words = path.trim_start_matches("/api/v1/");
                    let words = words
                        .trim_start_matches(['/', '.'])
                        .replace(['/', '.', '-'], "_");
                    let words = words.replace(['{', '}'], "");
                    operation.operation_id = Some(format!("{method}_{words}"));
                }
            }
        }
    }
}

/// The document: that of each file of routes, and what holds for all of them.
#[must_use]
pub fn document() -> Value {
    let mut document = Document::openapi();
    for part in routes::documents() {
        document.merge(part);
    }
    Bearer.modify(&mut document);
    OperationIds.modify(&mut document);
    // The types of utoipa are always JSON; the layers below complete that.
    let mut document = serde_json::to_value(document).unwrap_or_default();
    responses::complete(&mut document);
    examples::add(&mut document);
    // One order, whatever features of serde_json the build has.
    document.sort_all_objects();
    document
}

/// Each operation with its path and method.
fn operations(document: &mut Value) -> impl Iterator<Item = (String, String, &mut Value)> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object_mut().into_iter().flatten();
        methods.map(move |(method, operation)| (path.clone(), method.clone(), operation))
    })
}

/// The document as text, as `im-web openapi` prints it and `schema/openapi.json` holds it.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn text() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&document()).map(|text| text + "\n")
}

/// Swagger UI at `/swagger/index.html`, from assets inside the program; it asks nobody else whether the document is valid. Whoever
/// signs in with it tries the calls in that name.
pub fn swagger_ui() -> Router<Services> {
    let ui = SwaggerUi::new("/swagger").external_url_unchecked(DOCUMENT_PATH, document());
    let script = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    Router::new()
        .route(
            "/swagger/swagger-initializer.js",
            get(async move || (script, INITIALIZER)),
        )
        .merge(Router::from(ui))
}
