internal import Digests
public import EventFormat
internal import JSON
public import Signing

extension KeyHistory {
    /// Begins a history with entry 0: its bytes, and its envelope, which must be the one that the entry commits to.
    ///
    /// Throws ``KeyringError/Code/malformed`` when entry or payload are not those of a genesis, `keyReused` when a key
    /// stands twice. A missing envelope (nil) gives a history of which nothing is known from entry 1 on.
    public init(entry bytes: Span<UInt8>, envelope: [UInt8]?) throws(KeyringError) {
        let entry: Entry
        let genesis: Genesis
        do throws(FormatError) {
            entry = try Entry(decoding: bytes)
            genesis = try Genesis(entry)
        } catch {
            throw KeyringError(.malformed, "\(Genesis.type): \(error)")
        }
        let identity = SHA256.hash(prefix: Entry.leafPrefix, bytes)
        let content: PayloadContent = PayloadContent(of: entry.payload, envelope, Genesis.type)
        switch content {
        case .clear(let payload):
            try self.init(
                genesis: genesis, identity: identity, authorities: try KeyHistory.authorities(payload, genesis))
        case .refused(let error): throw error
        case .missing(let reason):
            try self.init(genesis: genesis, identity: identity, authorities: [])
            gap = Gap(index: 0, reason: KeyHistory.gapReason(0, Genesis.type, reason))
        }
    }

    static func gapReason(_ index: EntryIndex, _ type: String, _ reason: String) -> String {
        "the keys and the policy from entry \(index.rawValue + 1) on are not known, because \(reason) "
            + "(entry \(index), \(type))"
    }

    private static func authorities(_ payload: [UInt8], _ genesis: Genesis) throws(KeyringError) -> [PublicKey] {
        let object = try TrustObject(
            payload: payload, of: Genesis.type, ["origin", "incarnation", "formatVersion", "keys"])
        guard try object.string("origin").utf8.elementsEqual(genesis.origin.text.utf8) else {
            throw object.fault("origin", "is not the entry's source, \(genesis.origin)")
        }
        guard try object.string("incarnation") == genesis.incarnation.description else {
            throw object.fault("incarnation", "is not the entry's id, \(genesis.incarnation)")
        }
        guard object.document.integer(at: try object.position("formatVersion")) == 1 else {
            throw object.fault("formatVersion", "is not 1, the version that this code knows")
        }
        return try object.publicKeys()
    }
}

extension Genesis.AuthorityKey {
    /// The public key as the genesis names it.
    public init(_ key: PublicKey) throws(FormatError) {
        try self.init(algorithm: key.algorithm.name, bytes: key.bytes)
    }
}

/// What stands in the envelope of an event of the stream `ledger`.
enum PayloadContent {
    case clear([UInt8])
    /// The entry does not commit to what a trust event needs.
    case refused(KeyringError)
    /// The envelope is not there, or not the one that the entry commits to; why, to follow "because".
    case missing(String)

    init(of payload: PayloadCommitment?, _ envelope: [UInt8]?, _ type: String) {
        guard let payload, payload.form == .clear, payload.mediaType == TrustEvent.mediaType,
            payload.size >= UInt64(Envelope.saltByteCount)
        else {
            self = .refused(TrustEvent.needsPayload(type))
            return
        }
        guard let envelope else {
            self = .missing("the payload is missing")
            return
        }
        guard UInt64(envelope.count) == payload.size, Envelope.digest(envelope.span) == payload.digest else {
            self = .missing("the payload was altered")
            return
        }
        self = .clear(Array(envelope.dropFirst(Envelope.saltByteCount)))
    }
}
