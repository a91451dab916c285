import Digests
import Glibc
import Ledger
import Synchronization
import Testing

@testable import Projecting

@Suite struct RunTests {
    private let scratch = Scratch()

    private func definitions(_ texts: String...) throws -> [Definition] {
        try texts.map { try Definition(file: "test.sql", text: $0) }
    }

    private func record(_ ledger: Ledger, _ count: Int, from first: Int = 0) async throws {
        let events = try (first..<first + count).map {
            StreamEvent(visit("\($0)", by: "p\($0 % 3)"), to: try StreamName("case-\($0 % 7)"))
        }
        try await ledger.append(events)
    }

    @Test func `a run fills the rows and says how far they are`() async throws {
        let ledger = try await scratch.ledger()
        try await record(ledger, 20)
        let projector = try await Projector(
            ledger: ledger, definitions: definitions(visits, numbers), database: scratch.views)
        let progress = try await projector.run()
        #expect(progress.position == 21)
        #expect(progress.statements == 40)
        #expect(try rows(scratch.views, "SELECT * FROM visits ORDER BY stream LIMIT 1") == ["case-0|3|p2"])
        #expect(try rows(scratch.views, "SELECT count(*), sum(number) FROM numbers") == ["20|190"])
        let status = try await Projector.status(database: scratch.views)
        #expect(status.map(\.name) == ["numbers", "visits"])
        #expect(status.map(\.position) == [21, 21])
        let root = try await ledger.root().root.hex
        #expect(status.map(\.root) == [root, root])
        #expect(status[0].definition == projector.definitions[1].digest.hex)
        #expect(status[0].origin == "records.example.gov/permits")
        #expect(status[0].incarnation == ledger.genesis.incarnation.description)
    }

    @Test func `an event that cannot be applied undoes its batch for all projections, and not the batches before`()
        async throws
    {
        let ledger = try await scratch.ledger()
        try await record(ledger, 10)
        let projector = try await Projector(
            ledger: ledger, definitions: definitions(visits, numbers), database: scratch.views)
        try await projector.run()
        let before = try rows(scratch.views, "SELECT * FROM visits ORDER BY stream")
        try await record(ledger, 5, from: 10)
        try await ledger.append([visit("1.5")], to: "case-1")
        try await record(ledger, 5, from: 15)
        let error = await #expect(throws: ProjectionError.self) { try await projector.run() }
        #expect(error?.code == .invalidValue)
        #expect(error?.reason.contains("projection \"numbers\" (test.sql:8): event 16") == true)
        #expect(try rows(scratch.views, "SELECT * FROM visits ORDER BY stream") == before)
        #expect(try rows(scratch.views, "SELECT count(*) FROM numbers") == ["10"])
        #expect(try await Projector.status(database: scratch.views).map(\.position) == [11, 11])

        let tolerant = numbers.replacing("$integer(/number)", with: "CAST($text(/number) AS INTEGER)")
        let mended = try await Projector(
            ledger: ledger, definitions: definitions(visits, tolerant), database: scratch.views)
        try await mended.run()
        #expect(try rows(scratch.views, "SELECT sum(count) FROM visits") == ["21"])
        #expect(try rows(scratch.views, "SELECT count(*) FROM numbers") == ["21"])
    }

    @Test func `a statement that fails in SQLite undoes the batch and names the event`() async throws {
        let ledger = try await scratch.ledger()
        try await record(ledger, 3)
        let strict = numbers.replacing("number INTEGER)", with: "number INTEGER CHECK (number < 2))")
        let projector = try await Projector(ledger: ledger, definitions: definitions(strict), database: scratch.views)
        let error = await #expect(throws: ProjectionError.self) { try await projector.run() }
        #expect(error?.code == .statementFailed)
        #expect(
            error?.reason.contains("event 3 (\"visit.made\" of \"case-2\"): SQLite says: CHECK constraint failed")
                == true)
        #expect(try rows(scratch.views, "SELECT count(*) FROM numbers") == ["0"])
        #expect(try await Projector.status(database: scratch.views)[0].position == 0)
    }

    @Test func `a failure in a later batch keeps the earlier ones whole`() async throws {
        let ledger = try await scratch.ledger()
        for part in 0..<3 { try await record(ledger, 9000, from: part * 9000) }
        try await ledger.append([visit("\"x\"")], to: "case-1")
        let projector = try await Projector(
            ledger: ledger, definitions: definitions(visits, numbers), database: scratch.views)
        let error = await #expect(throws: ProjectionError.self) { try await projector.run() }
        #expect(error?.code == .invalidValue)
        let status = try await Projector.status(database: scratch.views)
        #expect(status[0].position == UInt64(Projector.batchCount))
        #expect(status[0].root == (try await ledger.root(size: TreeSize(status[0].position)).root.hex))
        #expect(try rows(scratch.views, "SELECT count(*), max(index_) FROM numbers") == ["16383|16383"])
    }

    @Test func `many runs over a growing ledger give the rows of one run`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var state = seed
        let ledger = try await scratch.ledger()
        for part in 0..<12 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            try await record(ledger, 1 + Int(state >> 33) % 40, from: part * 100)
            let names = state >> 20 & 1 == 0 ? try definitions(visits, numbers) : try definitions(visits)
            let projector = try await Projector(ledger: ledger, definitions: names, database: scratch.views)
            try await projector.run()
        }
        for path in [scratch.views, scratch.path + "/once.sqlite"] {
            let projector = try await Projector(
                ledger: ledger, definitions: definitions(visits, numbers), database: path)
            try await projector.run()
        }
        for name in ["visits", "numbers"] {
            let many = try await Projector.digest(of: name, database: scratch.views)
            let once = try await Projector.digest(of: name, database: scratch.path + "/once.sqlite")
            #expect(many == once, "seed \(seed)")
            #expect(many.position == (try await ledger.size()))
        }
    }

    @Test func `the digest of the rows is another when one value is`() async throws {
        let ledger = try await scratch.ledger()
        try await record(ledger, 10)
        let projector = try await Projector(ledger: ledger, definitions: definitions(visits), database: scratch.views)
        try await projector.run()
        let before = try await Projector.digest(of: "visits", database: scratch.views).digest
        try Connection(scratch.views, .readWriteCreate).execute("UPDATE visits SET last = NULL WHERE stream = 'case-3'")
        let after = try await Projector.digest(of: "visits", database: scratch.views).digest
        #expect(before != after)
        try await projector.rebuild(["visits"])
        let rebuilt = try await Projector.digest(of: "visits", database: scratch.views).digest
        #expect(before == rebuilt)
    }

    @Test(arguments: [("version: 1", "version: 2"), ("count + 1", "count + 10")])
    func `a changed definition is built anew and leaves others alone`(old: String, new: String) async throws {
        let ledger = try await scratch.ledger()
        try await record(ledger, 14)
        try await Projector(ledger: ledger, definitions: definitions(visits, numbers), database: scratch.views).run()
        let connection = try Connection(scratch.views, .readWriteCreate)
        try connection.execute("UPDATE numbers SET number = -1; CREATE TABLE mine (x); INSERT INTO mine VALUES (1)")
        let changed = try definitions(visits.replacing(old, with: new), numbers)
        let projector = try await Projector(ledger: ledger, definitions: changed, database: scratch.views)
        #expect(try rows(scratch.views, "SELECT count(*) FROM visits") == ["0"])
        #expect(try await Projector.status(database: scratch.views).map(\.position) == [15, 0])
        try await projector.run()
        let count = new.hasSuffix("10") ? "11" : "2"
        #expect(try rows(scratch.views, "SELECT count FROM visits WHERE stream = 'case-6'") == [count])
        #expect(try rows(scratch.views, "SELECT sum(number) FROM numbers") == ["-14"])
        #expect(try rows(scratch.views, "SELECT x FROM mine") == ["1"])
    }

    @Test func `a changed schema takes its old tables, indexes, views and triggers away`() async throws {
        let ledger = try await scratch.ledger()
        let old = visits.replacing(
            "-- on",
            with: """
                CREATE INDEX visits_count ON visits (count);
                CREATE VIEW busy AS SELECT * FROM visits WHERE count > 2;
                CREATE TABLE log (x);
                CREATE TRIGGER visits_log AFTER INSERT ON visits BEGIN INSERT INTO log VALUES (new.stream); END;
                -- on
                """)
        try await record(ledger, 3)
        try await Projector(ledger: ledger, definitions: definitions(old), database: scratch.views).run()
        #expect(try rows(scratch.views, "SELECT count(*) FROM log") == ["3"])
        _ = try await Projector(ledger: ledger, definitions: definitions(visits), database: scratch.views)
        let names = try rows(scratch.views, "SELECT name FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        #expect(names == ["mohur_projection", "mohur_projection_object", "visits"])
    }

    @Test func `two projections cannot have one table, nor one name`() async throws {
        let ledger = try await scratch.ledger()
        let twin = visits.replacing("projection: visits", with: "projection: twin")
        let taken = await #expect(throws: ProjectionError.self) {
            try await Projector(ledger: ledger, definitions: definitions(visits, twin), database: scratch.views)
        }
        #expect(taken?.code == .invalidDefinition)
        #expect(taken?.reason.contains("\"visits\" exists already in the database and is another's") == true)
        #expect(try rows(scratch.views, "SELECT count(*) FROM mohur_projection") == ["0"])
        let quiet = twin.replacing("CREATE TABLE visits", with: "CREATE TABLE IF NOT EXISTS visits")
        let shared = await #expect(throws: ProjectionError.self) {
            try await Projector(ledger: ledger, definitions: definitions(visits, quiet), database: scratch.views)
        }
        #expect(shared?.reason.contains("is another's") == true)
        let named = await #expect(throws: ProjectionError.self) {
            try await Projector(ledger: ledger, definitions: definitions(visits, visits), database: scratch.views)
        }
        #expect(named?.reason.contains("the name \"visits\" is that of") == true)
    }

    @Test func `two runs at once apply nothing twice`() async throws {
        let ledger = try await scratch.ledger()
        for part in 0..<4 { try await record(ledger, 5000, from: part * 5000) }
        let projector = try await Projector(ledger: ledger, definitions: definitions(visits), database: scratch.views)
        async let first = projector.run()
        async let second = projector.run()
        _ = try await (first, second)
        #expect(try rows(scratch.views, "SELECT sum(count) FROM visits") == ["20000"])
    }

    @Test func `a second writer is noticed`() async throws {
        let ledger = try await scratch.ledger()
        try await record(ledger, 5)
        let first = try await Projector(ledger: ledger, definitions: definitions(visits), database: scratch.views)
        let second = try await Projector(ledger: ledger, definitions: definitions(visits), database: scratch.views)
        try await first.run()
        let error = await #expect(throws: ProjectionError.self) { try await second.run() }
        #expect(error?.code == .inUse)
        #expect(try rows(scratch.views, "SELECT sum(count) FROM visits") == ["5"])
    }

    @Test func `an unknown name cannot be rebuilt`() async throws {
        let projector = try await Projector(
            ledger: scratch.ledger(), definitions: definitions(visits), database: scratch.views)
        let error = await #expect(throws: ProjectionError.self) { try await projector.rebuild(["numbers"]) }
        #expect(error?.code == .unknownProjection)
        #expect(error?.reason == "there is no projection \"numbers\"; there are visits")
    }

    @Test(.timeLimit(.minutes(15)))
    func `following applies new events and ends when its task is cancelled`() async throws {
        let ledger = try await scratch.ledger()
        try await record(ledger, 3)
        let projector = try await Projector(ledger: ledger, definitions: definitions(visits), database: scratch.views)
        let (positions, reached) = AsyncStream.makeStream(of: UInt64.self)
        let task = Task { try await projector.follow { reached.yield($0.position) } }
        var iterator = positions.makeAsyncIterator()
        #expect(await iterator.next() == 4)
        try await record(ledger, 2, from: 3)
        #expect(await iterator.next() == 6)
        #expect(try rows(scratch.views, "SELECT sum(count) FROM visits") == ["5"])
        task.cancel()
        try await task.value
        try await record(ledger, 2, from: 5)
        #expect(try await Projector.status(database: scratch.views)[0].position == 6)
    }
}
