import Digests
import TestSupport
import Testing

@testable import EventFormat

/// The quick reading of entries of usual shape accepts nothing that the rule-by-rule reading refuses, and finds the
/// same fields.
struct UsualEntryTests {
    /// Whether the quick reading accepts `bytes`; records an issue when the two readings do not agree.
    private func isUsual(_ bytes: [UInt8], _ note: @autoclosure () -> String) -> Bool {
        var quick = EntryLayout()
        guard quick.readUsual(bytes.span) else { return false }
        do throws(FormatError) {
            let strict = try EntryLayout(strictly: bytes.span)
            if quick != strict { Issue.record("the two readings found different fields, \(note())") }
        } catch {
            Issue.record("the quick reading accepts what is refused: \(error), \(note())")
        }
        return true
    }

    private func usualEntries(_ random: inout SeededGenerator) -> [[UInt8]] {
        var samples: [[UInt8]] = []
        while samples.count < 6 {
            var entry = random.entry()
            entry.stream = StreamName(unchecked: random.printable(255))
            entry.type = random.printable(255)
            entry.source = random.printable(300)
            if entry.schema != nil { entry.schema = random.printable(300) }
            entry.payload?.mediaType = random.printable(255)
            // Short, since each byte of a sample is altered in every way.
            if let append = entry.append { entry.append?.signature = Array(append.signature.prefix(64)) }
            if let bytes = try? entry.encoded() { samples.append(bytes) }
        }
        return samples
    }

    @Test func `entries of usual shape take the quick reading, also with every optional field`() throws {
        let seed = printedSeed("usual entries")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            for bytes in usualEntries(&random) {
                #expect(isUsual(bytes, "seed \(seed)"), "seed \(seed): \(Hex.encode(bytes))")
            }
        }
        for name in ["entry-0", "entry-1", "entry-2"] {
            #expect(isUsual(try FormatPage().block(name), name))
        }
    }

    @Test func `random entries of any shape are read alike`() throws {
        let seed = printedSeed("random entries, both readings")
        var random = SeededGenerator(seed: seed)
        for number in 0..<3_000 {
            let entry = random.entry()
            guard let bytes = try? entry.encoded() else { continue }
            _ = isUsual(bytes, "entry \(number) of seed \(seed)")
            #expect(try EntryLayout(bytes.span) == EntryLayout(strictly: bytes.span), "seed \(seed)")
        }
    }

    @Test func `both readings agree on every alteration of every byte, and on every shorter entry`() throws {
        let seed = printedSeed("altered entries")
        var random = SeededGenerator(seed: seed)
        var samples = usualEntries(&random)
        for name in ["entry-0", "entry-1", "entry-2"] { samples.append(try FormatPage().block(name)) }
        samples.append(RawEntry.full.bytes)
        samples.append(RawEntry.first.bytes)
        var accepted = 0
        var refused = 0
        for bytes in samples {
            for count in 0..<bytes.count where isUsual(Array(bytes[..<count]), "cut to \(count), seed \(seed)") {
                Issue.record("\(count) of \(bytes.count) bytes were accepted")
            }
            var changed = bytes
            for offset in bytes.indices {
                for value in UInt8.min...UInt8.max where value != bytes[offset] {
                    changed[offset] = value
                    let isUsual = isUsual(changed, "byte \(offset) set to \(value), seed \(seed)")
                    if isUsual { accepted += 1 } else { refused += 1 }
                }
                changed[offset] = bytes[offset]
            }
        }
        #expect(accepted > 10_000 && refused > 10_000, "seed \(seed)")
    }

    @Test func `each byte of a text is looked at`() throws {
        for count in [1, 2, 7, 8, 9, 15, 16, 17, 255] {
            var entry = try Entry(decoding: RawEntry.first.bytes.span)
            entry.stream = StreamName(unchecked: String(repeating: "~", count: count))
            let bytes = try entry.encoded()
            #expect(isUsual(bytes, "\(count)"))
            let start = try EntryLayout(bytes.span).stream.start
            for offset in 0..<count {
                for value: UInt8 in [0x00, 0x1f, 0x7f, 0x80, 0xc3, 0xff] {
                    var changed = bytes
                    changed[start + offset] = value
                    #expect(!isUsual(changed, "\(count)"), "byte \(offset) of \(count) set to \(value)")
                }
            }
        }
    }
}

extension SeededGenerator {
    /// 1 to `maximum` printable characters of ASCII.
    fileprivate mutating func printable(_ maximum: Int) -> String {
        let count = Int.random(in: 1...maximum, using: &self)
        return String(decoding: (0..<count).map { _ in UInt8.random(in: 0x20...0x7e, using: &self) }, as: UTF8.self)
    }
}
