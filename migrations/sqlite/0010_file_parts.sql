-- What of a raw file goes beyond its first MiB, which stays in `files`: no statement, and no copy of one
-- in memory, is ever as large as a file.
CREATE TABLE file_parts (
    incident TEXT    NOT NULL,
    path     TEXT    NOT NULL,
    position INTEGER NOT NULL,
    content  BLOB    NOT NULL,
    PRIMARY KEY (incident, path, position),
    FOREIGN KEY (incident, path) REFERENCES files (incident, path) ON DELETE CASCADE
) STRICT;
