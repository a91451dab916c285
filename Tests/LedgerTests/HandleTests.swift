import Foundation
import Ledger
import Testing

@Suite struct HandleTests {
    @Test(arguments: Store.all)
    func `two ledgers on one path in one process see each other's entries`(_ store: Store) async throws {
        let folder = try Folder()
        let first = try await store.create(folder.path("a"), LogOptions())
        let link = folder.path("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path("a"))
        let second = try await store.open(link, LogOptions())
        try await first.append([note()], to: "a-1")
        #expect(try await second.append([note()], to: "a-1")[0].revision == 1)
        #expect(try await first.size() == 3)
        await first.close()
        #expect(try await second.append([note()], to: "a-1")[0].revision == 2)
        #expect(try await second.size() == 4)
        await second.close()
    }

    @Test(arguments: Store.all, [true, false])
    func `a closed ledger refuses every call, though another one on its path is open`(
        _ store: Store, _ keepsOther: Bool
    ) async throws {
        let folder = try Folder()
        let ledger = try await store.create(folder.path("a"), LogOptions())
        let other = keepsOther ? try await store.open(folder.path("a"), LogOptions()) : nil
        await ledger.close()
        await ledger.close()
        let calls: [@Sendable () async throws -> Void] = [
            { try await ledger.append([note()], to: "a-1") },
            { _ = try await ledger.submit([StreamEvent(note(), to: "a-1")]).value },
            { _ = try await ledger.size() }, { _ = try await ledger.event(at: 0) },
            { _ = try await ledger.summary() }, { _ = try await ledger.root() },
            { _ = try await ledger.inclusionProof(of: 0) }, { _ = try await ledger.head(of: "ledger") },
            { for try await _ in ledger.events() {} }, { for try await _ in ledger.follow() {} },
            { _ = try await ledger.streams() }, { try await ledger.backup(to: folder.path("copy")) },
        ]
        for (number, call) in calls.enumerated() {
            let error = await refusal { try await call() }
            #expect(says(error, .closed, "closed"), "call \(number): \(error as Any)")
        }
        await ledger.growth(beyond: 1000)
        await other?.close()
        let again = try await store.open(folder.path("a"), LogOptions())
        #expect(try await again.size() == 1)
        await again.close()
        #expect(folder.names == ["a"])
    }

    @Test(arguments: Store.all)
    func `closing records what was submitted before`(_ store: Store) async throws {
        let folder = try Folder()
        let ledger = try await store.create(folder.path("a"), LogOptions())
        let pending = try (0..<50).map { _ in try ledger.submit([StreamEvent(note(), to: "a-1")]) }
        await ledger.close()
        for (number, append) in pending.enumerated() {
            #expect(try await append.value[0].revision.rawValue == UInt64(number))
        }
        let again = try await store.open(folder.path("a"), LogOptions())
        #expect(try await again.size() == 51)
        await again.close()
    }

    @Test(arguments: Store.all)
    func `a ledger that is let go of is closed`(_ store: Store) async throws {
        let folder = try Folder()
        for round in 0..<5 as Range<UInt64> {
            let ledger =
                round == 0
                ? try await store.create(folder.path("a"), LogOptions())
                : try await store.open(folder.path("a"), LogOptions())
            #expect(try await ledger.append([note()], to: "a-1")[0].revision.rawValue == round)
        }
    }

    @Test(arguments: Store.all, [true, false])
    func `a ledger opened for reading reads and refuses appends`(_ store: Store, _ keepsWriter: Bool) async throws {
        let folder = try Folder()
        let ledger = try await store.create(folder.path("a"), LogOptions())
        try await ledger.append([note()], to: "a-1")
        if !keepsWriter { await ledger.close() }
        var options = LogOptions()
        options.readOnly = true
        let reader = try await store.open(folder.path("a"), options)
        #expect(try await reader.size() == 2)
        #expect(try await reader.events().collected().count == 2)
        let error = await refusal { try await reader.append([note()], to: "a-1") }
        #expect(says(error, .readOnly, "for reading only", "nothing was recorded"))
        #expect(try await reader.size() == 2)
        if !keepsWriter {
            let writer = await refusal { try await store.open(folder.path("a"), LogOptions()) }
            #expect(says(writer, .readOnly, "close that handle first"))
        }
        await reader.close()
        await ledger.close()
    }
}
