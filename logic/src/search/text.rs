//! Which text of an entry is searched. Pure.

use im_shared::content::{Content, File, Image, Notice, Video};
use im_shared::wire::EntryType;

/// The text of a message's content; empty where there is none.
#[must_use]
pub fn searched(type_: EntryType, content: &[u8]) -> String {
    let text = match type_ {
        EntryType::Text => return String::from_utf8_lossy(content).into_owned(),
        EntryType::Image => Image::parse(content).map(|image| image.caption),
        EntryType::Video => Video::parse(content).map(|video| video.caption),
        EntryType::File => File::parse(content).map(|file| file.name),
        EntryType::System => {
            Notice::parse(content).map(|notice| format!("{}\n{}", notice.title, notice.content))
        }
        _ => return String::new(),
    };
    // What was stored was checked; a later version's content has no text that this one knows.
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D16
    #[test]
    fn captions_names_and_notices_are_searched_and_ids_are_not() {
        let image = br#"{"fileId":"f1","mime":"image/png","size":1,"width":1,"height":1,"caption":"a cat"}"#;
        assert_eq!(searched(EntryType::Image, image), "a cat");
        let file = br#"{"fileId":"f1","name":"plan.pdf","mime":"application/pdf","size":1}"#;
        assert_eq!(searched(EntryType::File, file), "plan.pdf");
        assert_eq!(searched(EntryType::Text, b"hi"), "hi");
        assert_eq!(searched(EntryType::Reaction, "+👍".as_bytes()), "");
        assert_eq!(searched(EntryType::Image, b"{"), "");
    }
}
