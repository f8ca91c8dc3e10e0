//! The OpenAPI document, made from the handlers, and the Swagger UI that shows it.
//!
//! `schema/openapi.json` is the same document for others; a test keeps it up to date.

use axum::Router;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::routes::{access, auth, conversations, friends, guest, messages, requests, user};
use crate::services::Services;

/// Where the document is served.
pub const DOCUMENT_PATH: &str = "/swagger/openapi.json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "im-rs",
        description = "Every answer is `{code, message, data}`: code 0 for success, else the number of im.message.Code with an honest HTTP status. Ids are decimal strings, times are milliseconds since 1970.",
    ),
    paths(
        auth::register, auth::login, auth::refresh, auth::logout, guest::guest, guest::upgrade,
        user::own_profile, user::update_profile, user::search, user::profile,
        requests::request, requests::list, requests::accept, requests::reject,
        friends::list, friends::delete, friends::set_remark,
        conversations::list, conversations::open, conversations::one, messages::history,
        access::endpoints,
    ),
    modifiers(&Bearer),
    tags(
        (name = "auth", description = "Accounts and tokens"),
        (name = "user", description = "Profiles and search"),
        (name = "friends", description = "Friends and requests"),
        (name = "conversations", description = "Conversations and their history"),
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

/// The document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
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
