//! What a caller wrote is seen by what the caller reads next, also where that is read from a replica (mission I10).

use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::Response;
use im_shared::ids::UserId;

use crate::services::Services;

/// Filled in by who finds out who calls.
#[derive(Debug, Clone, Default)]
pub(crate) struct Whose(Arc<OnceLock<UserId>>);

impl Whose {
    /// The request with these extensions is of `user`.
    pub(crate) fn tell(extensions: &Extensions, user: UserId) {
        if let Some(whose) = extensions.get::<Self>() {
            // Of one request there is one caller.
            let _ = whose.0.set(user);
        }
    }
}

/// After every request that may have written: what failed late may have committed before.
pub(crate) async fn note(
    State(services): State<Services>,
    mut request: Request,
    next: Next,
) -> Response {
    if !services.store.has_replica() || request.method().is_safe() {
        return next.run(request).await;
    }
    let whose = Whose::default();
    request.extensions_mut().insert(whose.clone());
    let response = next.run(request).await;
    if let Some(user) = whose.0.get() {
        services.store.note_writes_of(*user).await;
    }
    response
}
