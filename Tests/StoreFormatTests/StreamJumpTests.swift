import Digests
import EventFormat
import StoreFormat
import TestSupport
import Testing

struct StreamJumpTests {
    /// Myers' rule for the entry behind the newest, from jumps alone; the first entry jumps to itself.
    private static func recurrence(_ count: Int) -> [Int] {
        var jumps = [0]
        for revision in 0..<count {
            let jump = jumps[revision]
            let next = jumps[jump]
            jumps.append(revision - jump == jump - next ? next : revision)
        }
        return jumps
    }

    private static func target(_ revision: Int) -> Int? {
        StreamJump.target(of: Revision(UInt64(revision))).map { Int($0.rawValue) }
    }

    @Test func `jumps are those of Myers' recurrence`() {
        let jumps = StreamJumpTests.recurrence(5000)
        #expect(StreamJumpTests.target(0) == nil)
        for revision in 1...5000 { #expect(StreamJumpTests.target(revision) == jumps[revision]) }
    }

    @Test func `a writer that knows the newest entry only finds the next jump`() {
        let jumps = StreamJumpTests.recurrence(5000)
        for revision in 0..<5000 {
            let skips = StreamJump.skips(after: Revision(UInt64(revision)))
            let next = skips ? jumps[jumps[revision]] : revision
            #expect(next == jumps[revision + 1])
        }
    }

    @Test func `any revision is reached from any newer one in a few steps`() {
        let jumps = StreamJumpTests.recurrence(2000)
        var worst = 0
        for newest in 0...2000 {
            let bits = Int.bitWidth - (newest + 1).leadingZeroBitCount
            for wanted in stride(from: 0, through: newest, by: newest > 200 ? 7 : 1) {
                var (place, steps) = (newest, 0)
                while place > wanted {
                    place = jumps[place] >= wanted ? jumps[place] : place - 1
                    steps += 1
                }
                worst = max(worst, steps)
                if steps > 3 * bits { Issue.record("\(steps) steps from \(newest) to \(wanted)") }
            }
        }
        #expect(worst > 5 && worst <= 33)
    }

    static let greatest: [(revision: UInt64, target: UInt64)] = [
        (.max, 0), (.max - 1, (1 << 63) - 1), (1 << 63, (1 << 63) - 1), ((1 << 63) - 1, 0),
        ((1 << 63) - 2, (1 << 62) - 1),
    ]

    @Test(arguments: greatest)
    func `the greatest revisions have jumps`(row: (revision: UInt64, target: UInt64)) {
        #expect(StreamJump.target(of: Revision(row.revision))?.rawValue == row.target)
    }
}

struct StreamHeadTests {
    static let rows: [(head: StreamHead, bytes: [UInt8])] = [
        (
            StreamHead(revision: 0, index: 0, jump: nil),
            Array(repeating: 0, count: 16) + Array(repeating: 255, count: 8)
        ),
        (
            StreamHead(revision: 3, index: 0x0102, jump: 4),
            [0, 0, 0, 0, 0, 0, 0, 3] + [0, 0, 0, 0, 0, 0, 1, 2] + [0, 0, 0, 0, 0, 0, 0, 4]
        ),
        (
            StreamHead(revision: 1, index: EntryIndex(.max - 1), jump: 0),
            [0, 0, 0, 0, 0, 0, 0, 1] + Array(repeating: 255, count: 7) + [254] + Array(repeating: 0, count: 8)
        ),
    ]

    @Test(arguments: rows)
    func `a stream's row is written and read back`(row: (head: StreamHead, bytes: [UInt8])) throws {
        #expect(row.head.bytes == row.bytes)
        #expect(try StreamHead(row.bytes.span) == row.head)
    }

    @Test(arguments: [0, 1, 16, 23, 25, 48])
    func `a row of another length is refused`(count: Int) {
        let bytes = [UInt8](repeating: 0, count: count)
        let error = #expect(throws: StoreError(.damaged, "")) { try StreamHead(bytes.span) }
        #expect(error?.description == "a stream's row has \(count) bytes instead of 24")
    }

    static let impossible: [[UInt64]] = [
        [.max, 5, 1], [6, 5, 1], [0, .max, .max], [1, .max, 0], [0, 5, 3], [1, 5, .max], [1, 5, 5], [2, 5, 6],
        [.max, .max, .max],
    ]

    @Test(arguments: impossible)
    func `a row that no stream can have is refused`(numbers: [UInt64]) {
        let bytes = numbers.flatMap { [UInt8](bigEndian: $0) }
        #expect(throws: StoreError(.damaged, "")) { try StreamHead(bytes.span) }
    }

    @Test func `random rows are refused or written as they were read`() {
        let seed = printedSeed("stream rows")
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        for _ in 0..<5000 {
            let numbers = (0..<3).map { _ in random.next() >> UInt64.random(in: 0..<64, using: &random) }
            let bytes = numbers.flatMap { [UInt8](bigEndian: $0) }
            guard let head = try? StreamHead(bytes.span) else { continue }
            accepted += 1
            #expect(head.bytes == bytes, "seed \(seed)")
        }
        #expect(accepted > 0, "seed \(seed)")
    }

    @Test(arguments: [0, 7, 9])
    func `an id's row of another length than 8 bytes is none`(count: Int) {
        let bytes = [UInt8](repeating: 0, count: count)
        let index = StoreLayout.index(ofIDRow: bytes.span)
        #expect(index == nil)
    }
}
