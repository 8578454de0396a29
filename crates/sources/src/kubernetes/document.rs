//! JSON as `kubectl` prints it, as far as it says what is in it: heads of objects, items of lists,
//! and the lines on which they begin.

use crate::bundle::limits::MAX_OBJECTS;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// As much of any object as says what it is.
#[derive(Deserialize)]
pub(crate) struct Head<'a> {
    #[serde(default)]
    pub(crate) kind: Option<String>,
    #[serde(default, rename = "apiVersion")]
    pub(crate) api_version: Option<String>,
    #[serde(default, borrow)]
    pub(crate) items: Option<Items<'a>>,
    /// A line of `kubectl get --watch --output-watch-events`.
    #[serde(default, borrow)]
    pub(crate) object: Option<&'a RawValue>,
}

/// The items of a list, no more of them than the limit: a short text can be many items.
pub(crate) struct Items<'a>(pub(crate) Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Limited;
        impl<'de> Visitor<'de> for Limited {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MAX_OBJECTS} objects")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    if items.len() >= MAX_OBJECTS {
                        return Err(A::Error::invalid_length(items.len() + 1, &self));
                    }
                    items.push(item);
                }
                Ok(items)
            }
        }
        deserializer.deserialize_seq(Limited).map(Items)
    }
}

/// Counts lines up to an offset; offsets come in rising order.
pub(crate) struct Lines<'a> {
    text: &'a str,
    offset: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            offset: 0,
            line: 1,
        }
    }

    /// The line on which a part of the text begins.
    pub(crate) fn of(&mut self, part: &str) -> u64 {
        self.at((part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize))
    }

    /// The line of an offset.
    pub(crate) fn at(&mut self, offset: usize) -> u64 {
        if offset >= self.offset {
            let between = self.text.get(self.offset..offset).unwrap_or("");
            self.line += between.matches('\n').count() as u64;
            self.offset = offset;
        }
        self.line
    }
}

/// Whether a text is JSON with a Kubernetes object in it.
pub(crate) fn looks_like_json(text: &str) -> bool {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let Some(Ok(first)) = documents.next() else {
        return false;
    };
    let first = if first.get().starts_with('[') {
        let items = serde_json::from_str::<Items<'_>>(first.get());
        items.map_or("", |items| items.0.first().map_or("", |item| item.get()))
    } else {
        first.get()
    };
    serde_json::from_str::<Head<'_>>(first).is_ok_and(|head| {
        head.object.is_some() || (head.kind.is_some() && head.api_version.is_some())
    })
}
