internal import EventFormat

/// The families of ids within one case; each is derived with a key of its own.
private enum Family: UInt64 {
    case event = 0x1_0000_0000
    case application
    case document
    case assignment
}

extension OpenCase {
    /// The id of the event of a step.
    func eventID(_ index: UInt8) -> Identifier {
        identifier(.event, UInt64(index), at: step(index).time)
    }

    /// The id of the application, which is the correlation of all events of the case.
    var applicationID: Identifier { identifier(.application, 0, at: arrival) }

    /// The id of the record that the step continues.
    func recordID(of step: Step) -> Identifier {
        switch step.kind.record {
        case .application: applicationID
        case .document: documentID(step.subject)
        case .assignment: identifier(.assignment, UInt64(step.subject), at: arrival)
        }
    }

    /// The id of the case's document `number`.
    func documentID(_ number: UInt8) -> Identifier {
        identifier(.document, UInt64(number), at: arrival)
    }

    private func identifier(_ family: Family, _ index: UInt64, at time: Int64) -> Identifier {
        Identifier(time: time, key: SplitMix64.derive(key, family.rawValue), index: index)
    }
}

/// A UUID of version 8 (RFC 9562 §5.8): 48 bits of milliseconds, so that ids follow time, and 74 derived bits.
struct Identifier: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    init(time: Int64, key: UInt64, index: UInt64) {
        let stamp = UInt64(max(0, time)) & 0xffff_ffff_ffff
        high = stamp << 16 | 0x8000 | SplitMix64.derive(key, 2 * index) & 0xfff
        low = 2 << 62 | SplitMix64.derive(key, 2 * index + 1) & 0x3fff_ffff_ffff_ffff
    }

    var eventID: EventID {
        let bytes = InlineArray<16, UInt8> {
            UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - $0 % 8 * 8))
        }
        return EventID(copying: bytes.span)
    }

    /// Appends the 36 characters of 8-4-4-4-12 lowercase hexadecimal digits.
    func append(to text: inout [UInt8]) {
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
            let byte = UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - index % 8 * 8))
            text.append(Identifier.digit(byte >> 4))
            text.append(Identifier.digit(byte & 15))
        }
    }

    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
