//! The OpenAPI document, made from the handlers, and the Swagger UI that shows it.
//!
//! `schema/openapi.json` is the same document for others; a test keeps it up to date.

use axum::Router;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::routes;
use crate::services::Services;

/// Where the document is served.
pub const DOCUMENT_PATH: &str = "/swagger/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "im-rs",
        description = "Every answer is `{code, message, data}`: code 0 for success, else the number of im.message.Code with an honest HTTP status. Ids are decimal strings, times are milliseconds since 1970.",
    ),
    tags(
        (name = "auth", description = "Accounts and tokens"),
        (name = "user", description = "Profiles and search"),
        (name = "friends", description = "Friends and requests"),
        (name = "conversations", description = "Conversations: list, settings, read positions"),
        (name = "messages", description = "History, changes of messages, receipts, search"),
        (name = "groups", description = "Groups, their members, and joining them"),
        (name = "push", description = "Pushes to browsers"),
        (name = "devices", description = "Where one is signed in"),
        (name = "access", description = "Where to open a session"),
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
                    let words = path.trim_start_matches("/api/v1/").replace('/', "_");
                    let words = words.replace(['{', '}'], "");
                    operation.operation_id = Some(format!("{method}_{words}"));
                }
            }
        }
    }
}

/// The document: that of each file of routes, and what holds for all of them.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    for part in routes::documents() {
        document.merge(part);
    }
    Bearer.modify(&mut document);
    OperationIds.modify(&mut document);
    document
}

/// The document as text, as `im-web openapi` prints it and `schema/openapi.json` holds it.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn text() -> serde_json::Result<String> {
    document().to_pretty_json().map(|text| text + "\n")
}

/// Swagger UI at `/swagger/index.html`, from assets inside the program; it asks nobody else whether the document is valid.
pub fn swagger_ui() -> Router<Services> {
    let config = Config::default().validator_url("none");
    SwaggerUi::new("/swagger")
        .config(config)
        .url(DOCUMENT_PATH, document())
        .into()
}
