//! Who has received and read a message.

use im_client::Api;
use im_client::api::Receipt;
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::ReceiptResponse;

use crate::cli;
use crate::context::Context;
use crate::error::Error;
use crate::names::Names;
use crate::place::Place;
use crate::words;

/// Members that are named; the others are counted.
const NAMED: usize = 200;

/// How far a message came. The people are those of the first page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Reached {
    pub(crate) members: u32,
    pub(crate) delivered: u32,
    pub(crate) read: u32,
    pub(crate) readers: Vec<UserId>,
    pub(crate) receivers: Vec<UserId>,
    pub(crate) others: Vec<UserId>,
}

impl Reached {
    fn sort(&mut self, user: UserId, read: bool, delivered: bool) {
        match (read, delivered) {
            (true, _) => self.readers.push(user),
            (false, true) => self.receivers.push(user),
            (false, false) => self.others.push(user),
        }
    }

    /// Whose names [`Self::lines`] needs.
    pub(crate) fn people(&self) -> Vec<UserId> {
        [&self.readers, &self.receivers, &self.others]
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// In words.
    pub(crate) fn lines(&self, seq: Seq, calls: words::Calls<'_>) -> Vec<String> {
        let mut lines = vec![format!(
            "{seq}: received by {} of {}, read by {}",
            self.delivered.max(self.read),
            self.members,
            self.read
        )];
        for (what, users) in [
            ("read", &self.readers),
            ("received", &self.receivers),
            ("neither", &self.others),
        ] {
            if !users.is_empty() {
                let names: Vec<_> = users.iter().map(|user| calls(*user)).collect();
                lines.push(format!("  {what}: {}", words::list(&names)));
            }
        }
        let named = self.people().len();
        let more = (self.members as usize).saturating_sub(named);
        if more > 0 && named > 0 {
            lines.push(format!("  and {more} more"));
        }
        lines
    }
}

impl From<ReceiptResponse> for Reached {
    fn from(response: ReceiptResponse) -> Self {
        let mut reached = Self {
            members: response.members,
            delivered: response.delivered,
            read: response.read,
            ..Self::default()
        };
        for member in response.receipts {
            let (read, delivered) = (
                member.read_seq >= response.seq,
                member.delivered_seq >= response.seq,
            );
            reached.sort(member.user_id, read, delivered);
        }
        reached
    }
}

pub(crate) async fn run(context: &Context, command: cli::Receipts) -> Result<(), Error> {
    let me = context.me().await?;
    let place = Place::find(&me.api, &command.peer).await?;
    let (id, seq) = (place.open(&me.api).await?, Seq(command.seq));
    let reached = ask(&me.api, id, seq).await?;
    let mut names = Names::load(me.api.clone(), me.login.user_id).await?;
    names.learn(&reached.people()).await;
    for line in reached.lines(seq, &|user| names.known(user)) {
        println!("{line}");
    }
    Ok(())
}

async fn ask(api: &Api, id: ConversationId, seq: Seq) -> Result<Reached, Error> {
    let mut reached = Reached::default();
    let mut after = None;
    loop {
        let page = api.receipts(id, seq, after).await?;
        reached.members = page.members;
        reached.delivered = page.delivered;
        reached.read = page.read;
        for receipt in page.receipts {
            let Receipt {
                user_id,
                read,
                delivered,
            } = receipt;
            reached.sort(user_id, read, delivered);
        }
        after = page.next_after;
        if after.is_none() || reached.people().len() >= NAMED {
            return Ok(reached);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use im_shared::wire::MemberReceipt;

    /// D7
    #[test]
    fn who_has_read_is_named_apart_from_who_has_only_received() {
        let receipt = |user, read_seq, delivered_seq| MemberReceipt {
            user_id: UserId(user),
            read_seq: Seq(read_seq),
            delivered_seq: Seq(delivered_seq),
        };
        let reached = Reached::from(ReceiptResponse {
            seq: Seq(5),
            members: 4,
            delivered: 2,
            read: 1,
            receipts: vec![receipt(2, 5, 5), receipt(3, 4, 7), receipt(4, 0, 4)],
            ..ReceiptResponse::default()
        });
        let lines = reached.lines(Seq(5), &|user| format!("u{user}"));
        assert_eq!(
            lines,
            [
                "5: received by 2 of 4, read by 1",
                "  read: u2",
                "  received: u3",
                "  neither: u4",
                "  and 1 more"
            ]
        );
    }
}
