//! What is sent: title, link, owner and due date, and nothing else of an incident.

use crate::config::notify::Format;
use model::{
    Timestamp,
    bundle::hex,
    notice::{Notice, NoticeKind},
    words::printable,
};
use ring::hmac;
use serde_json::{Value, json};

/// Header with the notice's id: the same in every attempt.
pub const DELIVERY: &str = "lineup-delivery";
/// Header with what it is about.
pub const EVENT: &str = "lineup-event";
/// Header with the time of sending, seconds since the epoch.
pub const TIMESTAMP: &str = "lineup-timestamp";
/// Header with the signature, see [`signature`].
pub const SIGNATURE: &str = "lineup-signature";

/// Longest title and name that are sent, characters.
const LONGEST: usize = 300;

/// `v1=` and the hexadecimal HMAC-SHA256 of the time of sending, a full stop and the body. With the time in it,
/// who listens in cannot send the same again later.
pub fn signature(secret: &[u8], timestamp_s: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut context = hmac::Context::with_key(&key);
    context.update(timestamp_s.to_string().as_bytes());
    context.update(b".");
    context.update(body);
    format!("v1={}", hex(context.sign().as_ref()))
}

/// The body of a message. `link` is what paths are put behind.
pub(super) fn body(notice: &Notice, format: Format, link: Option<&str>) -> String {
    let href = link.map(|link| format!("{}{}", link.trim_end_matches('/'), notice.path));
    let value = match format {
        Format::Webhook => webhook(notice, href),
        Format::Slack => json!({"text": chat(notice, href.as_deref())}),
    };
    value.to_string()
}

fn webhook(notice: &Notice, href: Option<String>) -> Value {
    let mut out = json!({
        "schema": "lineup.notice/1",
        "id": notice.id,
        "event": notice.kind.as_str(),
        "at": notice.at.to_string(),
        "title": short(&notice.title),
    });
    let more = [
        ("link", href.map(Value::from)),
        ("version", notice.version.map(Value::from)),
        (
            "owner",
            (!notice.owner.is_empty()).then(|| Value::from(short(&notice.owner))),
        ),
        ("due", notice.due.map(|due| Value::from(due.to_string()))),
    ];
    if let Value::Object(fields) = &mut out {
        for (name, value) in more {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        }
    }
    out
}

/// A line of mrkdwn ("Formatting text for app surfaces", Slack API): `&`, `<` and `>` are written as entities, so
/// that nothing in a title is a link or a mention. Others that take the same JSON also look for `@channel` in
/// plain text, so an at sign is followed by a character of no width.
fn chat(notice: &Notice, href: Option<&str>) -> String {
    let title = escaped(&notice.title);
    let title = match href {
        Some(href) => format!("<{href}|{}>", title.replace('|', "¦")),
        None => title,
    };
    match notice.kind {
        NoticeKind::Published => {
            let version = notice
                .version
                .map_or_else(String::new, |v| format!(" (version {v})"));
            format!("Postmortem published: {title}{version}")
        }
        NoticeKind::Assigned => {
            let due = notice.due.map_or_else(String::new, |due: Timestamp| {
                format!(", due {}", due.date())
            });
            format!("Action item for {}: {title}{due}", escaped(&notice.owner))
        }
    }
}

fn escaped(text: &str) -> String {
    short(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('@', "@\u{200b}")
}

/// One line, not too long.
fn short(text: &str) -> String {
    let line = printable(text.trim());
    if line.chars().count() <= LONGEST {
        return line;
    }
    let cut: String = line.chars().take(LONGEST - 1).collect();
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(kind: NoticeKind) -> Notice {
        Notice {
            id: "n1".into(),
            receiver: "chat".into(),
            kind,
            incident: model::IncidentId("i1".into()),
            title: "Slow <shop> & @channel | <!here>\nnext".into(),
            path: "/incidents/i1/report".into(),
            owner: "Kim".into(),
            due: Some(Timestamp::from_seconds(1_590_969_600)),
            version: Some(2),
            at: Timestamp::from_seconds(1_590_000_000),
        }
    }

    #[test]
    fn a_chat_gets_one_line_in_which_nothing_is_markup() {
        let link = Some("https://lineup.example/");
        let text = |kind, link| -> String {
            let body: Value =
                serde_json::from_str(&body(&notice(kind), Format::Slack, link)).unwrap();
            assert_eq!(body.as_object().unwrap().len(), 1);
            body["text"].as_str().unwrap().to_owned()
        };
        assert_eq!(
            text(NoticeKind::Published, link),
            "Postmortem published: <https://lineup.example/incidents/i1/report|Slow &lt;shop&gt; &amp; \
             @\u{200b}channel ¦ &lt;!here&gt;\u{fffd}next> (version 2)"
        );
        let plain = text(NoticeKind::Assigned, None);
        assert!(plain.starts_with("Action item for Kim: Slow"), "{plain}");
        assert!(plain.ends_with(", due 2020-06-01"), "{plain}");
        assert!(!plain.contains('<') && !plain.contains("@c"), "{plain}");
    }

    #[test]
    fn a_webhook_gets_title_link_owner_and_due_and_no_more() {
        let link = Some("https://lineup.example");
        let value: Value =
            serde_json::from_str(&body(&notice(NoticeKind::Assigned), Format::Webhook, link))
                .unwrap();
        let keys: Vec<&str> = value
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut wanted = [
            "schema", "id", "event", "at", "title", "link", "version", "owner", "due",
        ];
        wanted.sort_unstable();
        let mut keys = keys;
        keys.sort_unstable();
        assert_eq!(keys, wanted);
        let long = Notice {
            title: "x".repeat(10_000),
            ..notice(NoticeKind::Published)
        };
        assert!(body(&long, Format::Webhook, None).len() < 1_000);
    }

    #[test]
    fn the_signature_is_what_others_make_of_the_same() {
        // printf '1590000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
        let made = signature(b"0123456789abcdef", 1_590_000_000, b"{\"a\":1}");
        assert_eq!(made, EXPECTED);
        assert_ne!(
            made,
            signature(b"0123456789abcdef", 1_590_000_001, b"{\"a\":1}")
        );
    }

    const EXPECTED: &str = "v1=0fc3f09079c1860fcc9171d41e04726d861599b84c2074dbda8b81a78881ef41";
}
