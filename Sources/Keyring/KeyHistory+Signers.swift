public import Digests
public import EventFormat
public import Signing

/// What a signature of an append is for, which decides what key it needs.
public enum AppendPurpose: Hashable, Sendable {
    /// Events of the ledger itself: an authority key.
    case ledger
    /// Events of one source: a key of that source.
    case source(SourceName)
}

extension KeyHistory {
    /// The record of a key, if it was ever introduced.
    public func record(of id: KeyID) -> KeyRecord? { keyNumbers[id].map { keys[$0] } }

    /// The key `id`, if it may sign an append that begins at entry `first` and is for `purpose`.
    ///
    /// Throws `unknownKey`, `keyNotInForce` (not introduced yet, or ended), `wrongRole` or `wrongSource`.
    public func signer(
        _ id: KeyID, at first: EntryIndex, for purpose: AppendPurpose
    ) throws(KeyringError) -> KeyRecord {
        let record = try keyInForce(id, at: first)
        switch (purpose, record.role) {
        case (.ledger, .authority): return record
        case (.ledger, let role):
            throw KeyringError(
                .wrongRole, "the key \(id) is \(role); events of the stream \"ledger\" need an authority key")
        case (.source(let source), .source(let owner)):
            guard source == owner else {
                throw KeyringError(
                    .wrongSource, "the key \(id) is a key of the source \(owner), not of \(source)")
            }
            return record
        case (.source(let source), let role):
            throw KeyringError(.wrongRole, "the key \(id) is \(role), not a key of the source \(source)")
        }
    }

    /// The key `id`, in whatever role, if it is in force at `first`.
    func keyInForce(_ id: KeyID, at first: EntryIndex) throws(KeyringError) -> KeyRecord {
        guard let record = record(of: id) else {
            throw KeyringError(.unknownKey, "no event has introduced the key \(id): have an authority introduce it")
        }
        guard record.introduced < first else {
            throw KeyringError(
                .keyNotInForce,
                "the key \(id) is in force from entry \(record.introduced.rawValue + 1) on, the append begins at "
                    + "entry \(first)")
        }
        guard let end = record.end, end.index < first else { return record }
        let cause =
            switch end.cause {
            case .rotated(let new): "replaced by \(new)"
            case .revoked(let reason, _): "revoked: \(reason.escapingControls)"
            }
        throw KeyringError(
            .keyNotInForce,
            "the key \(id) ended with entry \(end.index) (\(cause)), the append begins at entry \(first)")
    }

    /// Checks that `signature` is one over the events with the source digests `digests`, by a key that may sign an
    /// append for `purpose` that begins at `first`; returns the key. O(n), and one signature to verify.
    ///
    /// Throws as ``signer(_:at:for:)`` does, `wrongCount` when the signature's count is not that of the digests or
    /// above 10,000, and `wrongSignature`.
    public func check(
        _ signature: AppendSignature, over digests: some Collection<Digest>, at first: EntryIndex,
        for purpose: AppendPurpose
    ) throws(KeyringError) -> KeyRecord {
        guard signature.count == UInt64(digests.count), digests.count <= AppendMessage.maximumCount else {
            throw KeyringError(
                .wrongCount,
                "the signature says that it covers \(signature.count) events; the append has \(digests.count), and "
                    + "at most \(AppendMessage.maximumCount) are allowed")
        }
        let record = try signer(try KeyHistory.id(signature.keyID), at: first, for: purpose)
        try verify(signature.signature.span, by: record, over: digests)
        return record
    }

    /// The key id that a signature names.
    static func id(_ bytes: [UInt8]) throws(KeyringError) -> KeyID {
        guard let id = KeyID(bytes: bytes) else {
            throw KeyringError(
                .unknownKey, "the signature names a key by \(bytes.count) bytes (\(Hex.encode(bytes))); an id has 32")
        }
        return id
    }

    func verify(
        _ signature: Span<UInt8>, by record: KeyRecord, over digests: some Collection<Digest>
    ) throws(KeyringError) {
        let message = AppendMessage.bytes(identity: identity, digests: digests)
        guard record.key.verify(signature, over: message.span) else {
            throw KeyringError(
                .wrongSignature,
                "the signature is not one of the key \(record.id) over \(digests.count) events in this order in this "
                    + "ledger: an event, their order, the count or the signature was altered")
        }
    }
}
