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
    let line: Line<'_> = serde_json::from_str(line).map_err(|e| Trouble::Broken {
        detail: format!("a line that is no JSON: {}", short(&e.to_string(), 300)),
    })?;
    let json = line.object.get();
    match &*line.kind {
        "ADDED" | "MODIFIED" | "DELETED" => Ok(Some(
            match Object::read(part, resource.group == "events.k8s.io", json) {
                Ok(object) if line.kind == "DELETED" => Told::Deleted(object),
                Ok(object) => Told::Applied(object),
                Err(error) => unread(part, json, &error),
            },
        )),
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
