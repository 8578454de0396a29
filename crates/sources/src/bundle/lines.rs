//! Text files line by line, and JSON with its fields cleaned.

use super::{BundleError, limits::MAX_LINE_BYTES, samples::shorten};
use model::Extra;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The text of a file: UTF-8, a byte order mark left out.
pub(crate) fn text<'a>(file: &str, content: &'a [u8]) -> Result<&'a str, BundleError> {
    let text = std::str::from_utf8(content).map_err(|e| {
        let good = content.get(..e.valid_up_to()).unwrap_or_default();
        let line = good.split(|b| *b == b'\n').count() as u64;
        let expected = if content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff") {
            "text in UTF-8, found UTF-16 as PowerShell's '>' writes it: save it as UTF-8"
        } else {
            "text in UTF-8, found a byte that is none"
        };
        BundleError::at(file, line, expected)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Lines with their numbers from 1, without their ends; empty ones are left out.
pub(crate) fn lines<'a>(
    file: &'a str,
    text: &'a str,
) -> impl Iterator<Item = Result<(u64, &'a str), BundleError>> {
    text.lines().zip(1..).filter_map(move |(line, number)| {
        if line.len() > MAX_LINE_BYTES {
            return Some(Err(BundleError::TooLarge {
                file: file.to_owned(),
                line: Some(number),
                limit: format!("{MAX_LINE_BYTES} bytes in a line"),
            }));
        }
        let line = line.trim();
        (!line.is_empty()).then_some(Ok((number, line)))
    })
}

/// Which fields of an object this version knows.
pub(crate) struct Fields {
    /// What the object is, for messages.
    pub(crate) what: &'static str,
    /// Fields whose value may be null, an empty text, or absent.
    pub(crate) known: &'static [&'static str],
    /// Fields that are objects with fields of their own.
    pub(crate) nested: &'static [(&'static str, &'static [&'static str])],
    /// Texts that must be there for the type, but may be empty.
    pub(crate) texts: &'static [&'static str],
    /// Objects of free texts; numbers in them are taken as texts, nulls left out.
    pub(crate) text_maps: &'static [&'static str],
    /// Whole numbers, which may be written with a fraction of zero.
    pub(crate) whole: &'static [&'static str],
}

/// One line of JSON as a value of the format.
pub(crate) fn parse<T: DeserializeOwned>(
    file: &str,
    line: u64,
    json: &str,
    fields: &Fields,
) -> Result<T, BundleError> {
    let value: Value =
        serde_json::from_str(json).map_err(|e| syntax(file, line, fields.what, &e))?;
    typed(file, |_| line, value, fields)
}

/// An error of JSON's grammar.
pub(crate) fn syntax(file: &str, first: u64, what: &str, e: &serde_json::Error) -> BundleError {
    let reason = without_place(&e.to_string());
    let line = first + (e.line() as u64).saturating_sub(1);
    let column = e.column();
    BundleError::at(
        file,
        line,
        format!("{what} as JSON, found {reason} at column {column}"),
    )
}

/// A JSON value as a value of the format; `line_of` says on which line a field stands.
pub(crate) fn typed<T: DeserializeOwned>(
    file: &str,
    line_of: impl Fn(&str) -> u64,
    value: Value,
    fields: &Fields,
) -> Result<T, BundleError> {
    let Value::Object(mut object) = value else {
        let expected = format!("{} as a JSON object", fields.what);
        return Err(BundleError::at(file, line_of(""), expected));
    };
    clean(&mut object, fields);
    serde_json::from_value(Value::Object(object.clone())).map_err(|e| {
        let reason = without_place(&e.to_string());
        let what = fields.what;
        match culprit::<T>(&object, &reason) {
            Some(field) => {
                let found = object.get(&field);
                let said = said_of(&field, found, &reason);
                let expected = format!("{what} with a good '{field}'{said}");
                BundleError::at(file, line_of(&field), expected)
            }
            None => BundleError::at(file, line_of(""), format!("{what}, found {reason}")),
        }
    })
}

/// What is wrong with a field's value: in the words of whoever refused it, or, where those are about
/// the types of a program, in the field's.
fn said_of(field: &str, found: Option<&Value>, reason: &str) -> String {
    const ABOUT_TYPES: [&str; 4] = [
        "invalid type",
        "invalid value",
        "data did not",
        "unknown variant",
    ];
    if !ABOUT_TYPES.iter().any(|start| reason.starts_with(start)) {
        return format!(", found {reason}");
    }
    let expected = match field {
        "id" | "name" | "title" | "notice" | "source" | "namespace" | "stat" | "unit"
        | "resource" | "cluster" | "node" | "author" | "text" | "from" | "to" | "path" => "a text",
        "timezone" => "an IANA name or an offset",
        "schema" => "the name of the format",
        "kind" => "a text such as rollout",
        "start" | "end" | "created_at" | "observed_at" => "RFC 3339 or epoch seconds",
        "period_s" => "whole seconds, at least 1",
        "dimensions" => "an object of texts",
        "attributes" => "an object",
        "object" => "an object with the texts kind and name",
        "window" | "impact" => "an object with the times start and end",
        "symptom" | "series" | "events" => "a list of ids",
        "provenance" => "a list of objects as they are exported",
        "columns" => "an object as docs/bundle.md has it",
        _ => "another kind of value",
    };
    let found = found.map_or_else(String::new, |value| shorten(&value.to_string()));
    format!(": {expected}, found {found}")
}

/// Leaves out known fields without a value, and moves unknown fields of nested objects up as
/// `<object>.<field>`, so that they are kept.
fn clean(object: &mut Extra, fields: &Fields) {
    for (name, inner) in fields.nested {
        let Some(Value::Object(nested)) = object.get_mut(*name) else {
            continue;
        };
        let unknown: Vec<String> = nested
            .keys()
            .filter(|key| !inner.contains(&key.as_str()))
            .cloned()
            .collect();
        let moved: Vec<(String, Value)> = unknown
            .iter()
            .filter_map(|key| Some((format!("{name}.{key}"), nested.remove(key)?)))
            .collect();
        nested.retain(|_, value| !is_empty(value));
        if nested.is_empty() {
            object.remove(*name);
        }
        object.extend(moved);
    }
    for name in fields.text_maps {
        if let Some(Value::Object(texts)) = object.get_mut(*name) {
            texts.retain(|_, value| !value.is_null());
            for value in texts.values_mut() {
                if value.is_number() || value.is_boolean() {
                    *value = Value::String(value.to_string());
                }
            }
        }
    }
    for name in fields.whole {
        if let Some(value) = object.get_mut(*name)
            && let Some(number) = value.as_f64().filter(|n| n.fract() == 0.0 && *n < 1e15)
        {
            *value = Value::from(number as i64);
        }
    }
    object.retain(|key, value| !(fields.known.contains(&key.as_str()) && is_empty(value)));
    for name in fields.texts {
        object
            .entry(*name)
            .or_insert_with(|| Value::String(String::new()));
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// Puts fields that [`clean`] moved up back into their objects.
pub(crate) fn unclean(value: &mut Value, fields: &Fields) {
    let Value::Object(object) = value else { return };
    for (name, _) in fields.nested {
        let prefix = format!("{name}.");
        let moved: Vec<String> = object
            .keys()
            .filter(|key| key.starts_with(&prefix))
            .cloned()
            .collect();
        for key in moved {
            let Some(inner) = object.remove(&key) else {
                continue;
            };
            let field = key.get(prefix.len()..).unwrap_or("").to_owned();
            let slot = object
                .entry(*name)
                .or_insert_with(|| Value::Object(Extra::new()));
            if slot.is_null() {
                *slot = Value::Object(Extra::new());
            }
            if let Value::Object(nested) = slot {
                nested.insert(field, inner);
            }
        }
    }
}

/// The field without which the error is another one, or none.
fn culprit<T: DeserializeOwned>(object: &Extra, reason: &str) -> Option<String> {
    if reason.starts_with("missing field") {
        return None; // the reason names it
    }
    object.keys().find_map(|key| {
        let mut without = object.clone();
        without.remove(key);
        match serde_json::from_value::<T>(Value::Object(without)) {
            Ok(_) => Some(key.clone()),
            Err(e) if without_place(&e.to_string()) != reason => Some(key.clone()),
            Err(_) => None,
        }
    })
}

/// Cuts serde's own "at line 1 column 5" off.
fn without_place(text: &str) -> String {
    let text = text.split(" at line ").next().unwrap_or(text);
    text.chars().take(200).filter(|c| !c.is_control()).collect()
}

/// Number of the line on which a text first stands, 1 where it does not.
pub(crate) fn line_with(text: &str, needle: &str) -> u64 {
    let found = text.lines().position(|line| line.contains(needle));
    found.map_or(1, |i| i as u64 + 1)
}
