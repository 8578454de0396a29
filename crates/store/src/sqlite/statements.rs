//! The statements that SQLite words in its own way.

use crate::driver::{Dialect, sql};

pub(crate) const DIALECT: Dialect = Dialect {
    lock_incident: sql("incident", "SELECT archive FROM incidents WHERE id = $1"),
    // `WHERE true` tells the parser that ON CONFLICT belongs to the INSERT
    // (https://www.sqlite.org/lang_upsert.html, "Parsing Ambiguity").
    put_events: sql(
        "event",
        "INSERT INTO events (incident, id, body, from_ms, until_ms, reach_ms, bytes)
         SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
         FROM json_each($2) WHERE true
         ON CONFLICT (incident, id) DO UPDATE SET
             body = excluded.body, from_ms = excluded.from_ms, until_ms = excluded.until_ms,
             reach_ms = excluded.reach_ms, bytes = excluded.bytes",
    ),
    known_events: Some(sql(
        "event",
        "SELECT COUNT(*) FROM events
         WHERE incident = $1 AND id IN (SELECT value FROM json_each($2))",
    )),
    put_edges: sql(
        "edge",
        "INSERT INTO edges (incident, digest, position, body, origin, recorded_at)
         SELECT $1, value ->> 0,
                (SELECT COALESCE(MAX(position), 0) FROM edges WHERE incident = $1) + key + 1,
                value ->> 1, value ->> 2, $2
         FROM json_each($3) WHERE true
         ON CONFLICT (incident, digest) DO UPDATE SET
             origin = excluded.origin,
             recorded_at = CASE WHEN edges.recorded_at >= excluded.recorded_at
                                THEN edges.recorded_at
                                ELSE COALESCE(excluded.recorded_at, edges.recorded_at) END",
    ),
    remember: sql(
        "memory",
        "INSERT INTO memory (archive, key, state)
         SELECT $1, value ->> 0, value ->> 1 FROM json_each($2) WHERE true
         ON CONFLICT (archive, key) DO UPDATE SET state = excluded.state",
    ),
    forget: sql(
        "memory",
        "DELETE FROM memory WHERE archive = $1 AND key IN (SELECT value FROM json_each($2))",
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
