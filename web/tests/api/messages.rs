//! History by REST.

use im_shared::wire::Code;
use serde_json::Value;

use crate::app::TestApp;
use crate::logic;

fn seqs(data: &Value) -> Vec<i64> {
    data["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["seq"].as_i64().unwrap())
        .collect()
}

/// D8.
#[tokio::test]
async fn history_is_read_in_both_directions() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let id = logic::conversation(&app, ada.id, bob.id).await;
    for n in 1..=7 {
        logic::append(&app, id, bob.id, 1, &format!("message {n}")).await;
    }
    let path = format!("/conversations/{id}/messages");
    for (query, expected, more) in [
        ("", vec![1, 2, 3, 4, 5, 6, 7], false),
        ("?limit=3", vec![5, 6, 7], true),
        ("?beforeSeq=5&limit=3", vec![2, 3, 4], true),
        ("?beforeSeq=2&limit=3", vec![1], false),
        ("?beforeSeq=1", vec![], false),
        ("?afterSeq=0&limit=3", vec![1, 2, 3], true),
        ("?afterSeq=4&limit=3", vec![5, 6, 7], false),
        ("?afterSeq=18446744073709551615", vec![], false),
        ("?beforeSeq=18446744073709551615&limit=1", vec![7], true),
    ] {
        let data = ada.get(&format!("{path}{query}")).await.expect_ok();
        assert_eq!(
            (seqs(&data), data["more"].as_bool().unwrap()),
            (expected, more),
            "{query}"
        );
    }
    for bad in [
        "?limit=0",
        "?limit=201",
        "?beforeSeq=1&afterSeq=1",
        "?beforeSeq=-1",
        "?afterSeq=x",
    ] {
        ada.get(&format!("{path}{bad}"))
            .await
            .expect(Code::InvalidArgument, 400);
    }
}

/// D9.
#[tokio::test]
async fn a_message_tells_all_of_itself() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let id = logic::conversation(&app, ada.id, bob.id).await;
    logic::append(&app, id, bob.id, 1, "héllo 你好").await;
    let data = ada
        .get(&format!("/conversations/{id}/messages"))
        .await
        .expect_ok();
    let message = &data["messages"][0];
    assert_eq!(message["content"], "héllo 你好");
    assert_eq!(message["type"], "text");
    assert_eq!(message["conversationId"], id.to_string());
    assert_eq!(message["senderId"], bob.id.to_string());
    assert!(message["id"].is_string() && message["createdAt"].is_i64());
    assert_eq!(message["clientMessageId"].as_str().unwrap().len(), 36);
}
