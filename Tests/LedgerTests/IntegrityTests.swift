import Digests
import Foundation
import Ledger
import Testing

/// What is read is what was recorded, or an error.
@Suite struct IntegrityTests {
    /// A ledger of `count` events, in which a text was changed in the file.
    private func withAlteredLedger(
        _ old: String, _ new: String, count: Int = 3, _ body: (Ledger) async throws -> Void
    ) async throws {
        let folder = try Folder()
        let path = folder.path("a")
        let ledger = try await Ledger.create(at: path, origin: Origin("records.example.gov/tests"))
        for number in 0..<count {
            let event = Event(type: "note.\(number)", source: "s", payload: .json(#"{"text":"word\#(number)"}"#))
            try await ledger.append([event], to: "a-1")
        }
        await ledger.close()
        let file = URL(filePath: path + "/data.mdb")
        var bytes = try Data(contentsOf: file)
        var replaced = 0
        while let range = bytes.range(of: Data(old.utf8)) {
            bytes.replaceSubrange(range, with: Data(new.utf8))
            replaced += 1
        }
        try #require(replaced > 0)
        try bytes.write(to: file)
        let altered = try await Ledger.open(at: path)
        try await body(altered)
        await altered.close()
    }

    @Test func `a payload that was altered is not handed out`() async throws {
        try await withAlteredLedger("word1", "WORD1") { ledger in
            let error = await refusal { _ = try await ledger.event(at: 2) }
            #expect(error?.code == .damaged)
            #expect(error?.reason.contains("the payload of entry 2") == true)
            let other = try await ledger.event(at: 1)
            #expect(other.payload != nil)
            let reading = await refusal { _ = try await ledger.events().collected() }
            #expect(reading?.code == .damaged)
        }
    }

    @Test func `a scan says which entry is none`() async throws {
        try await withAlteredLedger("note.10", "note\u{1}10", count: 50) { ledger in
            let error = await refusal { _ = try await ledger.scan(into: 0) { count, _, _ in count += 1 } }
            #expect(error?.code == .damaged)
            #expect(error?.reason.contains("entry 11 is not readable") == true)
        }
    }

    private func refusal(_ body: () async throws -> Void) async -> LedgerError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? LedgerError
        }
    }
}
