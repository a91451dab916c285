import Testing
import Ledger
import Glibc

@Suite struct SmokeTests {
    @Test func `appending and reading back`() async throws {
        let dir = "/tmp/smoke-\(EventID())"
        let ledger = try await Ledger.create(at: dir, origin: Origin("records.example.gov/permits"))
        for i in 0..<300 {
            let r = try await ledger.append([Event(type: "a", source: "s", payload: .json("{\"i\":\(i)}"))], to: StreamName("case-\(i % 7)"))
            #expect(r[0].index.rawValue == UInt64(i + 1))
        }
        var n = 0
        for try await e in ledger.events(of: "case-3") { #expect(e.revision.rawValue == UInt64(n)); n += 1 }
        #expect(n == 43)
        let s = try await ledger.summary()
        #expect(s.size == 301 && s.streamCount == 8)
        for i in [0, 1, 17, 300] as [UInt64] {
            let p = try await ledger.inclusionProof(of: EntryIndex(i))
            let leaf = try await ledger.event(at: EntryIndex(i)).leaf
            try p.verify(leaf: leaf, root: s.root)
        }
        await ledger.close()
        let again = try await Ledger.open(at: dir)
        #expect(try await again.summary() == s)
        try await again.append([Event(type: "a", source: "s")], to: "x")
        try await again.backup(to: dir + "-b")
        let copy = try await Ledger.open(at: dir + "-b")
        #expect(try await again.summary() == (try await copy.summary()))
    }
}
