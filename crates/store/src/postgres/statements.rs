//! The statements that PostgreSQL words in its own way.

use crate::driver::{Dialect, sql};

pub(crate) const DIALECT: Dialect = Dialect {
    lock_incident: sql(
        "incident",
        "SELECT id FROM incidents WHERE id = $1 FOR UPDATE",
    ),
    // `json`, not `jsonb`: the text of each event is kept as it was written.
    put_events: sql(
        "event",
        "INSERT INTO events (incident, id, body)
         SELECT $1, value ->> 0, value ->> 1 FROM json_array_elements($2::json)
         ON CONFLICT (incident, id) DO UPDATE SET body = excluded.body",
    ),
    // MATERIALIZED: the job is chosen and locked once, never again for another row.
    take_job: sql(
        "job",
        "WITH next AS MATERIALIZED (
             SELECT id FROM jobs
             WHERE state = 'queued' OR (state = 'running' AND updated_at < $2)
             ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         UPDATE jobs SET state = 'running', updated_at = $1
         FROM next WHERE jobs.id = next.id
         RETURNING body, state, updated_at",
    ),
};
