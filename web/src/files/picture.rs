//! What a picture measures, and a small one of it. Files come from anybody: what a decoder would need is reckoned from the header before it
//! gets anything, and one that needs more than [`BUDGET`] keeps its measures and gets no small picture.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};

use im_shared::wire::Code;
use image::codecs::jpeg::JpegEncoder;
use image::error::ImageError;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::error::ApiError;

/// What decoding one picture may take, in bytes. With what a web node takes otherwise, and one picture at a time, it stays below 100 MB.
pub const BUDGET: u64 = 48 << 20;

/// Pixels along one side; `shared/src/content/media.rs` has the same.
const MAX_SIDE: u32 = 32_768;

/// Pixels along the longer side of a small picture.
const THUMBNAIL: u32 = 320;

/// Of the small JPEG, of 100.
const QUALITY: u8 = 80;

/// A small picture's type, as `blobs.thumbnail` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Small {
    /// Without transparency.
    Jpeg = 1,
    /// With transparency.
    Png = 2,
}

impl Small {
    /// From `blobs.thumbnail`.
    #[must_use]
    pub const fn from_sql(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Jpeg),
            2 => Some(Self::Png),
            _ => None,
        }
    }

    /// For `blobs.thumbnail`.
    #[must_use]
    pub const fn to_sql(self) -> i16 {
        self as i16
    }

    /// Its type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// A small picture.
#[derive(Debug, Clone)]
pub struct Thumbnail {
    kind: Small,
    /// As it is kept.
    pub bytes: Vec<u8>,
}

impl Thumbnail {
    /// Its type.
    #[must_use]
    pub const fn kind(&self) -> Small {
        self.kind
    }
}

/// What is known of a picture. 0 by 0 is none.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// Pixels, as it is shown.
    pub width: u32,
    /// Pixels, as it is shown.
    pub height: u32,
    /// Where it is worth its while and within the budget.
    pub thumbnail: Option<Thumbnail>,
}

/// Looks at a picture of `size` bytes. Blocks for as long as the decoder takes.
///
/// # Errors
/// `ImageInvalid`: it cannot be read, or has more than 32,768 pixels along a side.
pub fn examine(file: File, format: ImageFormat, size: u64) -> Result<Picture, ApiError> {
    let invalid = |error: &dyn std::fmt::Display| {
        tracing::debug!(%error, "a picture is refused");
        ApiError::Refused(Code::ImageInvalid)
    };
    let progressive = format == ImageFormat::Jpeg
        && is_progressive(&file).map_err(|error| ApiError::internal("reading an upload", error))?;
    let mut reader = ImageReader::with_format(BufReader::new(file), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(BUDGET);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| invalid(&error))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(invalid(&"it has no pixels"));
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let turned = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (shown_width, shown_height) = if turned {
        (height, width)
    } else {
        (width, height)
    };
    let mut picture = Picture {
        width: shown_width,
        height: shown_height,
        thumbnail: None,
    };
    let pixels = u64::from(width) * u64::from(height);
    if cost(format, progressive, pixels, decoder.total_bytes(), size) > BUDGET {
        return Ok(picture);
    }
    let decoded = match DynamicImage::from_decoder(decoder) {
        Ok(decoded) => decoded,
        Err(ImageError::Limits(_) | ImageError::Unsupported(_)) => return Ok(picture),
        Err(error) => return Err(invalid(&error)),
    };
    if width.max(height) > THUMBNAIL {
        let mut small = decoded.thumbnail(THUMBNAIL, THUMBNAIL);
        drop(decoded);
        small.apply_orientation(orientation);
        picture.thumbnail = Some(encode(&small).map_err(|error| invalid(&error))?);
    }
    Ok(picture)
}

/// What the decoder of `image` 0.25 takes, in bytes: the pixels themselves, what it holds beside them, and of some formats the file.
fn cost(format: ImageFormat, progressive: bool, pixels: u64, decoded: u64, size: u64) -> u64 {
    let beside = match format {
        // Coefficients of 16 bits of up to three components, for the whole picture.
        ImageFormat::Jpeg if progressive => size + pixels.saturating_mul(6),
        ImageFormat::Jpeg => size,
        // A frame beside the canvas, or planes and a frame.
        ImageFormat::Gif => pixels,
        ImageFormat::WebP => size + pixels.saturating_mul(4),
        // A row or two.
        _ => 0,
    };
    decoded.saturating_add(beside)
}

fn encode(small: &DynamicImage) -> Result<Thumbnail, ImageError> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let kind = if small.color().has_alpha() {
        DynamicImage::from(small.to_rgba8()).write_to(&mut bytes, ImageFormat::Png)?;
        Small::Png
    } else {
        JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&small.to_rgb8())?;
        Small::Jpeg
    };
    Ok(Thumbnail {
        kind,
        bytes: bytes.into_inner(),
    })
}

/// Whether a JPEG comes in several scans of the whole picture, by the marker of its frame. Its place of reading is at the beginning again.
fn is_progressive(file: &File) -> std::io::Result<bool> {
    let mut reader = BufReader::new(file);
    let found = frame_marker(&mut reader);
    (&*file).seek(SeekFrom::Start(0))?;
    match found {
        Ok(marker) => Ok(!matches!(marker, 0xc0 | 0xc1)),
        // Broken off: the decoder says so, too.
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(true),
        Err(error) => Err(error),
    }
}

/// The first marker of a frame (SOF0 to SOF15 but for three others), or the end.
fn frame_marker(reader: &mut BufReader<&File>) -> std::io::Result<u8> {
    let mut two = [0; 2];
    reader.read_exact(&mut two)?;
    loop {
        reader.read_exact(&mut two)?;
        while two == [0xff, 0xff] {
            reader.read_exact(&mut two[1..])?;
        }
        let marker = two[1];
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if two[0] != 0xff || is_frame || marker == 0xda || marker == 0xd9 {
            return Ok(marker);
        }
        reader.read_exact(&mut two)?;
        let length = i64::from(u16::from_be_bytes(two));
        reader.seek_relative((length - 2).max(0))?;
    }
}
