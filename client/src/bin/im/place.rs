//! Which conversation somebody means.
//!
//! ```text
//! bob, @bob                   the private conversation with bob
//! #Tea, #123456789012345678   a group of one's own, by its name or its id
//! 123456789012345678          any conversation of one's own, by its id
//! world                       the world chat
//! announcements               what the operator says to everybody
//! ```

use im_client::Api;
use im_client::api::{Conversation, ConversationKind, Profile, Role};
use im_shared::ids::ConversationId;

use crate::error::Error;
use crate::names;
use crate::show::plain;

/// Ids are longer than what people call themselves or a group; shorter numbers are names.
const SHORTEST_ID: usize = 15;

/// What was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named<'a> {
    Person(&'a str),
    Group(&'a str),
    Id(ConversationId),
}

fn parse(text: &str) -> Named<'_> {
    if let Some(person) = text.strip_prefix('@') {
        return Named::Person(person);
    }
    let (is_group, name) = match text.strip_prefix('#') {
        Some(name) => (true, name),
        None => (false, text),
    };
    match (is_group, name) {
        (_, name) if id(name).is_some() => Named::Id(id(name).unwrap_or_default()),
        (true, name) => Named::Group(name),
        (false, "world") => Named::Id(ConversationId::WORLD),
        (false, "announcements") => Named::Id(ConversationId::ANNOUNCEMENTS),
        (false, name) => Named::Person(name),
    }
}

fn id(text: &str) -> Option<ConversationId> {
    let is_id = text.len() >= SHORTEST_ID && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_id)
}

/// A conversation, as people call it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) kind: ConversationKind,
    /// None of a private conversation that may not be there yet.
    pub(crate) id: Option<ConversationId>,
    /// Of a private conversation.
    pub(crate) peer: Option<Profile>,
    /// Safe to print.
    pub(crate) title: String,
}

impl Place {
    /// The place that somebody means.
    pub(crate) async fn find(api: &Api, text: &str) -> Result<Self, Error> {
        match parse(text) {
            Named::Person(name) => Ok(Self::person(names::find(api, name).await?)),
            Named::Group(name) => Ok(Self::of(&group(api, name).await?)),
            Named::Id(ConversationId::WORLD) => Ok(Self::of_everybody(ConversationKind::World)),
            Named::Id(ConversationId::ANNOUNCEMENTS) => {
                Ok(Self::of_everybody(ConversationKind::System))
            }
            Named::Id(id) => Ok(Self::of(&api.conversation(id).await?)),
        }
    }

    /// A conversation that is known.
    pub(crate) fn of(conversation: &Conversation) -> Self {
        Self {
            kind: conversation.kind,
            id: Some(conversation.id),
            peer: conversation.peer.clone(),
            title: title(conversation),
        }
    }

    fn person(peer: Profile) -> Self {
        Self {
            kind: ConversationKind::Private,
            id: None,
            title: plain(&peer.username),
            peer: Some(peer),
        }
    }

    fn of_everybody(kind: ConversationKind) -> Self {
        let (id, title) = match kind {
            ConversationKind::World => (ConversationId::WORLD, "world"),
            _ => (ConversationId::ANNOUNCEMENTS, "announcements"),
        };
        Self {
            kind,
            id: Some(id),
            peer: None,
            title: title.to_owned(),
        }
    }

    /// Its id; a private conversation is made if need be.
    pub(crate) async fn open(&self, api: &Api) -> Result<ConversationId, Error> {
        match (self.id, &self.peer) {
            (Some(id), _) => Ok(id),
            (None, Some(peer)) => Ok(api.open_conversation(peer.user_id).await?.id),
            (None, None) => Err(Error::Failed("no such conversation".to_owned())),
        }
    }
}

/// What to call a conversation.
pub(crate) fn title(conversation: &Conversation) -> String {
    match (conversation.kind, &conversation.peer) {
        (_, Some(peer)) => plain(&names::call(peer)),
        (ConversationKind::Group, _) => format!("#{}", plain(&conversation.name)),
        (ConversationKind::World, _) => "world".to_owned(),
        (ConversationKind::System, _) if conversation.id == ConversationId::ANNOUNCEMENTS => {
            "announcements".to_owned()
        }
        (ConversationKind::System, _) => "notifications".to_owned(),
        _ => conversation.id.to_string(),
    }
}

/// Every conversation in one's list.
pub(crate) async fn all(api: &Api) -> Result<Vec<Conversation>, Error> {
    let mut page = api.conversations().await?;
    let mut all = page.conversations;
    while let Some(cursor) = page.next_cursor {
        page = api.conversations_page(Some(&cursor)).await?;
        all.append(&mut page.conversations);
    }
    Ok(all)
}

/// A group of one's own by its name.
async fn group(api: &Api, name: &str) -> Result<Conversation, Error> {
    let groups = all(api)
        .await?
        .into_iter()
        .filter(|conversation| conversation.kind == ConversationKind::Group);
    choose(groups.collect(), name)
}

/// The id of a group that is named, with `#` or without, or given by its id.
pub(crate) async fn group_id(api: &Api, text: &str) -> Result<ConversationId, Error> {
    let name = text.strip_prefix('#').unwrap_or(text);
    match id(name) {
        Some(id) => Ok(id),
        None => Ok(group(api, name).await?.id),
    }
}

/// The one group of this name: first where one is a member, first with the same capital letters.
fn choose(groups: Vec<Conversation>, name: &str) -> Result<Conversation, Error> {
    let is_member = |group: &Conversation| group.role != Role::None;
    let is_same = |group: &Conversation| group.name == name;
    let is_alike = |group: &Conversation| group.name.to_lowercase() == name.to_lowercase();
    let rules: [&dyn Fn(&Conversation) -> bool; 4] = [
        &|group| is_member(group) && is_same(group),
        &|group| is_member(group) && is_alike(group),
        &is_same,
        &is_alike,
    ];
    for rule in rules {
        let mut found = groups.iter().filter(|group| rule(group));
        match (found.next(), found.next()) {
            (None, _) => {}
            (Some(group), None) => return Ok(group.clone()),
            (Some(_), Some(_)) => {
                let ids: Vec<_> = groups.iter().filter(|group| rule(group)).collect();
                let ids: Vec<_> = ids.iter().map(|group| group.id.to_string()).collect();
                return Err(Error::Failed(format!(
                    "several groups are called {}: say which by its id: {}",
                    plain(name),
                    ids.join(", ")
                )));
            }
        }
    }
    Err(Error::NoSuchGroup(plain(name)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn people_groups_and_ids_are_told_apart() {
        assert_eq!(parse("bob"), Named::Person("bob"));
        assert_eq!(parse("@world"), Named::Person("world"));
        assert_eq!(parse("12345"), Named::Person("12345"));
        assert_eq!(parse("#Tea at five"), Named::Group("Tea at five"));
        assert_eq!(parse("#7"), Named::Group("7"));
        let id = ConversationId(123_456_789_012_345_678);
        assert_eq!(parse("123456789012345678"), Named::Id(id));
        assert_eq!(parse("#123456789012345678"), Named::Id(id));
        assert_eq!(parse("world"), Named::Id(ConversationId::WORLD));
        assert_eq!(
            parse("announcements"),
            Named::Id(ConversationId::ANNOUNCEMENTS)
        );
    }

    fn a_group(id: &str, name: &str, role: &str) -> Conversation {
        let value = json!({ "id": id, "type": "group", "name": name, "role": role });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_name_is_one_group_or_a_question() {
        let groups = vec![
            a_group("1", "Tea", "none"),
            a_group("2", "Tea", "member"),
            a_group("3", "tea", "owner"),
            a_group("4", "Coffee", "member"),
            a_group("5", "Coffee", "owner"),
        ];
        let chosen = |name: &str| choose(groups.clone(), name);
        assert_eq!(chosen("Tea").unwrap().id, ConversationId(2));
        assert_eq!(chosen("tea").unwrap().id, ConversationId(3));
        let error = chosen("Coffee").unwrap_err().to_string();
        assert!(error.ends_with("4, 5"), "{error}");
        assert!(matches!(chosen("Milk"), Err(Error::NoSuchGroup(_))));
    }
}
