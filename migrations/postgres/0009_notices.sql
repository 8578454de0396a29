-- What is to be told outside, until it is delivered. `next_ms` is when it is tried next, or until when
-- somebody is at it; empty: delivered (`sent_ms`) or given up (`error` says why).
CREATE TABLE notices (
    id       TEXT    NOT NULL PRIMARY KEY,
    incident TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    next_ms  BIGINT,
    sent_ms  BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    error    TEXT    NOT NULL DEFAULT '',
    body     TEXT    NOT NULL
);

CREATE INDEX notices_incident ON notices (incident);
CREATE INDEX notices_due ON notices (next_ms, id) WHERE next_ms IS NOT NULL;
