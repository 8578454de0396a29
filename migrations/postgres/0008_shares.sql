-- What a link opens and how often it was opened; `body` is what does not change of it.
ALTER TABLE shares ADD COLUMN max_views    BIGINT;
ALTER TABLE shares ADD COLUMN views        BIGINT NOT NULL DEFAULT 0;
ALTER TABLE shares ADD COLUMN last_view_at BIGINT;
ALTER TABLE shares ADD COLUMN body         TEXT NOT NULL DEFAULT '{}';

-- How often each link was opened in each minute. Nothing is kept of who opened it.
CREATE TABLE share_views (
    share  TEXT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    minute BIGINT NOT NULL,
    views  BIGINT NOT NULL,
    PRIMARY KEY (share, minute)
);
