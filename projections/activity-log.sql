-- projection: activity-log
-- version: 1
-- categories: not ledger
--
-- One row for each event of every record: what was done, by whom, when it happened and when it was recorded. The ledger's own events
-- are left out.

-- schema
CREATE TABLE activity_log (
    -- The entry's index in the ledger. The name ends in _ because INDEX is a word of SQL.
    index_   INTEGER PRIMARY KEY,
    -- The record, and the event's place in the record's history, from 0.
    stream   TEXT NOT NULL,
    revision INTEGER NOT NULL,
    type     TEXT NOT NULL,
    -- What was done in the source's words, or the event's type.
    activity TEXT NOT NULL,
    -- Who did it, as far as the event tells.
    actor    TEXT,
    -- UTC texts of one width, so that comparing the texts compares the times.
    occurred TEXT NOT NULL,
    recorded TEXT NOT NULL
) STRICT;

-- The history of one record, in order.
CREATE UNIQUE INDEX activity_log_stream ON activity_log (stream, revision);
-- What happened in a period.
CREATE INDEX activity_log_occurred ON activity_log (occurred);
-- What one person did, in the order of time.
CREATE INDEX activity_log_actor ON activity_log (actor, occurred) WHERE actor IS NOT NULL;

-- How often each thing was done, and when first and last.
CREATE VIEW activity_count AS
SELECT activity, count(*) AS events, count(DISTINCT stream) AS records, min(occurred) AS first, max(occurred) AS last
FROM activity_log
GROUP BY activity;

-- on *
-- In case.described, concept:name is the name of the case and not of something done.
INSERT INTO activity_log (index_, stream, revision, type, activity, actor, occurred, recorded)
VALUES (
    $index,
    $stream,
    $revision,
    $type,
    CASE $type WHEN 'case.described' THEN $type ELSE COALESCE($text(/concept:name/value), $type) END,
    COALESCE(
        $text(/org:resource/value), $text(/actor), $text(/responsible), $text(/executor), $text(/author),
        $text(/signatory), $text(/official)),
    $occurred,
    $recorded);
