import Ledger
import Testing

@testable import Projecting

@Suite struct DefinitionTests {
    @Test func `a definition says its name, version and categories`() throws {
        let text = "-- projection: a-1\r\n-- version: 7\r\n-- categories: case , application\r\n" + body
        let definition = try Definition(file: "a.sql", text: text)
        #expect(definition.name == "a-1")
        #expect(definition.version == 7)
        #expect(definition.categories == ["case", "application"])
    }

    @Test(arguments: [
        ("", 3), ("-- categories: a\n", 1), ("-- categories: a, b-c\n", 0), ("-- categories: not ledger, b\n", 1),
    ])
    func `only events of the categories are seen`(directive: String, count: Int) async throws {
        let scratch = Scratch()
        let ledger = try await scratch.ledger()
        try await ledger.append([Event(type: "t", source: "s")], to: "a-1")
        try await ledger.append([Event(type: "t", source: "s")], to: "b")
        guard let definition = try? Definition(file: "a.sql", text: header + directive + body) else {
            return #expect(count == 0)
        }
        try await Projector(ledger: ledger, definitions: [definition], database: scratch.views).run()
        #expect(try rows(scratch.views, "SELECT count(*) FROM a") == ["\(count)"])
    }

    @Test func `comments for people may stand anywhere and directives inside of texts are none`() throws {
        _ = try Definition(
            file: "a.sql",
            text: header + """
                -- Note: this is for people. Onwards, too; so is a "schema change".
                /* and
                -- version: this
                */
                \(body)
                  -- on the other hand, an indented comment is for people
                INSERT INTO a VALUES ($index, '
                -- on nothing
                -- version: 9
                ');
                """)
    }

    struct Bad: CustomTestStringConvertible {
        let text: String
        let line: Int
        let says: String
        var testDescription: String { says }
    }

    static let header = "-- projection: a\n-- version: 1\n"
    static let body =
        "-- schema\nCREATE TABLE a (x INTEGER, y TEXT) STRICT;\n-- on *\nINSERT INTO a VALUES ($index, $type);\n"
    private var header: String { Self.header }
    private var body: String { Self.body }

    static let bad: [Bad] = [
        Bad(text: "-- version: 1\n" + body, line: 1, says: "the name is missing"),
        Bad(text: "-- projection: a\n" + body, line: 1, says: "the version is missing"),
        Bad(text: "-- projection: A b\n", line: 1, says: "\"A b\" is no name"),
        Bad(text: "-- projection: a\n-- projection: b\n", line: 2, says: "a second name"),
        Bad(text: "-- projection: a\n-- version: one\n", line: 2, says: "\"one\" is no version"),
        Bad(text: header + "-- categories: a-b\n", line: 3, says: "\"a-b\" is no category"),
        Bad(text: header + "-- author: me\n" + body, line: 3, says: "\"author:\" is not known"),
        Bad(text: header + body + "-- version: 2\n", line: 7, says: "\"version:\" stands behind a section"),
        Bad(text: header + "\nCREATE TABLE a (x);\n", line: 4, says: "before the first section"),
        Bad(text: header + "-- on the other hand\n", line: 3, says: "\"-- on\" is not followed by event types"),
        Bad(text: header + "-- on a*\n", line: 3, says: "\"-- on\" is not followed by event types"),
        Bad(text: header + "-- schema\nCREATE TABLE a (x);\n-- on a\n", line: 5, says: "the section has no statement"),
        Bad(text: header + "-- schema\nCREATE TABLE a (x);\n", line: 1, says: "no statement is for any event"),
        Bad(text: header + body + "\nUPDATE a SET\n  z = 1;\n", line: 8, says: "no such column: z"),
        Bad(text: header + body + "UPDATE a SET x = ;\n", line: 7, says: "near \";\": syntax error"),
        Bad(text: header + body + "UPDATE a SET x =\n 1,\n y = $txt(/a);\n", line: 9, says: "$txt(/a) is not known"),
        Bad(text: header + body + "-- $foo is wrong\nUPDATE a SET x = $foo;\n", line: 8, says: "$foo is not known"),
        Bad(text: header + body + "UPDATE a SET x = :foo;\n", line: 7, says: "parameters begin with $"),
        Bad(text: header + body + "UPDATE a SET x = ?;\n", line: 7, says: "parameters begin with $"),
        Bad(text: header + body + "UPDATE a SET x = $text(a);\n", line: 7, says: "no JSON Pointer"),
        Bad(text: header + body + "UPDATE a SET x = $text(/%zz);\n", line: 7, says: "write % itself as %25"),
        Bad(text: header + body + "SELECT 1;\n", line: 7, says: "begins with \"SELECT\""),
        Bad(text: header + body + "WITH b AS (SELECT 1) SELECT * FROM b;\n", line: 7, says: "changes no rows"),
        Bad(
            text: header + "-- schema\nCREATE TABLE a (x DEFAULT $index);\n-- on *\nDELETE FROM a;\n", line: 4,
            says: "syntax error"),
        Bad(
            text: header + "-- schema\nCREATE TABLE a (x);\nINSERT INTO a VALUES ($index);\n-- on *\nDELETE FROM a;\n",
            line: 5, says: "has no parameters"),
        Bad(
            text: header + "-- schema\nCREATE TABLE a (x);\nCREATE TABLE a (x);\n-- on *\nDELETE FROM a;\n", line: 5,
            says: "already exists"),
        Bad(text: header + body + "\u{0}", line: 1, says: "no UTF-8 text"),
    ]

    @Test(arguments: bad)
    func `a bad definition is refused with its line and a remedy`(_ bad: Bad) {
        let error = #expect(throws: ProjectionError.self) { try Definition(file: "bad.sql", text: bad.text) }
        #expect(error?.code == .invalidDefinition)
        #expect(error?.reason.hasPrefix("bad.sql:\(bad.line): ") == true, "\(error?.reason ?? "")")
        #expect(error?.reason.contains(bad.says) == true, "\(error?.reason ?? "")")
    }

    static let hostile: [(sql: String, says: String)] = [
        ("ATTACH DATABASE '/tmp/x' AS x;", "begins with \"ATTACH\""),
        ("PRAGMA writable_schema = 1;", "begins with \"PRAGMA\""),
        ("COMMIT;", "begins with \"COMMIT\""),
        ("DROP TABLE a;", "begins with \"DROP\""),
        ("VACUUM INTO 'x';", "begins with \"VACUUM\""),
        ("DELETE FROM mohur_projection;", "\"mohur_projection\""),
        ("UPDATE mohur_projection SET position = 0;", "\"mohur_projection\""),
        ("INSERT INTO a SELECT 1, name FROM sqlite_schema;", "schema table"),
        ("INSERT INTO a SELECT 1, sql FROM sqlite_master;", "schema table"),
        ("INSERT INTO a SELECT count(*), 1 FROM dbstat;", "schema table or a table function"),
        ("INSERT INTO a SELECT 1, name FROM pragma_table_info('a');", "schema table or a table function"),
        ("INSERT INTO a SELECT 1, (SELECT origin FROM mohur_projection);", "reads \"mohur_projection\""),
        ("WITH c AS (SELECT root FROM mohur_projection) INSERT INTO a SELECT 1, root FROM c;", "\"mohur_projection\""),
        ("INSERT INTO a VALUES (random(), '');", "random() is refused"),
        ("INSERT INTO a VALUES (1, hex(randomblob(4)));", "randomblob() is refused"),
        ("INSERT INTO a VALUES (1, CURRENT_TIMESTAMP);", "current_timestamp() is refused"),
        ("INSERT INTO a VALUES (1, datetime('now'));", "datetime() is refused"),
        ("INSERT INTO a VALUES (last_insert_rowid(), '');", "last_insert_rowid() is refused"),
        ("UPDATE a SET x = changes();", "changes() is refused"),
        ("UPDATE a SET y = load_extension('x');", "load_extension"),
        ("INSERT INTO clock (x) VALUES (1);", "current_timestamp"),
        ("INSERT INTO fired VALUES (1);", "mohur_projection"),
    ]

    @Test(arguments: hostile)
    func `SQL that reaches beyond its own rows is refused`(sql: String, says: String) {
        let text =
            Self.header + """
                -- schema
                CREATE TABLE a (x INTEGER, y TEXT) STRICT;
                CREATE TABLE clock (x INTEGER, at TEXT DEFAULT CURRENT_TIMESTAMP);
                CREATE TABLE fired (x INTEGER);
                CREATE TRIGGER fire AFTER INSERT ON fired BEGIN DELETE FROM mohur_projection; END;
                -- on *
                \(sql)
                """
        let error = #expect(throws: ProjectionError.self) { try Definition(file: "bad.sql", text: text) }
        #expect(error?.code == .invalidDefinition)
        #expect(error?.reason.hasPrefix("bad.sql:9: ") == true, "\(error?.reason ?? "")")
        #expect(error?.reason.lowercased().contains(says.lowercased()) == true, "\(error?.reason ?? "")")
    }

    static let hostileSchema: [(sql: String, says: String)] = [
        ("CREATE TEMP TABLE b (x);", "temporary table"),
        ("CREATE VIRTUAL TABLE b USING fts5(x);", "virtual table"),
        ("CREATE TABLE mohur_b (x);", "reserved"),
        ("CREATE TABLE IF NOT EXISTS mohur_projection (x);", "reserved"),
        ("CREATE TABLE b AS SELECT 1 AS x;", "AS SELECT is refused"),
        ("CREATE TABLE b (x INTEGER PRIMARY KEY AUTOINCREMENT);", "AUTOINCREMENT is refused"),
        ("CREATE INDEX b ON mohur_projection (root);", "not a table of this projection"),
        (
            "CREATE TRIGGER b AFTER UPDATE ON mohur_projection BEGIN DELETE FROM a; END;",
            "not a table of this projection"
        ),
        ("CREATE VIEW b AS SELECT * FROM mohur_projection;", "\"mohur_projection\""),
        ("CREATE VIEW b AS SELECT x, date('now') FROM a;", "date"),
        ("DROP TABLE mohur_projection;", "begins with \"DROP\""),
    ]

    @Test(arguments: hostileSchema)
    func `a schema that reaches beyond its own tables is refused`(sql: String, says: String) {
        let text = Self.header + Self.body.replacingFirst("-- on", with: sql + "\n-- on")
        let error = #expect(throws: ProjectionError.self) { try Definition(file: "bad.sql", text: text) }
        #expect(error?.code == .invalidDefinition)
        #expect(error?.reason.lowercased().contains(says.lowercased()) == true, "\(error?.reason ?? "")")
    }

    @Test func `a projection may use its own views and triggers, common table expressions and JSON's elements`() throws
    {
        let definition = try Definition(
            file: "a.sql",
            text: Self.header + """
                -- schema
                CREATE TABLE a (x INTEGER, y TEXT) STRICT;
                CREATE TABLE b (x INTEGER UNIQUE CHECK (x > 0));
                CREATE VIEW both AS SELECT x FROM a UNION ALL SELECT x FROM b;
                CREATE TRIGGER copy AFTER INSERT ON a WHEN new.x > 0 BEGIN INSERT OR IGNORE INTO b VALUES (new.x); END;
                CREATE INDEX a_x ON a (x) WHERE x > 7;
                INSERT INTO b VALUES (12);
                -- on *
                INSERT INTO a SELECT value, $stream FROM json_each($json(/list));
                WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3)
                INSERT INTO a SELECT count(*), '' FROM c;
                DELETE FROM a WHERE x NOT IN (SELECT x FROM both) RETURNING x;
                UPDATE a SET y = b.x FROM b WHERE a.x = b.x;
                """)
        #expect(definition.version == 1)
    }

    @Test func `a file that is not there is named`() {
        let error = #expect(throws: ProjectionError.self) { try Definition.load(["/nonexistent/a.sql"]) }
        #expect(error?.code == .unreadable)
        #expect(error?.reason.contains("/nonexistent/a.sql") == true)
    }
}

extension String {
    fileprivate func replacingFirst(_ text: String, with other: String) -> String {
        guard let range = firstRange(of: text) else { return self }
        return replacingCharacters(range, other)
    }

    private func replacingCharacters(_ range: Range<Index>, _ other: String) -> String {
        self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
