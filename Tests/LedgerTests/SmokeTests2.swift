import Testing
import Ledger
import Verifying
import Glibc

@Suite struct SmokeTests2 {
    @Test func `verify`() async throws {
        let dir = "/tmp/smoke-\(EventID())"
        let ledger = try await Ledger.create(at: dir, origin: Origin("records.example.gov/permits"))
        for j in 0..<10 {
            _ = try await ledger.append((0..<1000).map { StreamEvent(Event(type: "a", source: "s", payload: .json("{\"i\":\($0)}")), to: try! StreamName("case-\($0 * (j+1) % 700)")) })
        }
        for i in 0..<30 { _ = try await ledger.append([Event(type: "a", source: "s", payload: .json("{\"i\":\(i)}"))], to: StreamName("case-\(i % 7)")) }
        let pin = try ReaderPin(directory: dir)
        let report = try Verifier(directory: dir, pin: { pin.withPinned($0) }).run()
        #expect(report.verdict == .intact)
        #expect(report.root == (try await ledger.root().root.hex))
        print(report)
        for f in report.findings.prefix(10) { print(f) }
    }
}
