internal import Digests
internal import EventFormat

/// The ledger that an offer is for.
struct OfferTarget: Hashable, Sendable {
    /// The data file.
    let file: FileIdentity
    /// The leaf hash of the ledger's first entry.
    let identity: Digest
    /// The newest event of keys and policy under which the offer's appends were found to be admitted.
    let trusted: EntryIndex
}

/// An append of another process, as its offer has it.
struct OfferedAppend: Sendable {
    let checks: [StreamCheck]
    let part: AppendPart
    let signature: AppendSignature?
}

/// The bytes in which a process offers appends to the others: numbers with the most significant byte first, texts and
/// bytes behind their number, each event as a ``DraftEntry`` with its envelope behind it; at the end the SHA-256 of all
/// that stands before.
enum Offer {
    /// The most bytes of an offer.
    static let maximumByteCount = OfferMemory.placeByteCount - 8

    /// The bytes that offer `requests`; nil when they do not fit, or are the ledger's own events.
    static func bytes(of requests: [AppendRequest], for target: OfferTarget) -> [UInt8]? {
        var size = 128
        for request in requests {
            size += request.weight + 256 * request.count
            guard !request.isReserved, size <= maximumByteCount else { return nil }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        bytes.append(bigEndian: target.file.device)
        bytes.append(bigEndian: target.file.inode)
        bytes.append(contentsOf: target.identity.bytes)
        bytes.append(bigEndian: target.trusted.rawValue)
        bytes.append(bigEndian: UInt16(requests.count))
        for request in requests where !append(request, to: &bytes) { return nil }
        bytes.append(contentsOf: SHA256.hash(bytes.span).bytes)
        return bytes.count <= maximumByteCount ? bytes : nil
    }

    private static func append(_ request: AppendRequest, to bytes: inout [UInt8]) -> Bool {
        guard request.checks.count <= UInt16.max, request.count <= UInt16.max else { return false }
        bytes.append(bigEndian: UInt16(request.checks.count))
        for check in request.checks { append(check, to: &bytes) }
        let signature: AppendSignature?
        do throws(LogError) { signature = try request.signature() } catch { return false }
        bytes.append(bigEndian: UInt16(signature == nil ? 0 : 1))
        if let signature {
            bytes.append(bigEndian: signature.count)
            append(signature.keyID.span, to: &bytes)
            append(signature.signature.span, to: &bytes)
        }
        bytes.append(bigEndian: UInt16(request.count))
        for part in request.parts {
            for item in part.items where !append(item, of: part, to: &bytes) { return false }
        }
        return true
    }

    private static func append(_ item: AppendPart.Item, of part: AppendPart, to bytes: inout [UInt8]) -> Bool {
        let (fields, envelopes) = (part.fields, part.envelopes)
        bytes.append(bigEndian: UInt16(item.fields.statesTime ? 1 : 0))
        let start = bytes.count
        bytes.append(bigEndian: UInt32(0))
        guard
            (try? DraftEntry.append(item.fields, in: fields.span, stream: part.streams[item.stream], to: &bytes))
                != nil
        else { return false }
        let size = UInt32(bytes.count - start - 4)
        for position in 0..<4 { bytes[start + position] = UInt8(truncatingIfNeeded: size >> UInt32(24 - 8 * position)) }
        append(envelopes.span.extracting(item.envelope), to: &bytes)
        return true
    }

    private static func append(_ check: StreamCheck, to bytes: inout [UInt8]) {
        let (kind, revision): (UInt16, UInt64) =
            switch check.expectation {
            case .any: (0, 0)
            case .none: (1, 0)
            case .exists: (2, 0)
            case .revision(let revision): (3, revision.rawValue)
            }
        bytes.append(bigEndian: kind)
        bytes.append(bigEndian: revision)
        append(check.stream.text.utf8.span, to: &bytes)
    }

    private static func append(_ field: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(bigEndian: UInt32(field.count))
        bytes.append(collecting: field)
    }
}
