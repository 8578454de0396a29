-- What servers of this database sign with, so that each takes what another wrote, also before a restart.
CREATE TABLE signing_keys (
    purpose TEXT NOT NULL PRIMARY KEY,
    secret  BLOB NOT NULL
) STRICT;
