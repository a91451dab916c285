import Digests
import Foundation
import Ledger
import Testing

/// What is read is what was recorded, or an error.
@Suite struct IntegrityTests {
    /// A ledger of three events, of which the middle one's text was changed in the file.
    private func withAlteredLedger(
        _ old: String, _ new: String, _ body: (Ledger) async throws -> Void
    ) async throws {
        let folder = try Folder()
        let path = folder.path("a")
        let ledger = try await Ledger.create(at: path, origin: Origin("records.example.gov/tests"))
        for number in 0..<3 {
            let event = Event(type: "note.\(number)", source: "s", payload: .json(#"{"text":"word\#(number)"}"#))
            try await ledger.append([event], to: "a-1")
        }
        await ledger.close()
        let file = URL(filePath: path + "/data.mdb")
        var bytes = try Data(contentsOf: file)
        var count = 0
        while let range = bytes.range(of: Data(old.utf8)) {
            bytes.replaceSubrange(range, with: Data(new.utf8))
            count += 1
        }
        try #require(count > 0)
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

    private func refusal(_ body: () async throws -> Void) async -> LedgerError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? LedgerError
        }
    }
}
