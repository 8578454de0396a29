//! What the API server writes, read into what a history takes in.

use super::super::{api::Line, trouble::Trouble};
use crate::kubernetes::{
    history::Told,
    meta::short,
    object::Object,
    part::{Part, Resource},
};
use kube::core::Status;
use serde_json::Value;

/// An object of a list.
pub(in crate::kubernetes::cluster) fn item_of(part: Part, resource: &Resource, json: &str) -> Told {
    match Object::read(part, resource.group == "events.k8s.io", json) {
        Ok(object) => Told::Item(object),
        Err(error) => unread(part, json, &error),
    }
}

fn unread(part: Part, json: &str, error: &serde_json::Error) -> Told {
    let object: Value = serde_json::from_str(json).unwrap_or_default();
    let field = |path| object.pointer(path).and_then(Value::as_str).unwrap_or("");
    Told::Unread {
        what: format!(
            "{} {}/{} cannot be read and is left out: {}",
            part.kind(),
            short(field("/metadata/namespace"), 253),
            short(field("/metadata/name"), 253),
            short(&error.to_string(), 300)
        ),
    }
}

/// One line of a watch.
pub(in crate::kubernetes::cluster) fn read(
    part: Part,
    resource: &Resource,
    line: &str,
) -> Result<Option<Told>, Trouble> {
    let new_events = resource.group == "events.k8s.io";
    if let Some((kind, json)) = as_written(line)
        && let Ok(object) = Object::read(part, new_events, json)
    {
        return Ok(Some(changed(kind, object)));
    }
    let line: Line<'_> = serde_json::from_str(line).map_err(|e| Trouble::Broken {
        detail: format!("a line that is no JSON: {}", short(&e.to_string(), 300)),
    })?;
    let json = line.object.get();
    match &*line.kind {
        "ADDED" | "MODIFIED" | "DELETED" => Ok(Some(match Object::read(part, new_events, json) {
            Ok(object) => changed(&line.kind, object),
            Err(error) => unread(part, json, &error),
        })),
        "BOOKMARK" => {
            let object: Value = serde_json::from_str(json).unwrap_or_default();
            let version = object
                .pointer("/metadata/resourceVersion")
                .and_then(Value::as_str);
            Ok(version.map(|version| Told::Bookmark {
                version: version.to_owned(),
            }))
        }
        "ERROR" => {
            let status: Status = serde_json::from_str(json).map_err(|e| Trouble::Malformed {
                detail: short(&e.to_string(), 300),
            })?;
            Err(Trouble::of_status(status.code, None, json.as_bytes()))
        }
        other => Err(Trouble::Malformed {
            detail: format!("a watch event of type '{}'", short(other, 40)),
        }),
    }
}

/// Of a line that tells of a change, as API servers write it: the type and what looks like the object.
/// `None` where it is written otherwise, or tells of something else. Looking for the object's end with a
/// parser takes as long as reading the object.
fn as_written(line: &str) -> Option<(&str, &str)> {
    let (kind, rest) = line
        .trim_end()
        .strip_prefix(r#"{"type":""#)?
        .split_once('"')?;
    let json = rest.strip_prefix(r#","object":"#)?.strip_suffix('}')?;
    matches!(kind, "ADDED" | "MODIFIED" | "DELETED").then_some((kind, json))
}

fn changed(kind: &str, object: Object) -> Told {
    match kind {
        "DELETED" => Told::Deleted(object),
        _ => Told::Applied(object),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> String {
        let part = Part::Pods;
        format!("{:?}", read(part, part.resources().first().unwrap(), line))
    }

    #[test]
    fn a_line_tells_the_same_however_it_is_written() {
        let pod = r#"{"metadata":{"name":"web","uid":"1"}}"#;
        for (kind, means) in [
            ("ADDED", "Applied"),
            ("MODIFIED", "Applied"),
            ("DELETED", "Deleted"),
        ] {
            let as_written = told(&format!("{{\"type\":\"{kind}\",\"object\":{pod}}}\r\n"));
            assert!(
                as_written.contains(means) && as_written.contains("\"web\""),
                "{as_written}"
            );
            for other in [
                format!("{{ \"type\": \"{kind}\", \"object\": {pod} }}"),
                format!("{{\"object\":{pod},\"type\":\"{kind}\"}}"),
                format!("{{\"type\":\"{kind}\",\"object\":{pod},\"later\":{{}}}}"),
            ] {
                assert_eq!(told(&other), as_written, "{other}");
            }
        }
    }

    #[test]
    fn a_line_that_breaks_off_is_no_object_that_cannot_be_read() {
        for line in [
            r#"{"type":"ADDED","object":{"metadata":{"name":"web"}}"#,
            r#"{"type":"ADDED","object":{"metadata":{}"#,
            r#"{"type":"ADDED","object":}"#,
        ] {
            assert!(told(line).contains("Broken"), "{line}: {}", told(line));
        }
        let odd = told(r#"{"type":"ADDED","object":{"metadata":{"name":7}}}"#);
        assert!(odd.contains("Unread"), "{odd}");
    }
}
