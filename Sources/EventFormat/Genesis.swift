internal import Digests

/// Entry 0 of every ledger: `ledger.created`, in the stream `ledger`.
///
/// Its source is the origin and its id is the ledger's incarnation, a UUID made for it, so that both are public and
/// two ledgers of one origin can be told apart, a ledger restored from an old copy included. Its payload names the
/// keys that may authorise others.
public struct Genesis: Hashable, Sendable {
    public static let type = "ledger.created"

    public let origin: Origin
    /// Which making of the ledger this is.
    public let incarnation: EventID

    public init(origin: Origin, incarnation: EventID = EventID()) {
        self.origin = origin
        self.incarnation = incarnation
    }

    /// Reads entry 0. Throws ``FormatError`` when it is not a genesis.
    public init(_ entry: Entry) throws(FormatError) {
        guard entry.index == 0, entry.stream == .ledger, entry.revision == 0, entry.type == Genesis.type else {
            throw FormatError(.outOfRange, "entry 0 is not \"\(Genesis.type)\" in the stream \"ledger\"")
        }
        guard entry.occurred == entry.recorded, entry.schema == nil, entry.correlation == nil, entry.causation == nil,
            entry.append == nil
        else {
            throw FormatError(
                .outOfRange,
                "entry 0 states another time than its recording's, or has a schema, a correlation, a causation or a "
                    + "signature; the genesis of a ledger has none of them")
        }
        self.init(origin: try Origin(entry.source), incarnation: entry.id)
    }

    /// The event to record as entry 0 of a ledger without authority keys: nobody can ever change whom it trusts.
    public var event: Event { event(authorities: []) }

    /// The event to record as entry 0 of a ledger whose authority keys are `authorities`.
    public func event(authorities: [AuthorityKey]) -> Event {
        let keys = authorities.map(\.json).joined(separator: ",")
        let text =
            #"{"origin":"\#(origin.text)","incarnation":"\#(incarnation)","formatVersion":1,"keys":[\#(keys)]}"#
        return Event(id: incarnation, type: Genesis.type, source: origin.text, payload: .json(text))
    }

    /// A public key as the genesis names it: an algorithm and bytes, whose meaning other modules know.
    public struct AuthorityKey: Hashable, Sendable {
        /// Such as `ed25519`.
        public let algorithm: String
        public let bytes: [UInt8]

        /// `algorithm` is 1–32 of `a`–`z`, `0`–`9` and `-`; `bytes` are 1–255. Throws ``FormatError/Code/outOfRange``.
        public init(algorithm: String, bytes: [UInt8]) throws(FormatError) {
            let isName = algorithm.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
            }
            guard isName, (1...32).contains(algorithm.utf8.count), (1...255).contains(bytes.count) else {
                throw FormatError(
                    .outOfRange,
                    "\"\(algorithm.escapingControls)\" with \(bytes.count) bytes is no key for a genesis: name an "
                        + "algorithm such as ed25519 and give its public key")
            }
            self.algorithm = algorithm
            self.bytes = bytes
        }

        fileprivate var json: String {
            var text: [UInt8] = []
            Base64.append(bytes, to: &text)
            return #"{"algorithm":"\#(algorithm)","key":"\#(String(decoding: text, as: UTF8.self))"}"#
        }
    }
}
