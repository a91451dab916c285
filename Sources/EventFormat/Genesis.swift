/// Entry 0 of every ledger: `ledger.created`, in the stream `ledger`.
///
/// Its source is the origin and its id is the ledger's incarnation, a UUID made for it, so that both are public and
/// two ledgers of one origin can be told apart, a ledger restored from an old copy included.
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
        guard entry.index == 0, entry.stream == .ledger, entry.type == Genesis.type else {
            throw FormatError(.outOfRange, "entry 0 is not \"\(Genesis.type)\" in the stream \"ledger\"")
        }
        self.init(origin: try Origin(entry.source), incarnation: entry.id)
    }

    /// The event to record as entry 0.
    public var event: Event {
        let text = #"{"origin":"\#(origin.text)","incarnation":"\#(incarnation)","formatVersion":1,"keys":[]}"#
        return Event(id: incarnation, type: Genesis.type, source: origin.text, payload: .json(text))
    }
}
