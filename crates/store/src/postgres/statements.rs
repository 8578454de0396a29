//! The statements that PostgreSQL words in its own way.

use crate::driver::{Dialect, sql};

pub(crate) const DIALECT: Dialect = Dialect {
    lock_incident: sql(
        "incident",
        "SELECT archive FROM incidents WHERE id = $1 FOR UPDATE",
    ),
    // Arrays, not JSON: half of the time of an insert went into parsing it, once for each column.
    put_events: sql(
        "event",
        "INSERT INTO events (incident, id, body, from_ms, until_ms, reach_ms, bytes)
         SELECT $1, told.*
         FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
              AS told
         ON CONFLICT (incident, id) DO UPDATE SET
             body = excluded.body, from_ms = excluded.from_ms, until_ms = excluded.until_ms,
             reach_ms = excluded.reach_ms, bytes = excluded.bytes",
    ),
    // LATERAL with LIMIT, here, and an array, below: looked up key by key, also by a plan that was
    // made when the table was empty.
    known_events: sql(
        "event",
        "SELECT COUNT(*) FROM unnest($2::text[]) AS told (id),
             LATERAL (SELECT FROM events
                      WHERE events.incident = $1 AND events.id = told.id LIMIT 1) AS known",
    ),
    put_edges: sql(
        "edge",
        "INSERT INTO edges (incident, digest, position, body, origin, recorded_at)
         SELECT $1, value ->> 0,
                (SELECT COALESCE(MAX(position), 0) FROM edges WHERE incident = $1) + nth,
                value ->> 1, value ->> 2, $3
         FROM json_array_elements($2::json) WITH ORDINALITY AS told (value, nth)
         ON CONFLICT (incident, digest) DO UPDATE SET
             origin = excluded.origin,
             recorded_at = CASE WHEN edges.recorded_at >= excluded.recorded_at
                                THEN edges.recorded_at
                                ELSE COALESCE(excluded.recorded_at, edges.recorded_at) END",
    ),
    remember: sql(
        "memory",
        "INSERT INTO memory (archive, key, state)
         SELECT $1, told.* FROM unnest($2::text[], $3::text[]) AS told
         ON CONFLICT (archive, key) DO UPDATE SET state = excluded.state",
    ),
    forget: sql(
        "memory",
        "DELETE FROM memory WHERE archive = $1 AND key = ANY ($2::text[])",
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
