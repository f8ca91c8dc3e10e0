//! The type of a file by its content: the name proves nothing, and what a browser would run (HTML, SVG, XML) is bytes like any other.

use image::ImageFormat;

/// So much of the beginning is looked at, in bytes.
pub const HEAD: usize = 64;

/// What is not known.
pub const UNKNOWN: &str = "application/octet-stream";

/// What a content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// As `image/png`.
    pub mime: &'static str,
    /// How it is decoded, of a picture that is shown.
    pub format: Option<ImageFormat>,
}

impl Kind {
    const fn of(mime: &'static str) -> Self {
        Self { mime, format: None }
    }

    const fn picture(mime: &'static str, format: ImageFormat) -> Self {
        Self {
            mime,
            format: Some(format),
        }
    }

    /// Whether a declared type, such as `image/png`, is of another family: a picture that is none, for example.
    #[must_use]
    pub fn contradicts(self, declared: &str) -> bool {
        let family = declared.split('/').next().unwrap_or_default().trim();
        ["image", "audio", "video"]
            .iter()
            .any(|known| family.eq_ignore_ascii_case(known))
            && !self
                .mime
                .split('/')
                .next()
                .is_some_and(|own| own.eq_ignore_ascii_case(family))
    }

    /// Whether a browser may show or play it in its place; everything else is saved.
    #[must_use]
    pub fn is_shown(mime: &str) -> bool {
        ["image/", "audio/", "video/"]
            .iter()
            .any(|family| mime.starts_with(family))
    }
}

/// The type of what begins with `head`. Where one container holds sound or pictures, `declared` (`audio/webm`) says which; it says nothing else.
#[must_use]
pub fn sniff(head: &[u8], declared: &str) -> Kind {
    let at = |place: usize, magic: &[u8]| {
        head.get(place..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    let sound = declared.trim().to_ascii_lowercase().starts_with("audio/");
    let either = |audio, video| Kind::of(if sound { audio } else { video });
    match () {
        () if at(0, b"\x89PNG\r\n\x1a\n") => Kind::picture("image/png", ImageFormat::Png),
        () if at(0, b"\xff\xd8\xff") => Kind::picture("image/jpeg", ImageFormat::Jpeg),
        () if at(0, b"GIF87a") || at(0, b"GIF89a") => Kind::picture("image/gif", ImageFormat::Gif),
        () if at(0, b"RIFF") && at(8, b"WEBP") => Kind::picture("image/webp", ImageFormat::WebP),
        () if at(0, b"RIFF") && at(8, b"WAVE") => Kind::of("audio/wav"),
        () if at(0, b"%PDF-") => Kind::of("application/pdf"),
        () if at(0, b"\x1a\x45\xdf\xa3") => either("audio/webm", "video/webm"),
        () if at(0, b"OggS") && !at(28, b"\x80theora") => Kind::of("audio/ogg"),
        () if at(0, b"OggS") => Kind::of("video/ogg"),
        () if at(4, b"ftypM4A ") || at(4, b"ftypM4B ") => Kind::of("audio/mp4"),
        () if at(4, b"ftypqt  ") => Kind::of("video/quicktime"),
        () if at(4, b"ftypavif") || at(4, b"ftyphei") || at(4, b"ftypmif1") => Kind::of(UNKNOWN),
        () if at(4, b"ftyp") => either("audio/mp4", "video/mp4"),
        () if at(0, b"ID3") || is_mpeg_audio(head) => Kind::of("audio/mpeg"),
        () if at(0, b"fLaC") => Kind::of("audio/flac"),
        () if at(0, b"PK\x03\x04") || at(0, b"PK\x05\x06") => Kind::of("application/zip"),
        () if at(0, b"\x1f\x8b\x08") => Kind::of("application/gzip"),
        () => Kind::of(UNKNOWN),
    }
}

/// A frame of MPEG layer III without a tag before it: sync word, a legal version, layer, bit rate and sampling rate.
fn is_mpeg_audio(head: &[u8]) -> bool {
    matches!(head, [0xff, second, third, ..]
        if second & 0xe6 == 0xe2 && second & 0x18 != 0x08 && third >> 4 != 0x0f && third >> 4 != 0 && third & 0x0c != 0x0c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D15.
    #[test]
    fn the_content_decides() {
        for (head, mime) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"GIF89a", "image/gif"),
            (b"RIFF....WEBPVP8 ", "image/webp"),
            (b"RIFF....WAVEfmt ", "audio/wav"),
            (b"%PDF-1.7", "application/pdf"),
            (b"OggS\0\x02........................", "audio/ogg"),
            (b"\0\0\0\x20ftypisom", "video/mp4"),
            (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
            (b"ID3\x04", "audio/mpeg"),
            (b"\xff\xfb\x90\x00", "audio/mpeg"),
            (b"fLaC", "audio/flac"),
            (b"PK\x03\x04", "application/zip"),
            (b"<!doctype html><script>", UNKNOWN),
            (b"<svg xmlns=", UNKNOWN),
            (b"<?xml version", UNKNOWN),
            (b"\xff\xff\xff\xff", UNKNOWN),
            (b"", UNKNOWN),
        ] {
            assert_eq!(sniff(head, "text/html").mime, mime);
        }
    }

    /// D15: a voice message is a container that may hold a video as well.
    #[test]
    fn a_declared_type_only_chooses_between_sound_and_video() {
        let webm = b"\x1a\x45\xdf\xa3....";
        assert_eq!(sniff(webm, "audio/webm;codecs=opus").mime, "audio/webm");
        assert_eq!(sniff(webm, "image/png").mime, "video/webm");
        assert_eq!(sniff(b"<html>", "audio/webm").mime, UNKNOWN);
        let page = sniff(b"<html>", "");
        assert!(
            page.contradicts("image/png")
                && !page.contradicts("")
                && !page.contradicts("text/plain")
        );
        assert!(
            !sniff(b"GIF89a", "").contradicts("image/png"),
            "the same family"
        );
    }
}
