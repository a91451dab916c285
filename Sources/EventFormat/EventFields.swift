internal import Digests

/// The fields that a source asserts, whether recorded yet or not.
protocol EventFields {
    var id: EventID { get }
    var type: String { get }
    var source: String { get }
    /// When it happened; nil: when it is recorded.
    var statedTime: Timestamp? { get }
    var schema: String? { get }
    var correlation: EventID? { get }
    var causation: EventID? { get }
}

extension Event: EventFields {
    var statedTime: Timestamp? { occurred }
}

extension Entry: EventFields {
    var statedTime: Timestamp? { occurred }
}

/// Where the encoded fields of an event lie in bytes that hold those of several: what an entry takes from its event,
/// made before the event has a position.
///
/// Keys 7 to 14 in their order. Key 10, the time, is left out when the event states none: the moment of recording is
/// not known yet.
public struct EncodedFields: Hashable, Sendable {
    /// The first byte, key 7.
    public let start: Int
    /// Where key 10 stands or belongs.
    let timeOffset: Int
    /// Behind the last byte.
    public let end: Int
    /// Whether key 10 is present.
    public let statesTime: Bool
    /// How many of the keys 11 to 14 are present.
    let optionalCount: Int
}

extension Event {
    /// Appends the fields that the event decides to `output`; `payload` is the commitment to its envelope. The event
    /// must be valid (``validate()``). O(size).
    public func encode(payload: PayloadCommitment?, into output: inout [UInt8]) -> EncodedFields {
        encodeFields(payload: payload, time: statedTime, into: &output)
    }
}

extension EventFields {
    /// How many of the keys 11 to 14 there are beside `payload`.
    func optionalCount(_ payload: PayloadCommitment?) -> Int {
        (payload == nil ? 0 : 1) + (schema == nil ? 0 : 1) + (correlation == nil ? 0 : 1) + (causation == nil ? 0 : 1)
    }

    func encodeFields(payload: PayloadCommitment?, time: Timestamp?, into output: inout [UInt8]) -> EncodedFields {
        let start = output.count
        var timeOffset = 0
        output.append(addingCapacity: maximumFieldByteCount(payload)) { output in
            let before = output.count
            output.append(.id, id)
            output.append(.type, type)
            output.append(.source, source)
            timeOffset = start + output.count - before
            if let time {
                output.append(Entry.Key.occurred)
                output.append(time.microseconds)
            }
            if let payload { output.append(payload) }
            if let schema { output.append(.schema, schema) }
            if let correlation { output.append(.correlation, correlation) }
            if let causation { output.append(.causation, causation) }
        }
        return EncodedFields(
            start: start, timeOffset: timeOffset, end: output.count, statesTime: time != nil,
            optionalCount: optionalCount(payload))
    }

    /// At least the bytes that the fields take, all heads taken as of the largest size.
    private func maximumFieldByteCount(_ payload: PayloadCommitment?) -> Int {
        let texts = type.utf8.count + source.utf8.count + (schema?.utf8.count ?? 0)
        return 256 + texts + (payload?.mediaType.utf8.count ?? 0)
    }
}

extension OutputSpan where Element == UInt8 {
    /// Appends key 11.
    fileprivate mutating func append(_ payload: PayloadCommitment) {
        append(Entry.Key.payload)
        append(.array, 4)
        append(.unsigned, UInt64(payload.form.rawValue))
        append(.bytes, UInt64(Digest.byteCount))
        append(payload.digest)
        append(.unsigned, payload.size)
        append(.text, collecting: payload.mediaType.utf8.span)
    }
}
