-- What a link opens and how often it was opened; `body` is what does not change of it.
ALTER TABLE shares ADD COLUMN max_views    INTEGER;
ALTER TABLE shares ADD COLUMN views        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE shares ADD COLUMN last_view_at INTEGER;
ALTER TABLE shares ADD COLUMN body         TEXT    NOT NULL DEFAULT '{}';

-- How often each link was opened in each minute. Nothing is kept of who opened it.
CREATE TABLE share_views (
    share  TEXT    NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    minute INTEGER NOT NULL,
    views  INTEGER NOT NULL,
    PRIMARY KEY (share, minute)
) STRICT;
