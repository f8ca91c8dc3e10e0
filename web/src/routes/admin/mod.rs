//! For operators: accounts, where they are signed in, and what operators did. Support reads; admins change, too. Everything is noted in the
//! audit, looks as well, before it is answered.
//!
//! The first admin is made on the server: `im-web operator grant --username NAME --role admin`.

pub mod audit;
pub mod devices;
pub mod users;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use im_shared::ids::UserId;
use im_shared::wire::Code;

use super::Route;
use crate::auth::Caller;
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::observe::REQUEST_ID;
use crate::services::Services;
use crate::store::{Actor, OperatorRole};

pub(super) fn routes() -> Vec<Route> {
    [users::routes(), devices::routes(), audit::routes()]
        .into_iter()
        .flatten()
        .collect()
}

/// An operator. Everybody else is refused before anything else of the request is looked at. The role is read each time: a role that was taken away
/// is gone at once, whatever tokens there are.
#[derive(Debug, Clone)]
pub struct Operator {
    /// Who, for the audit.
    pub actor: Actor,
    /// What they may do.
    pub role: OperatorRole,
}

impl FromRequestParts<Services> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, services).await?;
        let role = services.store.operator_role(caller.user).await?;
        let role = role.ok_or(ApiError::Refused(Code::Forbidden))?;
        let address = match ClientAddress::from_request_parts(parts, services).await {
            Ok(address) => address.to_string(),
            Err(never) => match never {},
        };
        let request_id = parts.headers.get(REQUEST_ID);
        let request_id = request_id.and_then(|id| id.to_str().ok());
        Ok(Self {
            actor: Actor {
                operator: caller.user,
                address,
                request_id: request_id.unwrap_or_default().to_owned(),
            },
            role,
        })
    }
}

/// An operator who may change things.
#[derive(Debug, Clone)]
pub struct Administrator(pub Actor);

impl FromRequestParts<Services> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, ApiError> {
        let operator = Operator::from_request_parts(parts, services).await?;
        if operator.role < OperatorRole::Admin {
            return Err(ApiError::Refused(Code::Forbidden));
        }
        Ok(Self(operator.actor))
    }
}

/// The account in a path.
type Target = UserId;
