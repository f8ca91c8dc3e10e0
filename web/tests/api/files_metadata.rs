//! What a picture tells beside its pixels is not kept: each picture here is built twice, with what a camera or a program writes into it and
//! without, and what is given out is the latter.

use std::io::{Cursor, Write as _};

use im_shared::wire::Code;
use image::metadata::Orientation;
use image::{ImageDecoder as _, ImageFormat, ImageReader};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::app::TestApp;
use crate::files::{picture, start};
use crate::files_hostile::chunk;

/// Stands in everything that must not be kept.
const TOLD: &[u8] = b"52.5163N 13.3777E Ada's camera";

/// An EXIF as cameras write it: how the picture is turned, and where it was taken. TIFF, little-endian.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend(b"\x0f\x01\x02\0\x1e\0\0\0\x26\0\0\0");
    tiff.extend(b"\x12\x01\x03\0\x01\0\0\0");
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    tiff.extend(TOLD);
    tiff
}

/// What is left of it: the orientation. TIFF, big-endian.
fn turn(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
    tiff
}

fn segment(marker: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], &body].concat()
}

/// A JPEG with these segments after its first.
fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
    let plain = picture(800, 400, ImageFormat::Jpeg);
    // SOI and JFIF.
    let (head, rest) = plain.split_at(20);
    [head, &segments.concat(), rest].concat()
}

/// A PNG with these chunks before its pixels.
fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    let plain = picture(800, 400, ImageFormat::Png);
    // Signature and IHDR.
    let (head, rest) = plain.split_at(33);
    [head, &chunks.concat(), rest].concat()
}

fn riff(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    [&kind[..], &length, data, &[0][..data.len() % 2]].concat()
}

/// The pixels of a WebP, as a chunk.
fn pixels(width: u32, height: u32) -> Vec<u8> {
    picture(width, height, ImageFormat::WebP)[12..].to_vec()
}

/// A WebP of 800 by 400 pixels with these chunks after its canvas.
fn webp(flags: u8, chunks: &[Vec<u8>]) -> Vec<u8> {
    let canvas = [flags, 0, 0, 0, 0x1f, 0x03, 0, 0x8f, 0x01, 0];
    let body = [&b"WEBP"[..], &riff(b"VP8X", &canvas), &chunks.concat()].concat();
    riff(b"RIFF", &body)
}

/// A frame of an animated WebP, as large as its canvas.
fn frame() -> Vec<u8> {
    let head = [0, 0, 0, 0, 0, 0, 0x1f, 0x03, 0, 0x8f, 0x01, 0, 100, 0, 0, 0];
    riff(b"ANMF", &[&head[..], &pixels(800, 400)].concat())
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A picture as it comes, and as it is kept.
struct Case {
    name: &'static str,
    format: ImageFormat,
    comes: Vec<u8>,
    kept: Vec<u8>,
}

fn cases() -> Vec<Case> {
    let icc = segment(0xe2, &[b"ICC_PROFILE\0\x01\x01", b"a profile of colours"]);
    let adobe = segment(0xee, &[b"Adobe\0\x64\0\0\0\0\x01"]);
    let jpegs = [
        segment(0xe1, &[b"Exif\0\0", &exif(1)]),
        segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", TOLD]),
        icc.clone(),
        segment(0xe2, &[b"MPF\0", TOLD]),
        segment(0xed, &[b"Photoshop 3.0\0", TOLD]),
        adobe.clone(),
        segment(0xeb, &[b"JP\0\0", TOLD]),
        segment(0xfe, &[TOLD]),
    ];
    let turned = segment(0xe1, &[b"Exif\0\0", &turn(6)]);
    let profile = chunk(
        b"iCCP",
        &[b"p\0\0", &zlib(b"a profile of colours")[..]].concat(),
    );
    let pngs = [
        chunk(b"tEXt", &[b"Author\0", TOLD].concat()),
        chunk(b"zTXt", &[b"Comment\0\0", &zlib(TOLD)[..]].concat()),
        chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", TOLD].concat()),
        chunk(b"tIME", &[7, 0xea, 11, 21, 12, 0, 0]),
        profile.clone(),
        chunk(b"eXIf", &exif(1)),
        chunk(b"prVt", TOLD),
    ];
    // A still picture, and an animation of two frames whose first is the picture.
    let animated = |told: &[Vec<u8>]| {
        let plain = png(&[]);
        let (before, end) = plain.split_at(plain.len() - 12);
        let control = |number: u8| {
            let mut data = [0; 26];
            data[3] = number;
            data[4..12].copy_from_slice(&[0, 0, 3, 0x20, 0, 0, 1, 0x90]);
            chunk(b"fcTL", &data)
        };
        let second = [&[0, 0, 0, 2][..], &zlib(&vec![0; 400 * (800 * 3 + 1)])].concat();
        let head = [
            told.concat(),
            chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]),
            control(0),
        ]
        .concat();
        let tail = [control(1), chunk(b"fdAT", &second), told.concat()].concat();
        [&before[..33], &head, &before[33..], &tail, end].concat()
    };
    let colours = riff(b"ICCP", b"a profile of colours");
    let anim = riff(b"ANIM", &[0; 6]);
    let told = [
        riff(b"EXIF", &exif(1)),
        riff(b"XMP ", TOLD),
        riff(b"prvt", TOLD),
    ]
    .concat();
    let case = |name, format, comes, kept| Case {
        name,
        format,
        comes,
        kept,
    };
    vec![
        case(
            "a JPEG",
            ImageFormat::Jpeg,
            jpeg(&jpegs),
            jpeg(&[icc.clone(), adobe]),
        ),
        case(
            "a JPEG that is turned",
            ImageFormat::Jpeg,
            jpeg(&[segment(0xe1, &[b"Exif\0\0", &exif(6)]), icc.clone()]),
            jpeg(&[turned, icc]),
        ),
        case(
            "a JPEG with another behind it",
            ImageFormat::Jpeg,
            [jpeg(&[]), jpeg(&jpegs)].concat(),
            jpeg(&[]),
        ),
        case(
            "a PNG",
            ImageFormat::Png,
            png(&pngs),
            png(std::slice::from_ref(&profile)),
        ),
        case(
            "a PNG that is turned",
            ImageFormat::Png,
            png(&[chunk(b"eXIf", &exif(6))]),
            png(&[chunk(b"eXIf", &turn(6))]),
        ),
        case(
            "an animated PNG",
            ImageFormat::Png,
            animated(&pngs[..2]),
            animated(&[]),
        ),
        case(
            "a WebP",
            ImageFormat::WebP,
            webp(0x2c, &[colours.clone(), pixels(800, 400), told.clone()]),
            webp(0x20, &[colours, pixels(800, 400)]),
        ),
        case(
            "a WebP that is turned",
            ImageFormat::WebP,
            webp(
                0x0c,
                &[
                    pixels(800, 400),
                    riff(b"EXIF", &exif(6)),
                    riff(b"XMP ", TOLD),
                ],
            ),
            webp(0x08, &[pixels(800, 400), riff(b"EXIF", &turn(6))]),
        ),
        case(
            "an animated WebP",
            ImageFormat::WebP,
            webp(0x0e, &[anim.clone(), frame(), frame(), told]),
            webp(0x02, &[anim, frame(), frame()]),
        ),
    ]
}

async fn bytes(app: &TestApp, path: &Value) -> Vec<u8> {
    let url = format!("{}{}", app.url, path.as_str().unwrap());
    let answer = app.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().to_vec()
}

fn orientation(content: &[u8], format: ImageFormat) -> Orientation {
    let reader = ImageReader::with_format(Cursor::new(content), format);
    reader.into_decoder().unwrap().orientation().unwrap()
}

/// D15: EXIF with its place, XMP, IPTC, comments and texts go; pixels, colours, animations and how it is turned stay.
#[tokio::test]
async fn what_a_picture_tells_beside_its_pixels_is_not_kept() {
    let (app, ..) = start(|_| {}).await;
    let ada = app.user("ada").await;
    for Case {
        name,
        format,
        comes,
        kept,
    } in cases()
    {
        let file = ada.upload(comes.clone(), "", "").await.expect_ok();
        let content = bytes(&app, &file["url"]).await;
        assert!(
            content == kept,
            "{name}: {} of {}",
            content.len(),
            kept.len()
        );
        assert!(
            !content.windows(TOLD.len()).any(|words| words == TOLD),
            "{name}"
        );
        let hash: String = Sha256::digest(&kept)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            (&file["size"], &file["sha256"]),
            (&json!(kept.len()), &json!(hash)),
            "{name}"
        );
        let before = image::load_from_memory_with_format(&comes, format).unwrap();
        let after = image::load_from_memory_with_format(&content, format).unwrap();
        assert!(before == after, "{name}: the pixels");

        let turned = name.ends_with("turned");
        let (sides, small_sides) = if turned {
            ([400, 800], (160, 320))
        } else {
            ([800, 400], (320, 160))
        };
        assert_eq!(
            json!([file["width"], file["height"]]),
            json!(sides),
            "{name}"
        );
        let small = image::load_from_memory(&bytes(&app, &file["thumbnailUrl"]).await).unwrap();
        assert_eq!((small.width(), small.height()), small_sides, "{name}");
        assert_eq!(
            orientation(&comes, format),
            orientation(&content, format),
            "{name}"
        );
        assert_eq!(
            orientation(&content, format) == Orientation::Rotate90,
            turned,
            "{name}"
        );
    }
}

/// D15: the same picture of two cameras is one content, and an upload that is repeated is the same file.
#[tokio::test]
async fn pictures_that_differ_in_what_they_tell_are_one_content() {
    let (app, ..) = start(|_| {}).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let told = |words: &[u8]| jpeg(&[segment(0xfe, &[words])]);
    let first = ada
        .upload(told(b"Ada's"), "image/jpeg", "")
        .await
        .expect_ok();
    let second = bob
        .upload(told(b"Bob's own"), "", "purpose=avatar")
        .await
        .expect_ok();
    assert_eq!(first["sha256"], second["sha256"]);
    assert_eq!(app.rows("SELECT 1 FROM blobs", &[]).await.len(), 1);

    let upload = |content: Vec<u8>| {
        let request = app.http.post(app.api("/files")).body(content);
        ada.send(request.header("idempotency-key", "0193b2f0-0000-7000-8000-000000000001"))
    };
    let once = upload(told(b"one")).await.expect_ok();
    assert_eq!(
        upload(told(b"one")).await.expect_ok()["fileId"],
        once["fileId"]
    );
}

/// D15: too large to be looked into, and stripped all the same; a container that cannot be read is no picture, however large it is.
#[tokio::test]
async fn a_picture_that_is_not_looked_into_tells_nothing_either() {
    let (app, ..) = start(|config| config.max_image_bytes = 1_000).await;
    let ada = app.user("ada").await;
    let comes = jpeg(&[segment(0xe1, &[b"Exif\0\0", &exif(1)])]);
    let file = ada.upload(comes.clone(), "", "").await.expect_ok();
    assert_eq!(file["width"], Value::Null);
    assert!(bytes(&app, &file["url"]).await == jpeg(&[]));
    for broken in [
        [&comes[..30], &[0; 2_000][..]].concat(),
        [&b"\x89PNG\r\n\x1a\n"[..], &[0xff; 2_000]].concat(),
        [
            &b"RIFF\xff\xff\0\0WEBPVP8 \xff\xff\xff\xff"[..],
            &[0; 2_000],
        ]
        .concat(),
    ] {
        let answer = ada.upload(broken, "", "").await;
        answer.expect(Code::ImageInvalid, 400);
    }
}
