import Glibc
import Ledger
import Testing

@testable import Projecting

/// What a file of views is not opened for.
@Suite struct RefusalTests {
    private let scratch = Scratch()

    private func projector(_ ledger: Ledger) async throws -> Projector {
        try await Projector(
            ledger: ledger, definitions: [Definition(file: "test.sql", text: visits)], database: scratch.views)
    }

    /// Makes views of a ledger of `count` events and changes what they say of it.
    private func views(of ledger: Ledger, count: Int, _ change: String = "") async throws {
        try await ledger.append((0..<count).map { visit("\($0)") }, to: "case-1")
        try await projector(ledger).run()
        try Connection(scratch.views, .readWriteCreate).execute(change)
    }

    @Test func `views of another ledger of the same name are refused and stay as they are`() async throws {
        try await views(of: scratch.ledger(), count: 5)
        let other = try await scratch.ledger("other")
        let error = await #expect(throws: ProjectionError.self) { try await projector(other) }
        #expect(error?.code == .otherLedger)
        #expect(error?.reason.contains("holds views of another ledger") == true)
        #expect(try rows(scratch.views, "SELECT count FROM visits") == ["5"])
    }

    @Test func `views that are ahead of the ledger are refused`() async throws {
        let ledger = try await scratch.ledger()
        try await views(of: ledger, count: 5, "UPDATE mohur_projection SET position = 7")
        let error = await #expect(throws: ProjectionError.self) { try await projector(ledger) }
        #expect(error?.code == .ledgerOlder)
        #expect(error?.reason.contains("the ledger has 6 entries") == true)
        #expect(error?.reason.contains("was built from 7: the ledger is older than the view") == true)
    }

    @Test func `views of other entries are refused`() async throws {
        let ledger = try await scratch.ledger()
        try await views(of: ledger, count: 5, "UPDATE mohur_projection SET position = 5")
        let error = await #expect(throws: ProjectionError.self) { try await projector(ledger) }
        #expect(error?.code == .ledgerDiffers)
        #expect(error?.reason.contains("the ledger's first 5 entries have another root") == true)
    }

    @Test func `someone else's SQLite file is refused and stays as it is`() async throws {
        try Connection(scratch.views, .readWriteCreate).execute("CREATE TABLE mine (x)")
        let ledger = try await scratch.ledger()
        let error = await #expect(throws: ProjectionError.self) { try await projector(ledger) }
        #expect(error?.code == .notViews)
        #expect(try rows(scratch.views, "SELECT name FROM sqlite_schema") == ["mine"])
        let status = await #expect(throws: ProjectionError.self) { try await Projector.status(database: scratch.views) }
        #expect(status?.code == .notViews)
    }

    @Test func `a file that is no database is refused`() async throws {
        let file = try #require(fopen(scratch.views, "w"))
        fputs(String(repeating: "no database ", count: 100), file)
        fclose(file)
        let ledger = try await scratch.ledger()
        let error = await #expect(throws: ProjectionError.self) { try await projector(ledger) }
        #expect(error?.code == .notViews)
    }

    @Test func `a file that is not there has no status and is not made`() async throws {
        let error = await #expect(throws: ProjectionError.self) { try await Projector.status(database: scratch.views) }
        #expect(error?.code == .unreadable)
        #expect(access(scratch.views, F_OK) != 0)
    }
}
