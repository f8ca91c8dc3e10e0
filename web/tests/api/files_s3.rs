//! Files in an S3 store: against a server of the few requests that are made, which checks that they are signed.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use im_shared::wire::Code;
use image::ImageFormat;
use parking_lot::Mutex;
use tokio_util::task::AbortOnDropHandle;

use crate::files::{picture, start};

/// The objects by their keys, and parts of those that are not complete.
#[derive(Debug, Default)]
struct Bucket {
    objects: BTreeMap<String, Bytes>,
    parts: BTreeMap<(String, u32), Bytes>,
    requests: usize,
    broken: bool,
}

type Shared = Arc<Mutex<Bucket>>;

async fn serve(
    State(bucket): State<Shared>,
    Query(query): Query<BTreeMap<String, String>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    let mut bucket = bucket.lock();
    bucket.requests += 1;
    if bucket.broken {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let signature = parts.headers[header::AUTHORIZATION].to_str().unwrap();
    assert!(
        signature.starts_with("AWS4-HMAC-SHA256 Credential=reader/"),
        "{signature}"
    );
    let key = parts
        .uri
        .path()
        .strip_prefix("/pictures/")
        .unwrap()
        .to_owned();
    let upload = query.get("uploadId").cloned();
    match (parts.method, upload) {
        (Method::POST, None) if query.contains_key("uploads") => {
            let xml = format!(
                "<InitiateMultipartUploadResult><Bucket>pictures</Bucket><Key>{key}</Key><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
            );
            xml.into_response()
        }
        (Method::PUT, Some(_)) => {
            let number = query["partNumber"].parse().unwrap();
            bucket.parts.insert((key, number), body);
            [(header::ETAG, format!("\"part{number}\""))].into_response()
        }
        (Method::POST, Some(_)) => {
            let parts = std::mem::take(&mut bucket.parts);
            let whole: Vec<u8> = parts.into_values().flat_map(|part| part.to_vec()).collect();
            bucket.objects.insert(key, whole.into());
            "<CompleteMultipartUploadResult><ETag>\"x\"</ETag></CompleteMultipartUploadResult>"
                .into_response()
        }
        (Method::PUT, None) => {
            bucket.objects.insert(key, body);
            [(header::ETAG, "\"x\"")].into_response()
        }
        (Method::DELETE, _) => {
            bucket.objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        (Method::GET, _) => match bucket.objects.get(&key) {
            Some(object) => answer(object, &parts.headers),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        (method, _) => panic!("{method} {key}"),
    }
}

fn answer(object: &Bytes, headers: &HeaderMap) -> Response {
    let common = [
        (header::ETAG, "\"x\""),
        (header::LAST_MODIFIED, "Sat, 21 Nov 2026 12:00:00 GMT"),
    ];
    let Some(range) = headers.get(header::RANGE) else {
        return (common, object.clone()).into_response();
    };
    let (first, last) = range
        .to_str()
        .unwrap()
        .strip_prefix("bytes=")
        .unwrap()
        .split_once('-')
        .unwrap();
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    let told = format!("bytes {first}-{last}/{}", object.len());
    (
        StatusCode::PARTIAL_CONTENT,
        common,
        [(header::CONTENT_RANGE, told)],
        object.slice(first..=last),
    )
        .into_response()
}

async fn bucket() -> (Shared, String, AbortOnDropHandle<()>) {
    let bucket = Shared::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .fallback(serve)
        .with_state(Arc::clone(&bucket));
    let served = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (bucket, endpoint, AbortOnDropHandle::new(served))
}

/// D15: the same files, small and in parts, in a store elsewhere.
#[tokio::test]
async fn files_lie_in_a_bucket_as_in_a_folder() {
    let (bucket, endpoint, _served) = bucket().await;
    let (app, ..) = start(|config| {
        config.store = "s3://pictures/im/test".to_owned();
        config.endpoint = endpoint;
        config.access_key = "reader".to_owned().into();
        config.secret_key = "secret".to_owned().into();
    })
    .await;
    let ada = app.user("ada").await;
    let small = picture(800, 400, ImageFormat::Jpeg);
    let large: Vec<u8> = (0..12_000_000_u32).map(|n| (n % 253) as u8).collect();
    for (content, thumbnail) in [(small, true), (large, false)] {
        let file = ada.upload(content.clone(), "", "").await.expect_ok();
        let url = format!("{}{}", app.url, file["url"].as_str().unwrap());
        let whole = app.http.get(&url).send().await.unwrap();
        assert_eq!(whole.bytes().await.unwrap(), content);
        let part = app
            .http
            .get(&url)
            .header("range", "bytes=100-199")
            .send()
            .await
            .unwrap();
        assert_eq!(part.status(), 206);
        assert_eq!(part.bytes().await.unwrap(), content[100..200]);
        assert_eq!(file["thumbnailUrl"].is_string(), thumbnail);
    }
    let keys: Vec<String> = bucket.lock().objects.keys().cloned().collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert!(
        keys.iter().all(|key| key.starts_with("im/test/")),
        "{keys:?}"
    );

    // A content that is there is not sent again.
    let before = bucket.lock().requests;
    ada.upload(picture(800, 400, ImageFormat::Jpeg), "", "")
        .await
        .expect_ok();
    assert_eq!(bucket.lock().requests, before);
}

/// D15, J4: the store is away; everything else is not.
#[tokio::test]
async fn without_its_bucket_only_files_are_away() {
    let (bucket, endpoint, _served) = bucket().await;
    let (app, ..) = start(|config| {
        config.store = "s3://pictures".to_owned();
        config.endpoint = endpoint;
        config.access_key = "reader".to_owned().into();
        config.secret_key = "secret".to_owned().into();
    })
    .await;
    let ada = app.user("ada").await;
    bucket.lock().broken = true;
    let answer = ada.upload(vec![1; 10], "", "").await;
    answer.expect(Code::Unavailable, 503);
    assert!(!answer.message.contains("pictures"));
    ada.get("/user/profile").await.expect_ok();
    assert!(app.rows("SELECT 1 FROM files", &[]).await.is_empty());
    bucket.lock().broken = false;
    ada.upload(vec![1; 10], "", "").await.expect_ok();
}

/// J9: a store that failed again and again is left alone, and asked again by itself.
#[tokio::test]
async fn a_store_that_fails_is_left_alone_for_a_while() {
    let (bucket, endpoint, _served) = bucket().await;
    let (app, ..) = start(|config| {
        config.store = "s3://pictures".to_owned();
        config.endpoint = endpoint;
        config.access_key = "reader".to_owned().into();
        config.secret_key = "secret".to_owned().into();
    })
    .await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    bucket.lock().broken = true;
    let who = |n: u8| if n.is_multiple_of(2) { &ada } else { &bob };
    let failing = (1..=6).map(|n| who(n).upload(vec![n; 10], "", ""));
    for answer in futures_util::future::join_all(failing).await {
        answer.expect(Code::Unavailable, 503);
    }
    let metrics = app.http.get(format!("{}/metrics", app.ops_url)).send();
    let metrics = metrics.await.unwrap().text().await.unwrap();
    let opened = r#"im_breaker_opened_total{dependency="files"}"#;
    assert!(metrics.contains(opened), "{metrics}");

    bucket.lock().broken = false;
    let works = async {
        while ada.upload(vec![9; 10], "", "").await.status != 201 {
            tokio::task::yield_now().await;
        }
    };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, works).await.unwrap();
}
