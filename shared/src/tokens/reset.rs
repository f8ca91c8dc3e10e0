//! The token of a mail that resets a password. It is signed as an access token is, for another audience: neither is good for the other.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::claims::{self, ISSUER};
use super::{Signer, TokenError, Verifier, verify};
use crate::ids::UserId;

/// How long the token of a reset is good.
pub const RESET_TOKEN_LIFE: Duration = Duration::from_secs(30 * 60);

const AUDIENCE: &str = "im-reset";
const TYPE: &str = "reset";

/// A token that resets the password of one user.
#[derive(Debug, Clone)]
pub struct Reset {
    /// Whose password.
    pub user: UserId,
    /// Goes into the mail.
    pub token: String,
    /// Not good from this time on; whole seconds.
    pub expires_at: SystemTime,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    sub: String,
    iss: String,
    aud: String,
    exp: u64,
    nbf: u64,
    iat: u64,
    jti: String,
    typ: String,
}

impl Signer {
    /// A token that resets the password of `user`, good from `now` for [`RESET_TOKEN_LIFE`]. That it is used once is for the caller to see to.
    ///
    /// # Errors
    ///
    /// It cannot be signed.
    pub fn sign_reset(&self, user: UserId, now: SystemTime) -> Result<Reset, TokenError> {
        let issued_at = claims::seconds(now);
        let expires_at = issued_at + RESET_TOKEN_LIFE.as_secs();
        let payload = Payload {
            sub: user.to_string(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            exp: expires_at,
            nbf: issued_at,
            iat: issued_at,
            jti: Uuid::new_v4().to_string(),
            typ: TYPE.to_owned(),
        };
        Ok(Reset {
            user,
            token: self.encode(&payload, now)?,
            expires_at: SystemTime::UNIX_EPOCH + Duration::from_secs(expires_at),
        })
    }
}

impl Verifier {
    /// Whose password `token` resets, if it is good at `now`.
    ///
    /// # Errors
    ///
    /// [`TokenError`]; why exactly a token is invalid is not told.
    pub fn verify_reset_at(&self, token: &str, now: SystemTime) -> Result<UserId, TokenError> {
        let payload: Payload = self.decode(token, &verify::validation(AUDIENCE), now)?;
        let now = claims::seconds(now);
        if payload.typ != TYPE || payload.nbf > now.saturating_add(verify::CLOCK_SKEW_SECONDS) {
            return Err(TokenError::Invalid);
        }
        if payload.exp <= now {
            return Err(TokenError::Expired);
        }
        payload.sub.parse().map_err(|_| TokenError::Invalid)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ids::SignInId;
    use crate::tokens::{AccountKind, Subject, generate_key};
    use crate::wire::Platform;

    fn pair() -> (Signer, Verifier) {
        let key = generate_key().unwrap();
        (
            Signer::from_pem("k", &key.private_pem).unwrap(),
            Verifier::from_pems(&[("k", &key.public_pem)]).unwrap(),
        )
    }

    /// B6, B13: the two kinds of tokens are never taken for each other.
    #[test]
    fn a_reset_token_is_no_access_token_and_the_other_way_round() {
        let ((signer, verifier), now) = (pair(), SystemTime::now());
        let reset = signer.sign_reset(UserId(7), now).unwrap();
        assert_eq!(verifier.verify_reset_at(&reset.token, now), Ok(UserId(7)));
        assert_eq!(verifier.verify(&reset.token), Err(TokenError::Invalid));
        let subject = Subject {
            user: UserId(7),
            kind: AccountKind::User,
            sign_in: SignInId(1),
            device: "d",
            platform: Platform::Web,
        };
        let access = signer.sign(&subject, now).unwrap().token;
        let said = verifier.verify_reset_at(&access, now);
        assert_eq!(said, Err(TokenError::Invalid));
    }

    /// B6
    #[test]
    fn a_reset_token_lives_half_an_hour_and_belongs_to_its_key() {
        let ((signer, verifier), now) = (pair(), SystemTime::now());
        let reset = signer.sign_reset(UserId(7), now).unwrap();
        let said = verifier.verify_reset_at(&reset.token, reset.expires_at);
        assert_eq!(said, Err(TokenError::Expired));
        let early = now - Duration::from_secs(120);
        let said = verifier.verify_reset_at(&reset.token, early);
        assert_eq!(said, Err(TokenError::Invalid));
        assert!(pair().1.verify_reset_at(&reset.token, now).is_err());
    }
}
