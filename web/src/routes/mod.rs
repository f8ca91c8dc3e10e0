//! The routes, one file per resource. `all` is the one list of them: the router is made from it, and a test compares it with
//! the OpenAPI document.

pub mod access;
pub mod admin;
pub mod blocks;
pub mod changes;
pub mod conversations;
pub mod friends;
pub mod groups;
pub mod guest;
pub mod joins;
pub mod login;
pub mod logout;
pub mod members;
pub mod messages;
pub mod presence;
pub mod push;
pub mod refresh;
pub mod passwords;
pub mod register;
pub mod requests;
pub mod search;
pub mod settings;
pub mod user;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use tower_http::catch_panic::CatchPanicLayer;

use crate::error::{self, ApiError};
use crate::services::Services;
use crate::{observe, openapi, static_files};

/// The largest request body, in bytes.
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate as _};
use utoipa::OpenApi;
const BODY_LIMIT: usize = 64 * 1024;

/// One route of the API.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path template, the same in axum and in OpenAPI.
    pub path: &'static str,
    handler: MethodRouter<Services>,
}

impl Route {
    fn new<H: Handler<T, Services>, T: 'static>(
        filter: MethodFilter,
        method: Method,
        path: &'static str,
        handler: H,
    ) -> Self {
        Self {
            method,
            path,
            handler: on(filter, handler),
        }
    }

    fn get<H: Handler<T, Services>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self::new(MethodFilter::GET, Method::GET, path, handler)
    }

    fn post<H: Handler<T, Services>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self::new(MethodFilter::POST, Method::POST, path, handler)
    }

    fn put<H: Handler<T, Services>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self::new(MethodFilter::PUT, Method::PUT, path, handler)
    }

    fn patch<H: Handler<T, Services>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self::new(MethodFilter::PATCH, Method::PATCH, path, handler)
    }

    fn delete<H: Handler<T, Services>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self::new(MethodFilter::DELETE, Method::DELETE, path, handler)
    }
}

/// Every route of the API.
#[must_use]
pub fn all() -> Vec<Route> {
    let resources = [
        register::routes(),
        login::routes(),
        refresh::routes(),
        logout::routes(),
        guest::routes(),
        user::routes(),
        requests::routes(),
        friends::routes(),
        presence::routes(),
        conversations::routes(),
        settings::routes(),
        messages::routes(),
        changes::routes(),
        search::routes(),
        groups::routes(),
        members::routes(),
        joins::routes(),
        push::routes(),
        access::routes(),
    ];
    resources.into_iter().flatten().collect()
}

/// The whole HTTP service: API, Swagger UI, and the web client for everything else.
pub fn router(services: Services) -> Router {
    let api = all().into_iter().fold(Router::new(), |router, route| {
        router.route(route.path, route.handler)
    });
    api.method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
        .merge(openapi::swagger_ui())
        .fallback(static_files::serve)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(axum::middleware::from_fn_with_state(
        jwks::routes(),
        devices::routes(),
        passwords::routes(),
            services.clone(),
            observe::request,
        ))
        .layer(tower_http::compression::CompressionLayer::new())
        .layer(axum::middleware::map_response(static_files::secure))
        .with_state(services)
}
        admin::routes(),
/// What the document says of them, a part for each resource.
#[must_use]
pub fn documents() -> Vec<utoipa::openapi::OpenApi> {
    vec![
        register::Paths::openapi(),
        login::Paths::openapi(),
        refresh::Paths::openapi(),
        logout::Paths::openapi(),
        jwks::Paths::openapi(),
        devices::Paths::openapi(),
        passwords::Paths::openapi(),
        guest::Paths::openapi(),
        user::Paths::openapi(),
        privacy::Paths::openapi(),
        requests::Paths::openapi(),
        friends::Paths::openapi(),
        blocks::Paths::openapi(),
        presence::Paths::openapi(),
        conversations::Paths::openapi(),
        settings::Paths::openapi(),
        messages::Paths::openapi(),
        files::Paths::openapi(),
        changes::Paths::openapi(),
        search::Paths::openapi(),
        groups::Paths::openapi(),
        members::Paths::openapi(),
        joins::Paths::openapi(),
        push::Paths::openapi(),
        access::Paths::openapi(),
        admin::users::Paths::openapi(),
        admin::devices::Paths::openapi(),
        admin::audit::Paths::openapi(),
    ]
}

