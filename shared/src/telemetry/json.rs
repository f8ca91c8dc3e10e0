//! One JSON object per log line (J1, K4).
//!
//! Each line has `time`, `level`, `program`, `node`, `target` and `message`; then the fields of the event, and those of the spans that
//! it happened in (`trace_id`, `user_id` and so on), flat. An inner field wins over an outer one of the same name.

use std::fmt;
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// These belong to the line itself; a field of such a name gets a `_` behind it.
const OWN: [&str; 5] = ["time", "level", "program", "node", "target"];

/// Writes events as JSON.
#[derive(Debug)]
pub struct JsonLayer<W> {
    program: String,
    node: String,
    writer: W,
}

impl<W> JsonLayer<W> {
    /// Lines of the process `node` of `program` go to `writer`.
    pub fn new(program: &str, node: &str, writer: W) -> Self {
        Self {
            program: program.to_owned(),
            node: node.to_owned(),
            writer,
        }
    }
}

/// The fields of a span, kept with it.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl<S, W> Layer<S> for JsonLayer<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = Map::new();
        let mut put = |name: &str, value: &str| line.insert(name.to_owned(), value.into());
        put("time", &format_time(SystemTime::now()));
        put("level", metadata.level().as_str());
        put("program", &self.program);
        put("node", &self.node);
        put("target", metadata.target());
        for span in context
            .event_scope(event)
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.extend(fields.0.clone());
            }
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        line.extend(fields.0);
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        // A log that cannot be written has nowhere to say so.
        let _ = self.writer.make_writer().write_all(text.as_bytes());
    }
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        let name = field.name();
        let name = name.strip_prefix("r#").unwrap_or(name);
        let name = if OWN.contains(&name) {
            format!("{name}_")
        } else {
            name.to_owned()
        };
        self.0.insert(name, value);
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut source = value.source();
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        self.put(field, text.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}").into());
    }
}

/// `2026-11-21T10:34:23.123456Z`
fn format_time(time: SystemTime) -> String {
    let elapsed = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let seconds = elapsed.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let of_day = seconds % 86_400;
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let micros = elapsed.subsec_micros();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Year, month and day of a number of days since 1970, by counting from March 1st of year 0 in periods of 400 years.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn lines(log: impl FnOnce()) -> Vec<Value> {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = JsonLayer::new("access", "access-1", move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, log);
        let text = String::from_utf8(lines.0.lock().clone()).unwrap();
        let parse = |line: &str| serde_json::from_str(line).unwrap();
        text.lines().map(parse).collect()
    }

    /// J1.
    #[test]
    fn every_line_says_who_speaks_and_for_whom() {
        let lines = lines(|| {
            let outer = tracing::info_span!("session", user_id = 7, trace_id = "outer");
            let _outer = outer.enter();
            let inner = tracing::info_span!("frame", trace_id = tracing::field::Empty);
            inner.record("trace_id", "inner");
            let _inner = inner.enter();
            tracing::warn!(node = "x", count = 2, "it \"happened\"\n");
        });
        let line = &lines[0];
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["program"], "access");
        assert_eq!(line["node"], "access-1");
        assert_eq!(line["node_"], "x");
        assert_eq!(line["message"], "it \"happened\"\n");
        assert_eq!(line["count"], 2);
        assert_eq!(line["user_id"], 7);
        assert_eq!(line["trace_id"], "inner");
        assert_eq!(line["time"].as_str().unwrap().len(), 27);
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn an_error_is_told_with_its_sources() {
        let lines = lines(|| {
            let source = std::io::Error::other("inside");
            let error = crate::tokens::KeyError::File {
                path: "k.pem".into(),
                source,
            };
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "failed");
        });
        assert_eq!(lines[0]["error"], "key file k.pem: inside");
    }

    #[test]
    fn times_are_as_in_rfc_3339() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(format_time(time), text);
        }
    }
}
