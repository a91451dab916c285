internal import Digests
internal import EventFormat

/// Reads what ``Offer`` wrote, in another process or by another program: every number is checked, every event read as
/// strictly as an entry.
struct OfferReader: ~Copyable {
    /// The bytes are no offer.
    struct Malformed: Error {}

    /// So many bytes a signature and its key's id may add to a draft: some less than drafts leave.
    private static let maximumSignatureByteCount = 3600

    private let bytes: [UInt8]
    private var offset = 0
    /// Where the digest stands.
    private var end = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// What the offer is for. Read first: throws when the bytes are not those that were offered.
    mutating func target() throws(Malformed) -> OfferTarget {
        end = bytes.count - Digest.byteCount
        guard end >= 0, Digest(copying: bytes.span, at: end) == SHA256.hash(bytes.span.extracting(0..<end)) else {
            throw Malformed()
        }
        let (device, inode) = (try number(UInt64.self), try number(UInt64.self))
        let start = try advance(Digest.byteCount)
        let identity = Digest(copying: bytes.span, at: start)
        let trusted = EntryIndex(try number(UInt64.self))
        return OfferTarget(
            file: FileIdentity(device: device, inode: inode), identity: identity, trusted: trusted)
    }

    /// The appends, behind the target.
    mutating func appends() throws(Malformed) -> [OfferedAppend] {
        var appends: [OfferedAppend] = []
        for _ in 0..<(try number(UInt16.self)) { appends.append(try append()) }
        guard offset == end else { throw Malformed() }
        return appends
    }

    private mutating func append() throws(Malformed) -> OfferedAppend {
        var checks: [StreamCheck] = []
        for _ in 0..<(try number(UInt16.self)) { checks.append(try check()) }
        var signature: AppendSignature?
        if try number(UInt16.self) > 0 {
            let count = try number(UInt64.self)
            let given = AppendSignature(count: count, keyID: try field(), signature: try field())
            guard given.keyID.count <= AppendSignature.maximumKeyIDByteCount,
                given.keyID.count + given.signature.count <= OfferReader.maximumSignatureByteCount
            else {
                throw Malformed()
            }
            signature = given
        }
        var events = OfferedEvents()
        let count = try number(UInt16.self)
        guard count > 0, signature?.count ?? UInt64(count) == UInt64(count) else { throw Malformed() }
        for _ in 0..<count { try event(&events) }
        guard count == 1 || Set(events.items.map(\.id)).count == events.items.count else { throw Malformed() }
        return OfferedAppend(checks: checks, part: AppendPart(events), signature: signature)
    }

    private mutating func check() throws(Malformed) -> StreamCheck {
        let (kind, revision) = (try number(UInt16.self), try number(UInt64.self))
        let expectation: Expectation =
            switch kind {
            case 0: .any
            case 1: .none
            case 2: .exists
            case 3: .revision(Revision(revision))
            default: throw Malformed()
            }
        let name = try range()
        return StreamCheck(try stream(bytes.span.extracting(name)), expectation)
    }

    private mutating func event(_ events: inout OfferedEvents) throws(Malformed) {
        let statesTime = try number(UInt16.self) > 0
        let (draft, envelope) = (try range(), try range())
        do throws(FormatError) {
            try events.add(
                bytes.span.extracting(draft), statesTime: statesTime, envelope: bytes.span.extracting(envelope))
        } catch {
            throw Malformed()
        }
    }

    private func stream(_ name: Span<UInt8>) throws(Malformed) -> StreamName {
        guard let text = String(validating: Array(collecting: name), as: UTF8.self),
            let stream = try? StreamName(text)
        else { throw Malformed() }
        return stream
    }

    // MARK: Numbers

    private mutating func advance(_ count: Int) throws(Malformed) -> Int {
        guard end - offset >= count else { throw Malformed() }
        defer { offset += count }
        return offset
    }

    private mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ type: Number.Type
    ) throws(Malformed) -> Number {
        let start = try advance(Number.bitWidth / 8)
        return bytes.span.bigEndian(at: start, as: type)
    }

    private mutating func range() throws(Malformed) -> Range<Int> {
        let count = Int(try number(UInt32.self))
        let start = try advance(count)
        return start..<start + count
    }

    private mutating func field() throws(Malformed) -> [UInt8] {
        let range = try range()
        return Array(collecting: bytes.span.extracting(range))
    }
}

/// The events of an offered append that is being read.
struct OfferedEvents {
    private(set) var items: [AppendPart.Item] = []
    private(set) var streams: [StreamName] = []
    private(set) var fields: [UInt8] = []
    private(set) var envelopes: [UInt8] = []
    private var numbers: [StreamName: Int] = [:]

    /// Adds an event. Throws ``FormatError`` when the bytes are none, write the ledger's own stream, or come with an
    /// envelope that is not of the size that the event states.
    fileprivate mutating func add(
        _ draft: Span<UInt8>, statesTime: Bool, envelope: Span<UInt8>
    ) throws(FormatError) {
        let (fields, layout) = try DraftEntry.read(draft, statesTime: statesTime, into: &fields)
        let stream = try StreamName(layout.text(layout.stream, in: draft))
        guard layout.payload?.size ?? 0 == UInt64(envelope.count), stream.category != StreamName.ledger.text[...] else {
            throw FormatError(.outOfRange, "the event is none that a process may offer")
        }
        let number = numbers[stream] ?? streams.count
        if number == streams.count {
            streams.append(stream)
            numbers[stream] = number
        }
        let start = envelopes.count
        envelopes.append(collecting: envelope)
        items.append(
            AppendPart.Item(
                stream: number, id: layout.id(in: draft), fields: fields, envelope: start..<envelopes.count))
    }
}
