//! The fields of each file that this version knows.

use super::lines::Fields;

pub(crate) const INCIDENT: Fields = Fields {
    what: "the incident",
    known: &[
        "schema",
        "title",
        "window",
        "impact",
        "symptom",
        "notice",
        "provenance",
        "judgements",
        "actions",
        "document",
    ],
    nested: &[("window", &["start", "end"]), ("impact", &["start", "end"])],
    texts: &["title"],
    text_maps: &[],
    whole: &[],
};

pub(crate) const SERIES: Fields = Fields {
    what: "a series",
    known: &[
        "id",
        "name",
        "source",
        "namespace",
        "dimensions",
        "stat",
        "unit",
        "period_s",
        "resource",
    ],
    nested: &[],
    texts: &[],
    text_maps: &["dimensions"],
    whole: &["period_s"],
};

pub(crate) const EVENT: Fields = Fields {
    what: "an event",
    known: &[
        "id",
        "kind",
        "start",
        "end",
        "title",
        "cluster",
        "namespace",
        "object",
        "node",
        "source",
        "attributes",
    ],
    nested: &[("object", &["kind", "name"])],
    texts: &["kind"],
    text_maps: &[],
    whole: &[],
};

pub(crate) const EDGE: Fields = Fields {
    what: "an edge",
    known: &["from", "to", "kind"],
    nested: &[],
    texts: &["kind"],
    text_maps: &[],
    whole: &[],
};

pub(crate) const ANNOTATION: Fields = Fields {
    what: "an annotation",
    known: &[
        "id",
        "author",
        "start",
        "end",
        "text",
        "series",
        "events",
        "created_at",
    ],
    nested: &[],
    texts: &[],
    text_maps: &[],
    whole: &[],
};

pub(crate) const INDEX: Fields = Fields {
    what: "a line of the index",
    known: &["path", "observed_at", "timezone", "columns"],
    nested: &[],
    texts: &[],
    text_maps: &[],
    whole: &[],
};
