//! The routes, one file per resource. `all` is the one list of them: the router is made from it, and a test compares it with
//! the OpenAPI document.

pub mod access;
pub mod admin;
pub mod admin_limits;
pub mod blocks;
pub mod changes;
pub mod conversations;
pub mod devices;
pub mod files;
pub mod friends;
pub mod groups;
pub mod guest;
pub mod joins;
pub mod jwks;
pub mod login;
pub mod logout;
pub mod members;
pub mod messages;
pub mod passwords;
pub mod presence;
pub mod privacy;
pub mod push;
pub mod refresh;
pub mod register;
pub mod requests;
pub mod search;
pub mod settings;
pub mod user;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::{Extensions, HeaderMap, Method, StatusCode, Version};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, MethodRouter, on};
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate as _};
use utoipa::OpenApi;

use crate::error::{self, ApiError};
use crate::services::Services;
use crate::{etag, headers, limits, observe, openapi, own_writes, static_files, writes};

/// The largest body that a handler gets whole, in bytes, unless its route says otherwise.
const BODY_LIMIT: usize = 64 * 1024;

/// A request that takes longer is answered with 504, unless its route says otherwise.
const DEADLINE: Duration = Duration::from_secs(10);

/// One route of the API.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path template, the same in axum and in OpenAPI.
    pub path: &'static str,
    handler: MethodRouter<Services>,
    deadline: Duration,
    /// Whether it runs to its end though nobody waits for its answer any more.
    finishes: bool,
    /// Whether its answers have a tag.
    pub polled: bool,
}

impl Route {
    fn new<H: Handler<T, Services>, T: 'static>(
        filter: MethodFilter,
        method: Method,
        path: &'static str,
        handler: H,
    ) -> Self {
        Self {
            finishes: !method.is_safe(),
            method,
            path,
            handler: on(filter, handler),
            deadline: DEADLINE,
            polled: false,
        }
    }

    /// The same for a resource that clients poll: its answers have a tag, and who has the answer gets 304.
    fn polled(self) -> Self {
        Self {
            handler: self.handler.layer(from_fn(etag::layer)),
            polled: true,
            ..self
        }
    }

    /// The same with a deadline of its own, until its answer begins.
    fn within(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// The same for what is not worth its work when nobody waits for the answer, and where nothing is lost when what follows its commit is
    /// left out.
    fn for_who_waits(self) -> Self {
        Self {
            finishes: false,
            ..self
        }
    }

    /// What axum calls for it.
    fn into_handler(self, services: &Services) -> MethodRouter<Services> {
        let note = from_fn_with_state(services.clone(), own_writes::note);
        let mut handler = self.handler.layer(note);
        if self.finishes {
            // Its answer may come too late for who asked, and is not waited for without end.
            let longest = self.deadline * 2;
            let to_its_end = from_fn_with_state((services.writes.clone(), longest), writes::run);
            handler = handler.layer(to_its_end);
        }
        handler.layer(from_fn_with_state(self.deadline, observe::deadline))
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

/// Marks an answer that is sent as it is, not compressed: its length, ranges and tag are those of a file.
#[derive(Debug, Clone, Copy)]
struct AsItIs;

fn may_change(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<AsItIs>().is_none()
}

/// Every route of the API.
#[must_use]
pub fn all() -> Vec<Route> {
    let resources = [
        register::routes(),
        login::routes(),
        refresh::routes(),
        logout::routes(),
        jwks::routes(),
        devices::routes(),
        passwords::routes(),
        guest::routes(),
        user::routes(),
        privacy::routes(),
        requests::routes(),
        friends::routes(),
        blocks::routes(),
        presence::routes(),
        conversations::routes(),
        settings::routes(),
        messages::routes(),
        files::routes(),
        changes::routes(),
        search::routes(),
        groups::routes(),
        members::routes(),
        joins::routes(),
        push::routes(),
        access::routes(),
        admin::routes(),
        admin_limits::routes(),
    ];
    resources.into_iter().flatten().collect()
}

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
        admin_limits::Paths::openapi(),
    ]
}

/// The whole HTTP service: API, Swagger UI, and the web client for everything else.
pub fn router(services: Services) -> Router {
    let api = all().into_iter().fold(Router::new(), |router, route| {
        router.route(route.path, route.into_handler(&services))
    });
    api.method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
        .merge(openapi::swagger_ui())
        .fallback(static_files::serve)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(services.clone(), limits::layer))
        .layer(from_fn_with_state(services.clone(), observe::request))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(may_change)))
        .layer(option_layer(services.protection.cors()))
        .layer(from_fn_with_state(services.clone(), headers::secure))
        .with_state(services)
}
