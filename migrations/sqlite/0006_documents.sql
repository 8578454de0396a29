-- Which template an incident's postmortem follows, and which sections that had.
CREATE TABLE documents (
    incident TEXT NOT NULL PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    body     TEXT NOT NULL
) STRICT;

-- What people wrote, section by section. Rows are added and never changed: the highest revision stands,
-- and two who write the same one at once cannot both be taken for the last.
CREATE TABLE document_sections (
    incident TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    section  TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (incident, section, revision)
) STRICT;
