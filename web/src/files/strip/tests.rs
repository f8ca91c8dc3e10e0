use std::io::{Cursor, ErrorKind};

use image::{DynamicImage, ImageFormat, ImageReader, RgbImage};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{strip, turn};

const FORMATS: [(ImageFormat, &[u8]); 3] = [
    (ImageFormat::Jpeg, b"\xff\xd8\xff"),
    (ImageFormat::Png, b"\x89PNG\r\n\x1a\n"),
    (ImageFormat::WebP, b"RIFF\xff\xff\0\0WEBP"),
];

fn stripped(bytes: &[u8], format: ImageFormat) -> std::io::Result<Vec<u8>> {
    let mut output = Cursor::new(Vec::new());
    strip(&mut &*bytes, &mut output, format)?;
    Ok(output.into_inner())
}

fn picture(format: ImageFormat) -> Vec<u8> {
    let pixels = RgbImage::from_fn(24, 17, |x, y| {
        image::Rgb([(x * 9) as u8, (y * 13) as u8, (x * y) as u8])
    });
    let mut bytes = Cursor::new(Vec::new());
    let drawn = DynamicImage::from(pixels);
    drawn.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Whatever comes: an error of the picture, or a picture that is stripped.
fn holds(bytes: &[u8], format: ImageFormat) {
    match stripped(bytes, format) {
        Ok(once) => {
            assert_eq!(stripped(&once, format).unwrap(), once, "nothing is left");
            // Decoders each guess what a JPEG meant whose pixels are broken; the others have checksums, or refuse.
            if format == ImageFormat::Jpeg {
                return;
            }
            let shown = |bytes| {
                let reader = ImageReader::with_format(Cursor::new(bytes), format);
                reader.decode().ok().map(DynamicImage::into_rgba8)
            };
            if let Some(before) = shown(bytes.to_vec()) {
                assert!(shown(once) == Some(before), "it looks the same: {bytes:?}");
            }
        }
        Err(error) => assert!(super::is_broken(&error), "{error}"),
    }
}

proptest! {
    /// D15: arbitrary bytes, with and without the beginning of a picture.
    #[test]
    fn arbitrary_bytes_are_refused_or_stripped(bytes in vec(any::<u8>(), 0..600)) {
        for (format, magic) in FORMATS {
            holds(&bytes, format);
            holds(&[magic, &bytes].concat(), format);
        }
    }

    /// D15: pictures that were changed, cut or lengthened somewhere.
    #[test]
    fn broken_pictures_are_refused_or_stripped(
        at in any::<prop::sample::Index>(),
        gone in 0..40_usize,
        put in vec(any::<u8>(), 0..40),
    ) {
        for (format, _) in FORMATS {
            let mut bytes = picture(format);
            let at = at.index(bytes.len());
            let end = bytes.len().min(at + gone);
            bytes.splice(at..end, put.iter().copied());
            holds(&bytes, format);
        }
    }

    /// D15: an EXIF of anything.
    #[test]
    fn an_exif_of_anything_leaves_a_turn_or_nothing(bytes in vec(any::<u8>(), 0..200)) {
        for mark in [&b"II*\0\x08\0\0\0"[..], b"MM\0*\0\0\0\x08", b""] {
            let exif = [mark, &bytes].concat();
            if let Some(left) = turn(&exif) {
                prop_assert_eq!(turn(&left), Some(left));
            }
        }
    }
}

/// D15.
#[test]
fn a_picture_that_tells_nothing_stays_as_it_is() {
    for (format, _) in FORMATS {
        let bytes = picture(format);
        assert_eq!(stripped(&bytes, format).unwrap(), bytes, "{format:?}");
        let followed = [&bytes[..], b"\xff\xe1what follows the end"].concat();
        assert_eq!(stripped(&followed, format).unwrap(), bytes, "{format:?}");
    }
}

/// D15.
#[test]
fn a_turn_is_kept_where_there_is_one() {
    for number in 0..=9_u8 {
        let exif = [
            b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
            &[number][..],
            &[0; 7],
        ];
        let left = turn(&exif.concat());
        assert_eq!(
            left.map(|left| left[19]),
            (2..=8).contains(&number).then_some(number)
        );
    }
}

/// A disk that is full is no fault of the picture.
#[test]
fn an_output_that_fails_is_told_apart() {
    let mut full = [0; 30];
    let error = strip(
        &mut &*picture(ImageFormat::Png),
        &mut Cursor::new(&mut full[..]),
        ImageFormat::Png,
    );
    assert_eq!(error.unwrap_err().kind(), ErrorKind::WriteZero);
}
