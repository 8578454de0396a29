-- Who may sign in. `login` is lower case. `disabled_at` and `role` are columns too, so that the last
-- admin can be kept by the statement that would take them away.
CREATE TABLE people (
    id          TEXT NOT NULL PRIMARY KEY,
    login       TEXT NOT NULL UNIQUE,
    role        TEXT NOT NULL,
    disabled_at INTEGER,
    body        TEXT NOT NULL
) STRICT;

-- Ways to prove who one is. `provider` is 'password' or the address of an OpenID Connect issuer;
-- `secret` is an argon2id hash of a password (PHC string format), or empty.
CREATE TABLE identities (
    provider   TEXT NOT NULL,
    subject    TEXT NOT NULL,
    person     TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    secret     TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (provider, subject)
) STRICT;

CREATE INDEX identities_person ON identities (person);

-- The token of a session is never stored, only its SHA-256.
CREATE TABLE sessions (
    id         TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    person     TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    about      TEXT NOT NULL
) STRICT;

CREATE INDEX sessions_person ON sessions (person);

CREATE TABLE teams (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    team   TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (team, person)
) STRICT;

CREATE INDEX members_person ON members (person);

-- The token of an invitation is never stored, only its SHA-256.
CREATE TABLE invitations (
    id          TEXT NOT NULL PRIMARY KEY,
    token_hash  TEXT NOT NULL UNIQUE,
    accepted_at INTEGER,
    revoked_at  INTEGER,
    expires_at  INTEGER NOT NULL,
    body        TEXT NOT NULL
) STRICT;

-- Whose an incident is. No row: nobody's, and open to all. A team that has incidents cannot be
-- removed; who may see a private one would not be known any more.
CREATE TABLE ownerships (
    incident TEXT NOT NULL PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    team     TEXT REFERENCES teams (id),
    private  INTEGER NOT NULL,
    CHECK (private = 0 OR team IS NOT NULL)
) STRICT;

CREATE INDEX ownerships_team ON ownerships (team);
