//! Files: who sees them, what they are, how they are given out and when they go.

use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, SystemTime};

use im_shared::database;
use im_shared::ids::{ConversationId, UserId};
use im_shared::snowflake::Ids;
use im_shared::wire::Code;
use im_web::config::{FileConfig, WebConfig};
use im_web::files::Files;
use im_web::files::urls::Urls;
use im_web::store::{Look, Store};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, RgbaImage};
use reqwest::Response;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::actors::{Answer, User};
use crate::app::TestApp;
use crate::guest::{arrive, signed_in};
use crate::logic;

const IMAGE: i16 = 2;
const RECALL: i16 = 33;
const SECRET: &str = "a secret of thirty-two bytes or more";
const HOUR: Duration = Duration::from_secs(3_600);

/// A node whose settings for files `change` has changed, and where its files lie.
pub(crate) async fn start(change: impl FnOnce(&mut FileConfig)) -> (TestApp, WebConfig, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = WebConfig::default();
    let app = TestApp::start_with(|config| {
        config.files.folder = folder.path().join("files");
        config.files.secret = SECRET.to_owned().into();
        change(&mut config.files);
        kept = config.clone();
    })
    .await;
    (app, kept, folder)
}

/// A picture of one colour.
pub(crate) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixels = RgbImage::from_pixel(width, height, Rgb([90, 120, 200]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(pixels)
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

impl User<'_> {
    /// Uploads; `query` is what stands after the question mark.
    pub(crate) async fn upload(&self, content: Vec<u8>, declared: &str, query: &str) -> Answer {
        let url = self.app.api(&format!("/files?{query}"));
        let mut request = self.app.http.post(url).body(content);
        if !declared.is_empty() {
            request = request.header("content-type", declared);
        }
        self.send(request).await
    }

    /// What is known of a file.
    async fn file(&self, id: &str) -> Answer {
        self.get(&format!("/files/{id}")).await
    }

    /// Sends the uploaded picture, as logic stores it.
    async fn send_picture(&self, conversation: ConversationId, file: &Value) {
        logic::append(self.app, conversation, self.id, IMAGE, &message(file)).await;
    }
}

/// The content of a message about a picture.
fn message(file: &Value) -> String {
    json!({"fileId": file["fileId"], "mime": file["mime"], "size": file["size"], "width": file["width"], "height": file["height"]})
        .to_string()
}

fn id(file: &Value) -> &str {
    file["fileId"].as_str().unwrap()
}

/// Reads an address without a token.
async fn read(app: &TestApp, path: &Value, headers: &[(&str, &str)]) -> Response {
    let mut request = app
        .http
        .get(format!("{}{}", app.url, path.as_str().unwrap()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn bytes(app: &TestApp, path: &Value) -> Vec<u8> {
    let response = read(app, path, &[]).await;
    assert_eq!(response.status(), 200);
    response.bytes().await.unwrap().to_vec()
}

/// Objects in the folder.
fn objects(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let count = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        if path.is_dir() { objects(&path) } else { 1 }
    };
    entries.map(count).sum()
}

/// D15.
#[tokio::test]
async fn what_is_uploaded_is_downloaded_by_members_only() {
    let (app, ..) = start(|_| {}).await;
    let (ada, bob, carol) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("carol").await,
    );
    let content = picture(40, 30, ImageFormat::Png);
    let file = ada.upload(content.clone(), "", "name=sea.png").await;
    assert_eq!(file.status, 201);
    let file = file.expect_ok();
    assert_eq!(
        (
            &file["name"],
            &file["mime"],
            &file["size"],
            &file["width"],
            &file["height"]
        ),
        (
            &json!("sea.png"),
            &json!("image/png"),
            &json!(content.len()),
            &json!(40),
            &json!(30)
        )
    );
    assert!(file["thumbnailUrl"].is_null(), "it is small itself");
    assert_eq!(bytes(&app, &file["url"]).await, content);
    ada.file(id(&file)).await.expect_ok();
    bob.file(id(&file)).await.expect(Code::FileNotFound, 404);

    let pair = logic::conversation(&app, ada.id, bob.id).await;
    // Another's word for it opens nothing.
    bob.send_picture(pair, &file).await;
    bob.file(id(&file)).await.expect(Code::FileNotFound, 404);
    ada.send_picture(pair, &file).await;
    let seen = bob.file(id(&file)).await.expect_ok();
    assert_eq!(bytes(&app, &seen["url"]).await, content);
    carol.file(id(&file)).await.expect(Code::FileNotFound, 404);

    logic::about(&app, pair, ada.id, RECALL, "", 2, &[]).await;
    bob.file(id(&file)).await.expect(Code::FileNotFound, 404);
    ada.file(id(&file)).await.expect_ok();
}

/// D15, D8: as with what was written.
#[tokio::test]
async fn a_former_member_sees_what_was_before() {
    let (app, ..) = start(|_| {}).await;
    let (ada, bob, carol) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("carol").await,
    );
    let group = logic::group(&app, "Tea", &[ada.id, bob.id, carol.id]).await;
    let mut files = Vec::new();
    for side in [10, 11] {
        let file = ada
            .upload(picture(side, side, ImageFormat::Png), "", "")
            .await
            .expect_ok();
        ada.send_picture(group, &file).await;
        files.push(file);
    }
    let bounds = |user: UserId, from: i64, until: i64, left: i16| {
        let app = &app;
        async move {
            let sql = "UPDATE conversation_members SET from_seq = $3, until_seq = $4, deleted = $5 WHERE conversation_id = $1 AND user_id = $2";
            app.execute(
                sql,
                &[&group.to_sql(), &user.to_sql(), &from, &until, &left],
            )
            .await;
        }
    };
    // The log: made, first picture, second picture.
    bounds(bob.id, 0, 2, 1).await;
    bounds(carol.id, 2, 0, 0).await;
    bob.file(id(&files[0])).await.expect_ok();
    bob.file(id(&files[1]))
        .await
        .expect(Code::FileNotFound, 404);
    carol
        .file(id(&files[0]))
        .await
        .expect(Code::FileNotFound, 404);
    carol.file(id(&files[1])).await.expect_ok();
}

/// D15, B12.
#[tokio::test]
async fn a_guest_sees_the_files_of_the_world_chat_and_uploads_none() {
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    let pair = arrive(&app).await;
    let guest = signed_in(&app, &pair);
    let content = picture(10, 10, ImageFormat::Png);
    guest
        .upload(content.clone(), "", "")
        .await
        .expect(Code::Forbidden, 403);
    let file = ada.upload(content, "", "").await.expect_ok();
    guest.file(id(&file)).await.expect(Code::FileNotFound, 404);
    ada.send_picture(ConversationId::WORLD, &file).await;
    guest.file(id(&file)).await.expect_ok();
    let copy = format!("/files/{}/copy", id(&file));
    guest
        .post(&copy, Value::Null)
        .await
        .expect(Code::Forbidden, 403);
}

/// D15.
#[tokio::test]
async fn the_type_is_that_of_the_content() {
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    let page = b"<!doctype html><script>alert(1)</script>".to_vec();
    let file = ada
        .upload(page.clone(), "text/html", "name=a.png")
        .await
        .expect_ok();
    assert_eq!(
        (&file["mime"], &file["width"]),
        (&json!("application/octet-stream"), &Value::Null)
    );
    let response = read(&app, &file["url"], &[]).await;
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(
        header("content-disposition"),
        "attachment; filename*=UTF-8''a.png"
    );
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(
        header("content-security-policy"),
        "default-src 'none'; sandbox"
    );

    ada.upload(page.clone(), "image/png", "")
        .await
        .expect(Code::FileTypeRefused, 400);
    ada.upload(page, "", "purpose=avatar")
        .await
        .expect(Code::FileTypeRefused, 400);
    let webm = b"\x1a\x45\xdf\xa3 and so on".to_vec();
    for declared in ["audio/webm", "video/webm"] {
        let file = ada.upload(webm.clone(), declared, "").await.expect_ok();
        assert_eq!(file["mime"], declared);
    }
    for bad in ["name=a%2Fb", "name=", "name=a%00b", "size=1", "purpose=x"] {
        let refused = ada.upload(vec![1], "", bad).await;
        assert_eq!(
            (refused.code, refused.status),
            (Code::InvalidArgument.0, 400),
            "{bad}"
        );
    }
    let refused = ada.upload(Vec::new(), "", "").await;
    assert_eq!(refused.code, Code::InvalidArgument.0, "nothing is no file");
}

/// D15: measures as it is shown, and a small picture.
#[tokio::test]
async fn a_picture_has_its_measures_and_a_small_picture() {
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    let formats = [
        ("image/png", ImageFormat::Png),
        ("image/jpeg", ImageFormat::Jpeg),
        ("image/gif", ImageFormat::Gif),
        ("image/webp", ImageFormat::WebP),
    ];
    for (mime, format) in formats {
        let file = ada
            .upload(picture(800, 400, format), mime, "")
            .await
            .expect_ok();
        assert_eq!(
            (&file["mime"], &file["width"], &file["height"]),
            (&json!(mime), &json!(800), &json!(400))
        );
        let small = bytes(&app, &file["thumbnailUrl"]).await;
        let small = image::load_from_memory(&small).unwrap();
        assert_eq!((small.width(), small.height()), (320, 160), "{mime}");
    }
    let mut clear = Cursor::new(Vec::new());
    let pixels = RgbaImage::from_pixel(400, 400, image::Rgba([1, 2, 3, 0]));
    DynamicImage::from(pixels)
        .write_to(&mut clear, ImageFormat::Png)
        .unwrap();
    let file = ada.upload(clear.into_inner(), "", "").await.expect_ok();
    let small = read(&app, &file["thumbnailUrl"], &[]).await;
    assert_eq!(
        small.headers()["content-type"],
        "image/png",
        "what is transparent stays so"
    );

    let mut turned = picture(800, 400, ImageFormat::Jpeg);
    // EXIF: little-endian, one entry, orientation 6 (to be turned to the right by 90 degrees).
    let exif =
        b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    turned.splice(2..2, exif.iter().copied());
    let file = ada.upload(turned, "", "").await.expect_ok();
    assert_eq!(
        (&file["width"], &file["height"]),
        (&json!(400), &json!(800))
    );
    let small = bytes(&app, &file["thumbnailUrl"]).await;
    assert!(
        !small.windows(4).any(|word| word == b"Exif"),
        "it tells nothing but the picture"
    );
    let small = image::load_from_memory(&small).unwrap();
    assert_eq!((small.width(), small.height()), (160, 320));
}

/// D15.
#[tokio::test]
async fn ranges_are_served() {
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    let content: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
    let file = ada.upload(content.clone(), "", "").await.expect_ok();
    let url = &file["url"];
    let whole = read(&app, url, &[("accept-encoding", "gzip")]).await;
    assert_eq!(whole.headers()["content-length"], "100000");
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    assert!(whole.headers().get("content-encoding").is_none());
    let etag = whole.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(etag, format!("\"{}\"", file["sha256"].as_str().unwrap()));
    assert_eq!(whole.bytes().await.unwrap(), content);

    for (range, part, told) in [
        ("bytes=0-9", 0..10, "bytes 0-9/100000"),
        ("bytes=99990-", 99_990..100_000, "bytes 99990-99999/100000"),
        ("bytes=-1", 99_999..100_000, "bytes 99999-99999/100000"),
        (
            "bytes=50000-999999999",
            50_000..100_000,
            "bytes 50000-99999/100000",
        ),
    ] {
        let response = read(&app, url, &[("range", range)]).await;
        assert_eq!(response.status(), 206, "{range}");
        assert_eq!(response.headers()["content-range"], told);
        assert_eq!(response.headers()["content-length"], part.len().to_string());
        assert_eq!(response.bytes().await.unwrap(), content[part]);
    }
    let beyond = read(&app, url, &[("range", "bytes=100000-")]).await;
    assert_eq!(beyond.status(), 416);
    assert_eq!(beyond.headers()["content-range"], "bytes */100000");
    let known = read(&app, url, &[("if-none-match", &etag)]).await;
    assert_eq!(known.status(), 304);
    for (tag, status) in [(&*etag, 206), ("\"another\"", 200)] {
        let response = read(&app, url, &[("range", "bytes=0-9"), ("if-range", tag)]).await;
        assert_eq!(response.status(), status, "{tag}");
    }
    let head = app
        .http
        .head(format!("{}{}", app.url, url.as_str().unwrap()));
    let head = head.send().await.unwrap();
    assert_eq!(head.headers()["content-length"], "100000");
}

/// D15.
#[tokio::test]
async fn a_url_ends_and_cannot_be_changed() {
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    let file = ada
        .upload(picture(400, 400, ImageFormat::Png), "", "")
        .await
        .expect_ok();
    let ended =
        Urls::new(SECRET.as_bytes(), 600).sign(id(&file), "original", SystemTime::now() - HOUR);
    let url = file["url"].as_str().unwrap();
    let other = Urls::new(&[7; 32], 600).sign(id(&file), "original", SystemTime::now());
    for bad in [
        ended.url,
        other.url,
        url.replace("/original", "/thumbnail"),
        url.replace("e=1", "e=2"),
        url.split('?').next().unwrap().to_owned(),
        "/api/v1/files/AAAAAAAAAAAAAAAAAAAAAA/original".to_owned(),
        "/api/v1/files/1/1".to_owned(),
    ] {
        let request = app.http.get(format!("{}{bad}", app.url));
        Answer::of(request).await.expect(Code::Forbidden, 403);
    }
    // A token is no address, and the other way round.
    let bare = format!("/files/{}/original", id(&file));
    ada.get(&bare).await.expect(Code::Forbidden, 403);
    let unknown = Urls::new(SECRET.as_bytes(), 600).sign(
        "AAAAAAAAAAAAAAAAAAAAAA",
        "original",
        SystemTime::now(),
    );
    let request = app.http.get(format!("{}{}", app.url, unknown.url));
    Answer::of(request).await.expect(Code::FileNotFound, 404);
}

/// D15, A6: nodes with one secret and one store.
#[tokio::test]
async fn every_web_node_agrees_about_an_address() {
    let (app, config, _folder) = start(|_| {}).await;
    let other = TestApp::serve(config, None).await;
    let ada = app.user("ada").await;
    let content = picture(10, 10, ImageFormat::Png);
    let file = ada.upload(content.clone(), "", "").await.expect_ok();
    assert_eq!(bytes(&other, &file["url"]).await, content);
}

/// D15: content-addressed.
#[tokio::test]
async fn the_same_content_is_kept_once() {
    let (app, config, _folder) = start(|_| {}).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let content = picture(640, 480, ImageFormat::Jpeg);
    let uploads = (0..6).map(|n| {
        let user = if n % 2 == 0 { &ada } else { &bob };
        user.upload(content.clone(), "", "")
    });
    let files = futures_util::future::join_all(uploads).await;
    let files: Vec<Value> = files.into_iter().map(Answer::expect_ok).collect();
    let distinct: std::collections::BTreeSet<&str> = files.iter().map(id).collect();
    assert_eq!(distinct.len(), 6, "each is somebody's own");
    assert_eq!(
        objects(&config.files.folder),
        2,
        "the content and its small picture"
    );
    let blobs = app.rows("SELECT stored FROM blobs", &[]).await;
    assert_eq!(blobs.len(), 1);
    assert_eq!(blobs[0].get::<_, i16>(0), 1);
    for file in &files {
        assert_eq!(bytes(&app, &file["url"]).await, content);
    }
}

/// D15: only the owner of a file sends it, so who sends it on has one of their own.
#[tokio::test]
async fn who_sends_a_file_on_gets_one_of_their_own() {
    let (app, config, _folder) = start(|_| {}).await;
    let (ada, bob, carol) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("carol").await,
    );
    let file = ada
        .upload(picture(10, 10, ImageFormat::Png), "", "name=x.png")
        .await
        .expect_ok();
    let copy = format!("/files/{}/copy", id(&file));
    bob.post(&copy, Value::Null)
        .await
        .expect(Code::FileNotFound, 404);
    let pair = logic::conversation(&app, ada.id, bob.id).await;
    ada.send_picture(pair, &file).await;
    let own = bob.post(&copy, Value::Null).await.expect_ok();
    assert_ne!(own["fileId"], file["fileId"]);
    assert_eq!(
        (&own["name"], &own["sha256"], &own["width"]),
        (&file["name"], &file["sha256"], &file["width"])
    );
    let next = logic::conversation(&app, bob.id, carol.id).await;
    bob.send_picture(next, &own).await;
    carol.file(id(&own)).await.expect_ok();
    carol.file(id(&file)).await.expect(Code::FileNotFound, 404);
    assert_eq!(objects(&config.files.folder), 1);

    let path = format!("/files/{}", id(&file));
    bob.delete(&path).await.expect(Code::FileNotFound, 404);
    ada.delete(&path).await.expect_ok();
    bob.file(id(&file)).await.expect(Code::FileNotFound, 404);
    carol.file(id(&own)).await.expect_ok();
}

/// D15: an avatar is everybody's, without a signature.
#[tokio::test]
async fn an_avatar_has_an_address_that_stays() {
    let (app, ..) = start(|_| {}).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let content = picture(400, 400, ImageFormat::Jpeg);
    let file = ada
        .upload(content.clone(), "image/jpeg", "purpose=avatar")
        .await
        .expect_ok();
    assert!(file["urlExpiresAt"].is_null() && !file["url"].as_str().unwrap().contains('?'));
    let profile = json!({"nickname": "Ada", "avatar": file["thumbnailUrl"]});
    ada.put("/user/profile", profile).await.expect_ok();
    let response = read(&app, &file["url"], &[]).await;
    assert!(
        response.headers()["cache-control"]
            .to_str()
            .unwrap()
            .starts_with("public")
    );
    assert_eq!(response.bytes().await.unwrap(), content);
    bob.file(id(&file)).await.expect_ok();
}

/// D15.
#[tokio::test]
async fn a_file_and_all_files_of_a_user_have_limits() {
    let (app, ..) = start(|config| {
        config.max_bytes = 1_000;
        config.quota_bytes = 2_500;
    })
    .await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.upload(vec![1; 1_001], "", "")
        .await
        .expect(Code::FileTooLarge, 413);
    // Without a length it is seen while it comes.
    let pieces = (0..50).map(|_| Ok::<_, std::io::Error>(vec![1; 100]));
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let request = app.http.post(app.api("/files")).body(body);
    ada.send(request).await.expect(Code::FileTooLarge, 413);
    for n in 0..2 {
        ada.upload(vec![n; 1_000], "", "").await.expect_ok();
    }
    ada.upload(vec![9; 501], "", "")
        .await
        .expect(Code::FileTooLarge, 413);
    ada.upload(vec![9; 500], "", "").await.expect_ok();
    bob.upload(vec![9; 1_000], "", "").await.expect_ok();
    let files = app
        .rows(
            "SELECT 1 FROM files WHERE owner_id = $1",
            &[&ada.id.to_sql()],
        )
        .await;
    assert_eq!(files.len(), 3);
}

/// D15: uploads at the same moment cannot pass the limit together.
#[tokio::test]
async fn a_quota_holds_for_uploads_at_once() {
    let (app, ..) = start(|config| {
        config.max_bytes = 1_000;
        config.quota_bytes = 2_000;
    })
    .await;
    let ada = app.user("ada").await;
    let uploads = (0..8).map(|n| ada.upload(vec![n; 1_000], "", ""));
    let answers = futures_util::future::join_all(uploads).await;
    let kept = answers.iter().filter(|answer| answer.code == 0).count();
    assert_eq!(kept, 2, "{answers:?}");
}

/// D15, J7: an upload whose answer was lost.
#[tokio::test]
async fn an_upload_with_a_key_may_be_repeated() {
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    let key = Uuid::now_v7().to_string();
    let upload = |content: &'static [u8]| {
        let request = app.http.post(app.api("/files")).body(content);
        ada.send(request.header("idempotency-key", key.clone()))
    };
    let first = upload(b"one").await.expect_ok();
    assert_eq!(upload(b"one").await.expect_ok()["fileId"], first["fileId"]);
    upload(b"two").await.expect(Code::IdempotencyConflict, 409);
}

/// D15: what nothing uses goes, in two looks; what a message is about and what is an avatar stays.
#[tokio::test]
async fn orphans_are_deleted_and_used_files_are_not() {
    let (app, config, _folder) = start(|_| {}).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let pair = logic::conversation(&app, ada.id, bob.id).await;
    let mut files = Vec::new();
    for (side, purpose) in [
        (10, "message"),
        (11, "message"),
        (12, "message"),
        (13, "avatar"),
        (14, "avatar"),
    ] {
        let content = picture(side, side, ImageFormat::Png);
        files.push(
            ada.upload(content, "", &format!("purpose={purpose}"))
                .await
                .expect_ok(),
        );
    }
    // Used: the first, and the first avatar.
    ada.send_picture(pair, &files[0]).await;
    ada.put(
        "/user/profile",
        json!({"nickname": "Ada", "avatar": files[3]["url"]}),
    )
    .await
    .expect_ok();

    let pool = database::pool(&app.postgres).unwrap();
    let ids = Ids::lease(&pool).await.unwrap();
    let store = Store::new(pool, database::breaker(&app.postgres), ids);
    let kept = Files::open(&config.files).unwrap();
    let now = SystemTime::now();
    let look = |later: Duration| {
        let (kept, store) = (&kept, &store);
        async move { kept.sweep(store, now + later).await.unwrap() }
    };
    assert_eq!(look(23 * HOUR).await, Look::default(), "nothing is due");
    let first = look(25 * HOUR).await;
    assert_eq!((first.seen, first.condemned, first.removed), (5, 3, 0));
    // One of them was just on its way.
    ada.send_picture(pair, &files[1]).await;
    bob.file(id(&files[1])).await.expect_ok();
    let second = look(26 * HOUR).await;
    assert_eq!((second.seen, second.removed, second.blobs), (3, 2, 0));
    ada.file(id(&files[2]))
        .await
        .expect(Code::FileNotFound, 404);
    for used in [0, 1, 3] {
        ada.file(id(&files[used])).await.expect_ok();
    }
    assert_eq!(
        objects(&config.files.folder),
        5,
        "contents stay for an hour"
    );
    let third = look(28 * HOUR).await;
    assert_eq!(third.blobs, 2);
    assert_eq!(objects(&config.files.folder), 3);
    assert_eq!(
        bytes(&app, &files[0]["url"]).await,
        picture(10, 10, ImageFormat::Png)
    );

    // What was taken back is used no more.
    logic::about(&app, pair, ada.id, RECALL, "", 1, &[]).await;
    let week = 24 * 9 * HOUR;
    assert_eq!(look(week).await.condemned, 1);
    assert_eq!(look(week + HOUR).await.removed, 1);
    // And the same content may come again.
    look(week + 3 * HOUR).await;
    let again = ada
        .upload(picture(10, 10, ImageFormat::Png), "", "")
        .await
        .expect_ok();
    assert_eq!(
        bytes(&app, &again["url"]).await,
        picture(10, 10, ImageFormat::Png)
    );
}
