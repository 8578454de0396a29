//! The statements that PostgreSQL words in its own way.

use crate::driver::{Dialect, sql};

pub(crate) const DIALECT: Dialect = Dialect {
    lock_incident: sql(
        "incident",
        "SELECT archive FROM incidents WHERE id = $1 FOR UPDATE",
    ),
    // Arrays, not JSON: half of the time of an insert went into parsing it, once for each column.
    // A row that stands there already is locked before it is changed, which its xmax says; that of a
    // new one is 0 (https://www.postgresql.org/docs/current/ddl-system-columns.html).
    put_events: sql(
        "event",
        "WITH put AS (
             INSERT INTO events (incident, id, body, from_ms, until_ms, reach_ms, bytes)
             SELECT $1, told.*
             FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
                  AS told
             ON CONFLICT (incident, id) DO UPDATE SET
                 body = excluded.body, from_ms = excluded.from_ms, until_ms = excluded.until_ms,
                 reach_ms = excluded.reach_ms, bytes = excluded.bytes
             RETURNING xmax = 0 AS is_new)
         SELECT COUNT(*) FROM put WHERE is_new",
    ),
    known_events: None,
    put_edges: sql(
        "edge",
        "INSERT INTO edges (incident, digest, position, body, origin, recorded_at)
         SELECT $1, digest,
                (SELECT COALESCE(MAX(position), 0) FROM edges WHERE incident = $1) + nth,
                body, origin, $2
         FROM unnest($3::text[], $4::text[], $5::text[])
              WITH ORDINALITY AS told (digest, body, origin, nth)
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
    // An array: looked up key by key, also by a plan that was made when the table was empty.
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
