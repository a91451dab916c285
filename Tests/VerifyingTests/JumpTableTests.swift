import EventFormat
import StoreFormat
import Testing

@testable import Verifying

struct JumpTableTests {
    @Test func `the table says what the rule says, within it and beyond`() {
        let table = JumpTable()
        for revision in Array(0..<10_000 as Range<UInt64>) + [1 << 32, .max - 1, .max] {
            #expect(table.target(of: Revision(revision)) == StreamJump.target(of: Revision(revision)), "\(revision)")
        }
    }
}
