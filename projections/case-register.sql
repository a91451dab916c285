-- projection: case-register
-- version: 1
-- categories: case, application
--
-- One row for each case, with its term: who has it, by when it must be decided, and whether it was in time.
--
-- Two kinds of streams are cases here. A stream of the category "case" begins with the event case.described, which tells all that the
-- source knows of the case, and goes on with one activity.… event for each thing done (that is what importing an XES file gives). A
-- stream of the category "application" begins with application.received and tells each change by an event of its own.
--
-- Parameters: $stream, $index and others come from the event itself. $text(/a/b) is the member b of the member a of its payload,
-- as text; $time(/a/b) is the same as a time. What is not there is NULL, so COALESCE takes the first of several names.

-- schema
CREATE TABLE case_register (
    stream        TEXT PRIMARY KEY,
    -- The number or name by which the authority knows the case.
    name          TEXT,
    -- 'open' until an end date is known, then 'closed'.
    state         TEXT GENERATED ALWAYS AS (CASE WHEN closed IS NULL THEN 'open' ELSE 'closed' END) VIRTUAL,
    -- Times are UTC texts of one width, 2011-10-11T11:45:40.276000Z, so that comparing the texts compares the times.
    opened        TEXT,
    -- The legal deadline, or the planned end where no deadline is told.
    due           TEXT,
    closed        TEXT,
    -- 1: closed after it was due; 0: closed in time; NULL: not closed, or no deadline is known.
    late          INTEGER GENERATED ALWAYS AS (closed > due) VIRTUAL,
    responsible   TEXT,
    department    TEXT,
    agency        TEXT,
    kind          TEXT,
    channel       TEXT,
    outcome       TEXT,
    -- How many things were done in the case, and the last of them in the order of recording.
    activities    INTEGER NOT NULL DEFAULT 0,
    last_activity TEXT,
    -- When the latest thing was done.
    last_at       TEXT,
    -- The first and the last entry of the ledger about the case.
    first_index   INTEGER NOT NULL,
    last_index    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What waits, the most urgent first.
CREATE INDEX case_register_open ON case_register (due) WHERE closed IS NULL;
-- What was late, by the time of the decision.
CREATE INDEX case_register_late ON case_register (closed) WHERE late = 1;
CREATE INDEX case_register_responsible ON case_register (responsible, closed);

-- Open cases whose deadline has passed, as of the latest activity in the register: a view reads no clock. For another day, ask
-- SELECT * FROM case_register WHERE closed IS NULL AND due < '2012-01-31'.
CREATE VIEW case_overdue AS
SELECT stream, name, responsible, department, agency, due, opened, last_activity, last_at
FROM case_register
WHERE closed IS NULL AND due < (SELECT max(last_at) FROM case_register);

-- How well each department or agency keeps its terms.
CREATE VIEW case_punctuality AS
SELECT COALESCE(department, agency) AS office,
       count(*) AS cases,
       count(closed) AS closed,
       COALESCE(sum(late), 0) AS late
FROM case_register
GROUP BY COALESCE(department, agency);

-- on case.described
-- A source may describe a case again; what the newer description leaves out stays as it was.
INSERT INTO case_register (
    stream, name, opened, due, closed, responsible, department, kind, channel, outcome, first_index, last_index)
VALUES (
    $stream,
    COALESCE($text(/concept:name/value), substr($stream, 6)),
    COALESCE($time(/startdate/value), $time(/startDate/value), $occurred),
    COALESCE(
        $time(/deadline/value), $time(/dueDate/value), $time(/enddate_planned/value), $time(/endDatePlanned/value)),
    COALESCE($time(/enddate/value), $time(/endDate/value)),
    COALESCE($text(/responsible/value), $text(/Responsible_actor/value)),
    $text(/department/value),
    COALESCE($text(/case_type/value), $text(/caseProcedure/value)),
    $text(/channel/value),
    COALESCE($text(/outcome/value), $text(/caseStatus/value)),
    $index,
    $index)
ON CONFLICT (stream) DO UPDATE SET
    name = COALESCE($text(/concept:name/value), name, excluded.name),
    opened = COALESCE($time(/startdate/value), $time(/startDate/value), opened, excluded.opened),
    due = COALESCE(excluded.due, due),
    closed = COALESCE(excluded.closed, closed),
    responsible = COALESCE(excluded.responsible, responsible),
    department = COALESCE(excluded.department, department),
    kind = COALESCE(excluded.kind, kind),
    channel = COALESCE(excluded.channel, channel),
    outcome = COALESCE(excluded.outcome, outcome),
    last_index = excluded.last_index;

-- on application.received
INSERT INTO case_register (stream, name, opened, agency, kind, channel, first_index, last_index)
VALUES ($stream, substr($stream, 13), $occurred, $text(/agency), $text(/kind), $text(/channel), $index, $index)
ON CONFLICT (stream) DO UPDATE SET
    opened = excluded.opened, agency = excluded.agency, kind = excluded.kind, channel = excluded.channel;

-- on activity.*, application.*, term.*, advice.*, decision.*, objection.*
-- Whatever else happens is an activity. XES names it; otherwise the type does.
INSERT INTO case_register (stream, opened, activities, last_activity, last_at, first_index, last_index)
VALUES ($stream, $occurred, 1, COALESCE($text(/concept:name/value), $type), $occurred, $index, $index)
ON CONFLICT (stream) DO UPDATE SET
    activities = activities + 1,
    last_activity = excluded.last_activity,
    last_at = COALESCE(max(last_at, excluded.last_at), excluded.last_at),
    last_index = excluded.last_index;

-- on application.registered
UPDATE case_register
SET name = COALESCE($text(/agency) || '/' || $text(/year) || '/' || $text(/number), name)
WHERE stream = $stream;

-- on application.assigned
UPDATE case_register
SET responsible = COALESCE($text(/responsible), responsible), department = COALESCE($text(/department), department)
WHERE stream = $stream;

-- on term.set, term.resumed, term.extended
-- Each of these tells the term's last second as it stands from now on.
UPDATE case_register SET due = COALESCE($time(/due), due) WHERE stream = $stream;

-- on decision.issued
UPDATE case_register SET outcome = COALESCE($text(/outcome), outcome) WHERE stream = $stream;

-- on application.closed
UPDATE case_register SET closed = $occurred, outcome = COALESCE($text(/outcome), outcome) WHERE stream = $stream;
