import Digests
import TestSupport

@testable import EventFormat

/// Random valid entries that use every optional field and the edges of every range.
extension SeededGenerator {
    mutating func entry() -> Entry {
        let index = number()
        let revision = number()
        return Entry(
            index: EntryIndex(index), previous: index == 0 ? .zero : digest(), recorded: time(from: 0),
            stream: StreamName(unchecked: text(255)), revision: Revision(revision),
            streamPrevious: revision == 0 ? nil : digest(), id: id(), type: text(255), source: text(2048),
            occurred: time(from: Timestamp.earliest.microseconds), payload: maybe { $0.commitment() },
            schema: maybe { $0.text(2048) }, correlation: maybe { $0.id() }, causation: maybe { $0.id() },
            append: maybe { $0.signature() })
    }

    private mutating func maybe<Value>(_ make: (inout SeededGenerator) -> Value) -> Value? {
        Bool.random(using: &self) ? make(&self) : nil
    }

    /// Numbers of every width, the edges of CBOR's heads more often.
    mutating func number() -> UInt64 {
        let edges: [UInt64] = [0, 1, 23, 24, 255, 256, 65_535, 65_536, 0xffff_ffff, 0x1_0000_0000, .max]
        if Bool.random(using: &self) { return edges[Int.random(in: 0..<edges.count, using: &self)] }
        return next() >> UInt64.random(in: 0..<64, using: &self)
    }

    mutating func time(from least: Int64) -> Timestamp {
        let greatest = Timestamp.latest.microseconds
        let value =
            switch Int.random(in: 0..<6, using: &self) {
            case 0: least
            case 1: greatest
            case 2: max(least, -1)
            default: Int64.random(in: least...greatest, using: &self)
            }
        return (try? Timestamp(microseconds: value)) ?? .epoch
    }

    mutating func digest() -> Digest { SHA256.hash(bytes(8).span) }

    mutating func id() -> EventID { EventID(high: next(), low: next()) }

    /// 1 to `maximum` bytes of any scalars but control characters.
    mutating func text(_ maximum: Int) -> String {
        let limit = Bool.random(using: &self) ? maximum : Int.random(in: 1...min(40, maximum), using: &self)
        var text = ""
        var count = 0
        while true {
            let scalar = scalar()
            count += String(scalar).utf8.count
            guard count <= limit else { break }
            text.unicodeScalars.append(scalar)
        }
        return text.isEmpty ? "a" : text
    }

    private mutating func scalar() -> Unicode.Scalar {
        let ranges: [ClosedRange<UInt32>] = [
            0x20...0x7e, 0x20...0x7e, 0xa0...0x7ff, 0x300...0x36f, 0x800...0xd7ff, 0xe000...0xffff,
            0x1_0000...0x10_ffff,
        ]
        let value = UInt32.random(in: ranges[Int.random(in: 0..<ranges.count, using: &self)], using: &self)
        return Unicode.Scalar(value) ?? "a"
    }

    private mutating func commitment() -> PayloadCommitment {
        PayloadCommitment(
            form: Bool.random(using: &self) ? .clear : .sealed, digest: digest(), size: number(), mediaType: text(255))
    }

    private mutating func signature() -> AppendSignature {
        AppendSignature(
            count: max(1, number()), keyID: bytes(Int.random(in: 1...64, using: &self)),
            signature: bytes(Int.random(in: 1...8192, using: &self)))
    }
}
