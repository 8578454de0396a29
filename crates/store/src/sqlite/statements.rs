//! The statements that SQLite words in its own way.

use crate::driver::{Dialect, sql};

pub(crate) const DIALECT: Dialect = Dialect {
    lock_incident: sql("incident", "SELECT id FROM incidents WHERE id = $1"),
    // `WHERE true` tells the parser that ON CONFLICT belongs to the INSERT
    // (https://www.sqlite.org/lang_upsert.html, "Parsing Ambiguity").
    put_events: sql(
        "event",
        "INSERT INTO events (incident, id, body)
         SELECT $1, value ->> 0, value ->> 1 FROM json_each($2) WHERE true
         ON CONFLICT (incident, id) DO UPDATE SET body = excluded.body",
    ),
    take_job: sql(
        "job",
        "UPDATE jobs SET state = 'running', updated_at = $1
         WHERE id = (SELECT id FROM jobs
                     WHERE state = 'queued' OR (state = 'running' AND updated_at < $2)
                     ORDER BY created_at, id LIMIT 1)
         RETURNING body, state, updated_at",
    ),
};
