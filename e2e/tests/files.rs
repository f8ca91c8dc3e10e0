//! Files through the whole system: up at one web node, sent over a session, down from another one; and what the worst of them cost.

use std::io::Cursor;

use anyhow::{Context, Result, ensure};
use im_client::api::UploadedFile;
use im_client::{ApiError, ClientError, Stored};
use im_e2e::{Cluster, Device};
use im_shared::content::{Content as _, Image};
use im_shared::wire::{Code, EntryType};
use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};

/// A picture with something in it.
fn picture(width: u32, height: u32, format: ImageFormat) -> Result<Vec<u8>> {
    let pixel = |x: u32, y: u32| [(x % 251) as u8, (y % 241) as u8, (x * y % 239) as u8];
    let drawn = match format {
        ImageFormat::Png => DynamicImage::from(RgbaImage::from_fn(width, height, |x, y| {
            let [red, green, blue] = pixel(x, y);
            image::Rgba([red, green, blue, 200])
        })),
        _ => DynamicImage::from(RgbImage::from_fn(width, height, |x, y| {
            image::Rgb(pixel(x, y))
        })),
    };
    let mut bytes = Cursor::new(Vec::new());
    drawn.write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}

async fn download(api: &im_client::Api, url: &str) -> Result<Vec<u8>> {
    Ok(api.open_file(url).await?.bytes().await?.to_vec())
}

/// The picture of this message, as a device has it.
async fn shown(device: &Device, stored: &Stored) -> Result<Image> {
    device.reaches(stored.conversation_id, stored.seq).await?;
    let log = device.log(stored.conversation_id);
    let entry = log.iter().find(|entry| entry.seq == stored.seq);
    let entry = entry.filter(|entry| entry.type_ == EntryType::Image);
    Ok(Image::parse(&entry.context("no picture")?.content)?)
}

/// D15, A6: whatever web node is asked.
#[tokio::test]
async fn a_picture_reaches_its_conversation_and_nobody_else() -> Result<()> {
    let cluster = Cluster::builder().access(2).web(2).start().await?;
    let (alice, bob, carol) = (
        cluster.user("alice").await?,
        cluster.user("bob").await?,
        cluster.user("carol").await?,
    );
    alice.befriend(&bob).await?;
    let content = picture(800, 600, ImageFormat::Jpeg)?;
    let api = &alice.account().api;
    let size = content.len() as u64;
    let file = api.upload("sea.jpg", Some(size), content.clone()).await?;
    ensure!(file.mime == "image/jpeg" && file.size == size);

    let device = alice.device();
    let stored = device
        .client()
        .post_and_wait(bob.id(), file.message("the sea"))
        .await?;
    let seen = shown(bob.device(), &stored).await?;
    ensure!(seen.caption == "the sea" && (seen.width, seen.height) == (800, 600));

    let found = bob.account().api.file(&seen.file_id).await?;
    for node in cluster.apis() {
        ensure!(download(node, &found.url).await? == content);
        let small = found.thumbnail_url.as_deref().context("a small picture")?;
        let small = image::load_from_memory(&download(node, small).await?)?;
        ensure!((small.width(), small.height()) == (320, 240));
    }
    let refused =
        |answer: Result<UploadedFile, ApiError>| answer.err().and_then(|error| error.code());
    let stranger = &carol.account().api;
    ensure!(refused(stranger.file(&seen.file_id).await) == Some(Code::FileNotFound));

    // What is said of a file is checked, and only its owner sends it.
    let lie = UploadedFile {
        size: 1,
        ..file.clone()
    };
    for (sender, to, said, code) in [
        (&alice, &bob, lie, Code::FileMismatch),
        (&bob, &alice, file.clone(), Code::FileNotFound),
    ] {
        let sent = sender
            .device()
            .client()
            .post_and_wait(to.id(), said.message(""))
            .await;
        ensure!(
            matches!(&sent, Err(ClientError::Refused { code: found, .. }) if *found == code),
            "{sent:?}"
        );
    }
    let own = bob.account().api.copy_file(&seen.file_id).await?;
    let back = bob.device().client();
    let back = back.post_and_wait(alice.id(), own.message("back")).await?;
    ensure!(shown(alice.device(), &back).await?.file_id == own.file_id);
    Ok(())
}

/// The most memory that a process has had, in MiB, without the pages of its program file: those of an unoptimised program are many.
fn peak(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = |name: &str| -> Result<u64> {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        Ok(number.context("a number")?.parse()?)
    };
    Ok((kib("VmHWM:")? - kib("RssFile:")?) / 1_024)
}

/// D15: pictures as large as they are taken, at once, over and over, and such that only pretend.
#[tokio::test]
async fn pictures_leave_a_web_node_under_a_hundred_megabytes() -> Result<()> {
    // On a slow machine an upload may stand still while pictures are drawn anew.
    let mut cluster = Cluster::builder()
        .setting("IM_WEB_FILES__STALL_TIMEOUT_MS", 120_000)
        .start()
        .await?;
    let alice = cluster.user("alice").await?;
    let api = alice.account().api.clone();
    let mut uploads = vec![
        picture(4_000, 3_000, ImageFormat::Jpeg)?,
        picture(3_000, 3_000, ImageFormat::Png)?,
        picture(2_000, 2_000, ImageFormat::WebP)?,
        picture(1_500, 1_500, ImageFormat::Gif)?,
        vec![7; 40 << 20],
    ];
    // The header says more pixels than a machine has memory for.
    let mut bomb = picture(10, 10, ImageFormat::Gif)?;
    bomb[6..10].copy_from_slice(&[0xff, 0x7f, 0xff, 0x7f]);
    uploads.push(bomb);
    for round in 0..3_u8 {
        let sent = uploads.iter().map(|content| {
            // Behind its end, so that no content is known already.
            let mut content = content.clone();
            content.push(round);
            let api = api.clone();
            async move { api.upload("a", None, content).await }
        });
        for answer in futures_util::future::join_all(sent).await {
            let code = answer.as_ref().err().and_then(ApiError::code);
            ensure!(
                matches!(code, None | Some(Code::ImageInvalid)),
                "{answer:?}"
            );
        }
    }
    let pid = cluster.node("web-1").pid().context("it runs")?;
    let peak = peak(pid)?;
    ensure!(peak < 100, "{peak} MiB");
    Ok(())
}
