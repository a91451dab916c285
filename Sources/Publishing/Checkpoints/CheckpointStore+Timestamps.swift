internal import Digests
internal import Files
public import Merkle
public import Timestamping
internal import Transparency

/// Timestamps of checkpoints by independent authorities (RFC 3161), at most one a checkpoint.
///
/// What is timestamped is the note with the log's own signature line alone: the text, an empty line, and that line. So
/// a cosignature that comes later does not part the timestamp from its checkpoint. The response is kept last, and
/// neither file is ever replaced once both are there: a request without a response, which a crash leaves, is none.
extension CheckpointStore {
    /// A new request for a timestamp of the kept checkpoint of `size`. Throws `noCheckpoint`.
    public func timestampRequest(_ size: TreeSize) throws(PublishingError) -> TimestampRequest {
        TimestampRequest(imprint: try imprint(of: size))
    }

    /// Verifies that `response` answers `request` and timestamps the checkpoint of `size` by an authority that leads to
    /// `anchors` (certificates in PEM), keeps both, and returns what it says. The caller holds the lock.
    ///
    /// Throws `notProved` when anything does not hold, and `alreadyTimestamped` when a timestamp is kept.
    public func keep(
        _ response: TimestampResponse, to request: TimestampRequest, of size: TreeSize, anchors: [UInt8]
    ) throws(PublishingError) -> VerifiedTimestamp {
        guard try timestamp(size) == nil else {
            throw PublishingError(.alreadyTimestamped, "the checkpoint of \(size) entries has a timestamp already")
        }
        let verified = try verify(response, request, of: size, anchors)
        let (question, answer) = (request.bytes, response.bytes)
        try PublishingError.filing { () throws(FileError) in
            try DurableFile.replace(file(size, "tsq"), with: question.span)
            try DurableFile.replace(file(size, "tsr"), with: answer.span)
        }
        return verified
    }

    /// The request and the response that are kept of the checkpoint of `size`; nil when it has no timestamp.
    public func timestamp(
        _ size: TreeSize
    ) throws(PublishingError) -> (request: [UInt8], response: TimestampResponse)? {
        try PublishingError.filing { () throws(FileError) in
            guard let response = try DurableFile.readIfPresent(file(size, "tsr"), atMost: TimestampResponse.byteLimit),
                let request = try DurableFile.readIfPresent(file(size, "tsq"), atMost: 4096)
            else { return nil }
            return (request, TimestampResponse(response))
        }
    }

    /// Verifies the timestamp that is kept of the checkpoint of `size` once more; nil when it has none. Throws
    /// `notProved`.
    public func verifyTimestamp(_ size: TreeSize, anchors: [UInt8]) throws(PublishingError) -> VerifiedTimestamp? {
        guard let (bytes, response) = try timestamp(size) else { return nil }
        let request = try stamping { () throws(TimestampError) in try TimestampRequest(bytes) }
        return try verify(response, request, of: size, anchors)
    }

    private func verify(
        _ response: TimestampResponse, _ request: TimestampRequest, of size: TreeSize, _ anchors: [UInt8]
    ) throws(PublishingError) -> VerifiedTimestamp {
        guard try request.imprint == imprint(of: size) else {
            throw PublishingError(.notProved, "the timestamp is not one of the checkpoint of \(size) entries")
        }
        return try stamping { () throws(TimestampError) in try response.verify(request, anchors: anchors) }
    }

    private func imprint(of size: TreeSize) throws(PublishingError) -> Digest {
        guard let kept = try checkpoint(size) else {
            throw PublishingError(
                .noCheckpoint, "\(ledger) has no checkpoint of \(size) entries (mohur checkpoint --list)")
        }
        guard let own = kept.note.signatures.first(where: { kept.checkpoint.origin.matches($0.name) }) else {
            throw PublishingError(
                .unreadableCheckpoint, "the checkpoint of \(size) entries has no signature line of its log")
        }
        let note = try PublishingError.noting { () throws(TransparencyError) in
            try SignedNote(text: kept.note.text, signatures: [own]).bytes
        }
        return SHA256.hash(note.span)
    }

    private func stamping<R>(_ body: () throws(TimestampError) -> R) throws(PublishingError) -> R {
        do throws(TimestampError) { return try body() } catch { throw PublishingError(.notProved, error.reason) }
    }
}
