import EventFormat
import TestSupport
import Testing

/// Foreign bytes never trap: they are refused at an offset, or they are the only encoding of what they decode to.
struct EntryDamageTests {
    static let samples: [String] = ["full", "first", "entry-0", "entry-1", "entry-2"]

    private func sample(_ name: String) throws -> [UInt8] {
        switch name {
        case "full": RawEntry.full.bytes
        case "first": RawEntry.first.bytes
        default: try FormatPage().block(name)
        }
    }

    /// Whether `bytes` were accepted; records an issue when a refusal names no offset inside them or when an accepted
    /// entry has another encoding.
    private func isAccepted(_ bytes: [UInt8], _ note: @autoclosure () -> String) -> Bool {
        switch decoding(bytes) {
        case .failure(let error):
            let offset = error.offset ?? -1
            if offset < 0 || offset > bytes.count { Issue.record("\(error.reason) at \(offset), \(note())") }
            return false
        case .success(let entry):
            if (try? entry.encoded()) != bytes { Issue.record("a second encoding of one entry, \(note())") }
            return true
        }
    }

    @Test(arguments: samples)
    func `an entry cut short anywhere is refused where it ends`(name: String) throws {
        let bytes = try sample(name)
        for count in 0..<bytes.count {
            let result = decoding(Array(bytes[..<count]))
            guard case .failure(let error) = result else {
                Issue.record("\(count) of \(bytes.count) bytes were accepted")
                continue
            }
            #expect(error.code == .truncated && error.offset == count, "\(count) bytes: \(error)")
        }
    }

    @Test(arguments: samples)
    func `an entry with any byte changed is refused or is the one encoding of another`(name: String) throws {
        let bytes = try sample(name)
        let original = try decoding(bytes).get()
        var accepted = 0
        for offset in bytes.indices {
            for mask: UInt8 in [1, 2, 4, 8, 16, 32, 64, 128, 0xff, 0x7f, 0x55] {
                var changed = bytes
                changed[offset] ^= mask
                guard isAccepted(changed, "byte \(offset) of \(name) with mask \(mask)") else { continue }
                accepted += 1
                #expect(try decoding(changed).get() != original, "byte \(offset), mask \(mask)")
            }
        }
        #expect(accepted > 100 && accepted < bytes.count * 11)
    }

    @Test func `an entry with bytes put in, taken out or moved is refused or is the one encoding of another`() throws {
        let seed = printedSeed("mutations")
        var random = SeededGenerator(seed: seed)
        let samples = try EntryDamageTests.samples.map { try sample($0) }
        var accepted = 0
        for number in 0..<12_000 {
            let bytes = mutation(of: samples[number % samples.count], &random)
            if isAccepted(bytes, "mutation \(number) of seed \(seed)") { accepted += 1 }
        }
        #expect(accepted > 0 && accepted < 12_000, "seed \(seed)")
    }

    private func mutation(of sample: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = sample
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 1...8, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.insert(contentsOf: random.bytes(end - place), at: place)
            case 1 where bytes.count > 16: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
            case 3: bytes.replaceSubrange(place..<end, with: random.bytes(end - place))
            default: bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return bytes
    }

    @Test func `random bytes are refused at an offset`() {
        let seed = printedSeed("random entries")
        var random = SeededGenerator(seed: seed)
        for number in 0..<12_000 {
            var bytes = random.bytes(Int.random(in: 0...300, using: &random))
            if number % 2 == 0 { bytes = [0xaa, 0x00, 0x01] + bytes }
            #expect(!isAccepted(bytes, "case \(number) of seed \(seed)"), "seed \(seed)")
        }
    }
}
