internal import Processes

/// A way to keep events in PostgreSQL, as well as we know how to do it.
public enum PostgresForm: String, CaseIterable, Sendable {
    /// A plain event table: one INSERT an event; the caller knows its stream's revision.
    case table
    /// A function that inserts a thousand events, which costs no traffic at all: the server makes them.
    case batch
    /// A function that chains each event to the one before by SHA-256, one after the other under a lock.
    case chain

    /// Events of one transaction.
    public var eventCount: Int { self == .batch ? 1000 : 1 }

    /// The tables and functions of all forms. Payloads are not compressed.
    public static let schema = """
        CREATE TABLE event (
            position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id uuid NOT NULL UNIQUE, stream text NOT NULL,
            revision bigint NOT NULL, type text NOT NULL, source text NOT NULL,
            recorded timestamptz NOT NULL DEFAULT clock_timestamp(), payload bytea, UNIQUE (stream, revision));
        ALTER TABLE event ALTER payload SET STORAGE EXTERNAL;
        CREATE TABLE chained (
            position bigint PRIMARY KEY, id uuid NOT NULL UNIQUE, stream text NOT NULL, revision bigint NOT NULL,
            type text NOT NULL, source text NOT NULL, recorded timestamptz NOT NULL, payload bytea,
            hash bytea NOT NULL, UNIQUE (stream, revision));
        ALTER TABLE chained ALTER payload SET STORAGE EXTERNAL;
        CREATE TABLE head (size bigint NOT NULL, hash bytea NOT NULL) WITH (fillfactor = 10);
        CREATE FUNCTION append_batch(first bigint, type text, source text, payload bytea) RETURNS void LANGUAGE sql AS $$
            INSERT INTO event (id, stream, revision, type, source, payload)
            SELECT gen_random_uuid(), 'application-0198c0de-0000-7000-8000-' || (100000000000 + n % 50),
                first + n / 50, type, source, payload FROM generate_series(0, 999) AS n
        $$;
        CREATE FUNCTION append_chained(s text, r bigint, t text, o text, p bytea) RETURNS bigint LANGUAGE plpgsql AS $$
        DECLARE
            i uuid := gen_random_uuid();
            d bytea := sha256(p);
            m timestamptz := clock_timestamp();
            n bigint;
            h bytea;
        BEGIN
            PERFORM pg_advisory_xact_lock(1);
            SELECT size, hash INTO n, h FROM head;
            h := sha256(h || int8send(n) || uuid_send(i) || textsend(s) || int8send(r) || textsend(t) || textsend(o)
                || timestamptz_send(m) || d);
            INSERT INTO chained VALUES (n, i, s, r, t, o, m, p, h);
            UPDATE head SET size = n + 1, hash = h;
            RETURN n;
        END $$;
        """

    /// What pgbench runs. `revision` counts each client's transactions; `client_id` names its stream.
    private var script: String {
        let stream = "'application-0198c0de-0000-7000-8000-' || (100000000000 + :client_id)"
        switch self {
        case .table:
            return """
                \\set revision :revision + 1
                INSERT INTO event (id, stream, revision, type, source, payload) \
                VALUES (gen_random_uuid(), \(stream), :revision, :type, :source, :payload);
                """
        case .batch:
            return """
                \\set revision :revision + 20
                SELECT append_batch(:revision, :type, :source, :payload);
                """
        case .chain:
            return """
                \\set revision :revision + 1
                SELECT append_chained(\(stream), :revision, :type, :source, :payload);
                """
        }
    }

    /// Measures the form on emptied tables; events a second.
    public func measure(
        on cluster: PostgresCluster, clients: Int, seconds: Int, event: PeerEvent
    ) throws -> (rate: Double, memory: UInt64) {
        try cluster.execute(
            "TRUNCATE event, chained, head", #"INSERT INTO head VALUES (0, '\x00')"#, "CHECKPOINT")
        let variables = [
            ("revision", "0"), ("type", event.type), ("source", event.source),
            ("payload", String(decoding: event.payload, as: UTF8.self)),
        ]
        let result = try cluster.measure(script, clients: clients, seconds: seconds, variables: variables)
        return (result.transactionsPerSecond * Double(eventCount), result.memory)
    }
}
