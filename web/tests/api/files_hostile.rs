//! Files that are made to harm: by what they cost, by what they pretend to be, by how they come. What a web node's memory says to the worst of
//! them is measured in `e2e/tests/files.rs`.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use im_shared::wire::Code;
use image::ImageFormat;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::files::{picture, start};

/// A chunk of a PNG, with its checksum.
pub(crate) fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = !0_u32;
    for byte in kind.iter().chain(data) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], kind, data, &(!crc).to_be_bytes()].concat()
}

/// A PNG of these chunks.
fn png(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[8, 6, 0, 0, 0],
    ]
    .concat();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(chunk(b"IHDR", &header));
    bytes.extend(chunks.concat());
    bytes.extend(chunk(b"IEND", b""));
    bytes
}

/// A zlib stream of `blocks` stored blocks of 65,535 zeros would be large: this is a deflate stream of one long run, 1,000 times smaller.
fn zlib_bomb(length: usize) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..length >> 20 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

/// D15: what a decoder would need is reckoned before it gets anything.
#[tokio::test]
async fn a_bomb_of_pixels_is_refused_or_not_opened() {
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    let lines = chunk(b"IDAT", &zlib_bomb(64 << 20));
    // More pixels along a side than a picture may have.
    for bomb in [
        png(60_000, 60_000, std::slice::from_ref(&lines)),
        png(u32::MAX, 1, &[]),
        png(0, 5, &[]),
        [
            b"GIF89a".as_slice(),
            &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x3b],
        ]
        .concat(),
    ] {
        ada.upload(bomb, "", "")
            .await
            .expect(Code::ImageInvalid, 400);
    }
    // As many pixels as are taken, and more than are decoded: its measures are known, and it is a file like any other.
    let wide = ada
        .upload(png(20_000, 20_000, &[lines]), "", "")
        .await
        .expect_ok();
    assert_eq!(
        (&wide["width"], &wide["thumbnailUrl"]),
        (&json!(20_000), &Value::Null)
    );
}

/// D15: texts and profiles of colours that unpack to a thousand times their size.
#[tokio::test]
async fn a_bomb_beside_the_pixels_does_not_unpack() {
    // Before there is a node: this takes seconds, in which the thread of the test does nothing else.
    let (row, bomb) = (chunk(b"IDAT", &zlib_bomb(1 << 20)), zlib_bomb(1 << 30));
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    for (kind, name) in [(b"iCCP", &b"profile\0\0"[..]), (b"zTXt", b"Comment\0\0")] {
        let bomb = chunk(kind, &[name, &bomb].concat());
        let content = png(512, 511, &[bomb, row.clone()]);
        assert!(content.len() < 4 << 20);
        let answer = ada.upload(content, "", "").await;
        let taken = answer.code == 0 || answer.code == Code::ImageInvalid.0;
        assert!(taken, "{answer:?}");
    }
}

/// D15: an animation is looked into as far as its first frame.
#[tokio::test]
async fn a_million_frames_are_one() {
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    let one = picture(400, 400, ImageFormat::Gif);
    let frame = &one[one.iter().position(|byte| *byte == 0x2c).unwrap()..one.len() - 1];
    let frames = (4 << 20) / frame.len();
    let mut content = one[..one.len() - 1].to_vec();
    (0..frames).for_each(|_| content.extend_from_slice(frame));
    content.push(0x3b);
    let file = ada.upload(content, "image/gif", "").await.expect_ok();
    assert_eq!(file["width"], 400);
    assert!(file["thumbnailUrl"].is_string());
}

/// D15.
#[tokio::test]
async fn what_begins_like_a_picture_and_is_none_is_refused() {
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    for format in [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::Gif,
        ImageFormat::WebP,
    ] {
        let whole = picture(600, 500, format);
        let broken = whole[..whole.len() / 3].to_vec();
        let answer = ada.upload(broken, "", "").await;
        assert!(
            [0, Code::ImageInvalid.0].contains(&answer.code),
            "{format:?} {answer:?}"
        );
        let head = whole[..20.min(whole.len())].to_vec();
        ada.upload(head, "", "")
            .await
            .expect(Code::ImageInvalid, 400);
    }
    let script = b"GIF89a/*\xff\xff*/=1;alert(document.domain)//".to_vec();
    ada.upload(script, "", "name=a.gif")
        .await
        .expect(Code::ImageInvalid, 400);
}

/// D15: a picture with a page behind it is a picture, wherever it is opened.
#[tokio::test]
async fn a_picture_that_is_a_page_as_well_is_a_picture() {
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    let mut content = picture(10, 10, ImageFormat::Png);
    content.extend(b"<html><script>alert(1)</script></html>");
    let file = ada.upload(content, "", "name=a.html").await.expect_ok();
    let url = format!("{}{}", app.url, file["url"].as_str().unwrap());
    let response = app.http.get(url).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(
        response.headers()["content-security-policy"],
        "default-src 'none'; sandbox"
    );
}

/// An upload that sends one byte and nothing more.
fn stalled(app: &TestApp, token: &str) -> reqwest::RequestBuilder {
    let first = stream::iter([Ok::<_, std::io::Error>(vec![1_u8])]);
    let body = reqwest::Body::wrap_stream(first.chain(stream::pending()));
    app.http
        .post(app.api("/files"))
        .bearer_auth(token)
        .body(body)
}

/// D15, M6: a body that stands still.
#[tokio::test]
async fn an_upload_that_stands_still_is_given_up() {
    let (app, ..) = start(|config| config.stall_timeout_ms = 100).await;
    let ada = app.user("ada").await;
    let answer = crate::actors::Answer::of(stalled(&app, &ada.token)).await;
    answer.expect(Code::DeadlineExceeded, 504);
}

/// D15: a body that keeps coming, a byte at a time.
#[tokio::test]
async fn an_upload_that_drips_is_given_up() {
    let (app, ..) = start(|config| config.upload_timeout_ms = 300).await;
    let ada = app.user("ada").await;
    let drops = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Ok::<_, std::io::Error>(vec![1_u8]), ()))
    });
    let request = app
        .http
        .post(app.api("/files"))
        .body(reqwest::Body::wrap_stream(drops));
    ada.send(request).await.expect(Code::DeadlineExceeded, 504);
}

/// D15: uploads have places; who finds none comes back, and everything else goes on.
#[tokio::test]
async fn uploads_have_places() {
    let (app, ..) = start(|config| config.uploads = 2).await;
    let ada = app.user("ada").await;
    // An upload of the loop below may have the place at first: then it comes back.
    let hold = || async {
        for _ in 0..1_000 {
            drop(stalled(&app, &ada.token).send().await);
        }
    };
    let refused = async {
        loop {
            let answer = ada.upload(vec![1], "", "").await;
            if answer.code != 0 {
                answer.expect(Code::RetryLater, 503);
                assert!(answer.headers.contains_key("retry-after"));
                return ada.get("/user/profile").await.expect_ok();
            }
        }
    };
    let refused = tokio::time::timeout(Duration::from_secs(20), refused);
    tokio::select! {
        _ = futures_util::future::join(hold(), hold()) => panic!("nobody was refused"),
        told = refused => assert_eq!(told.unwrap()["nickname"], "ADA"),
    }
    // Who held the places has gone.
    let free = async { while ada.upload(vec![1], "", "").await.code != 0 {} };
    tokio::time::timeout(Duration::from_secs(20), free)
        .await
        .unwrap();
}
