//! The browsers that take pushes.

use im_shared::ids::UserId;
use tokio_postgres::Row;

use super::{Store, StoreError};

/// Subscriptions of one user; a new one takes the place of the one that was changed the longest ago.
const MAX_PER_USER: i64 = 20;

/// A browser that takes pushes.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Snowflake.
    pub id: i64,
    /// Whose.
    pub user: UserId,
    /// Address at the push service.
    pub endpoint: String,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// The browser's secret, base64url.
    pub auth: String,
    /// Pushes do not say what or from whom.
    pub hide_content: bool,
}

/// What a device subscribes with.
#[derive(Debug, Clone)]
pub struct NewSubscription {
    /// For a row that is made.
    pub id: i64,
    /// Whose.
    pub user: UserId,
    /// Which device.
    pub device: String,
    /// Address at the push service.
    pub endpoint: String,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// The browser's secret, base64url.
    pub auth: String,
    /// Pushes do not say what or from whom.
    pub hide_content: bool,
}

/// A browser is one person's: whoever was signed in there before gets nothing there any more.
const TAKE_OVER: &str = "\
    DELETE FROM push_subscriptions WHERE endpoint = $3 AND (user_id, device_id) <> ($1, $2)";

const MAKE_ROOM: &str = "\
    DELETE FROM push_subscriptions WHERE id IN ( \
      SELECT id FROM push_subscriptions WHERE user_id = $1 AND device_id <> $2 ORDER BY updated_at DESC, id OFFSET $3 \
    )";

const KEEP: &str = "\
    INSERT INTO push_subscriptions (id, user_id, device_id, endpoint, p256dh, auth, hide_content) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (user_id, device_id) DO UPDATE SET \
      endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth, \
      hide_content = excluded.hide_content, updated_at = now()";

const OF_DEVICE: &str = "DELETE FROM push_subscriptions WHERE user_id = $1 AND device_id = $2";

/// The endpoint as well: the browser may have subscribed anew meanwhile.
const GONE: &str = "DELETE FROM push_subscriptions WHERE id = $1 AND endpoint = $2";

/// A device that was signed out, by whomever, has no good refresh token any more, and nobody shows on it what is said to its former user.
const OF_USERS: &str = "\
    SELECT s.id, s.user_id, s.endpoint, s.p256dh, s.auth, s.hide_content FROM push_subscriptions s \
    WHERE s.user_id = ANY ($1) AND EXISTS ( \
      SELECT FROM refresh_tokens t \
       WHERE t.user_id = s.user_id AND t.device_id = s.device_id AND t.status = 1 AND t.deleted = 0 AND t.expires_at > now() \
    ) \
    ORDER BY s.user_id, s.id";

const BY_ID: &str = "\
    SELECT s.id, s.user_id, s.endpoint, s.p256dh, s.auth, s.hide_content FROM push_subscriptions s \
    WHERE s.id = $1 AND EXISTS ( \
      SELECT FROM refresh_tokens t \
       WHERE t.user_id = s.user_id AND t.device_id = s.device_id AND t.status = 1 AND t.deleted = 0 AND t.expires_at > now() \
    )";

impl Store {
    /// Keeps the subscription of a device, in the place of an earlier one.
    ///
    /// # Errors
    ///
    /// A statement failed; nothing was changed, or the answer was lost.
    pub async fn subscribe(&self, new: &NewSubscription) -> Result<(), StoreError> {
        let mut client = self.connection().await?;
        let transaction = client.transaction().await?;
        let user = new.user.to_sql();
        transaction
            .execute(TAKE_OVER, &[&user, &new.device, &new.endpoint])
            .await?;
        transaction
            .execute(MAKE_ROOM, &[&user, &new.device, &(MAX_PER_USER - 1)])
            .await?;
        let hide = i16::from(new.hide_content);
        transaction
            .execute(
                KEEP,
                &[
                    &new.id,
                    &user,
                    &new.device,
                    &new.endpoint,
                    &new.p256dh,
                    &new.auth,
                    &hide,
                ],
            )
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Forgets the subscription of a device, if there is one.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn unsubscribe(&self, user: UserId, device: &str) -> Result<(), StoreError> {
        let client = self.connection().await?;
        client
            .execute(OF_DEVICE, &[&user.to_sql(), &device])
            .await?;
        Ok(())
    }

    /// Forgets a subscription that its push service does not know any more.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn forget_subscription(&self, gone: &Subscription) -> Result<(), StoreError> {
        let client = self.connection().await?;
        client.execute(GONE, &[&gone.id, &gone.endpoint]).await?;
        Ok(())
    }

    /// The subscriptions of `users`, on devices that are signed in.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn subscriptions(&self, users: &[UserId]) -> Result<Vec<Subscription>, StoreError> {
        let users: Vec<i64> = users.iter().map(|user| user.to_sql()).collect();
        let client = self.connection().await?;
        let statement = client.prepare_cached(OF_USERS).await?;
        let rows = client.query(&statement, &[&users]).await?;
        rows.iter().map(subscription).collect()
    }

    /// One subscription, if it is still there and its device signed in.
    ///
    /// # Errors
    ///
    /// A statement failed.
    pub async fn subscription(&self, id: i64) -> Result<Option<Subscription>, StoreError> {
        let client = self.connection().await?;
        let statement = client.prepare_cached(BY_ID).await?;
        let row = client.query_opt(&statement, &[&id]).await?;
        row.as_ref().map(subscription).transpose()
    }
}

fn subscription(row: &Row) -> Result<Subscription, StoreError> {
    Ok(Subscription {
        id: row.try_get(0)?,
        user: UserId::from_sql(row.try_get(1)?),
        endpoint: row.try_get(2)?,
        p256dh: row.try_get(3)?,
        auth: row.try_get(4)?,
        hide_content: row.try_get::<_, i16>(5)? != 0,
    })
}
