public import EventFormat
internal import JSON
internal import Signing
internal import Transparency

extension TrustEvent {
    /// The most bytes of a reason and of a source's name for people.
    static let maximumReasonByteCount = 1024
    static let maximumNameByteCount = 255
    /// The most bytes of a witness's key as text and of its address.
    static let maximumReferenceByteCount = 2048

    /// Reads the payload of an event of the stream `ledger`. O(size).
    ///
    /// Throws ``KeyringError/Code/unknownType`` for a type that is none of ``types``, and `malformed`, naming event,
    /// member and remedy, for a payload with other members than its type has or other values than they may take.
    public init(type: String, payload: [UInt8]) throws(KeyringError) {
        switch type {
        case "key.introduced": self = try TrustEvent.introduced(payload)
        case "key.rotated": self = try TrustEvent.rotated(payload)
        case "key.revoked": self = try TrustEvent.revoked(payload)
        case "source.registered": self = try TrustEvent.registeredSource(payload)
        case "witness.registered": self = try TrustEvent.registeredWitness(payload)
        case "policy.adopted": self = .policyAdopted(try LedgerPolicy(payload: payload))
        case "payload.removed": self = .payloadRemoved(try PayloadRemoval(payload: payload))
        case "content.removed": self = .contentRemoved(try ContentRemoval(payload: payload))
        default:
            throw KeyringError(
                .unknownType,
                "the stream \"ledger\" has no events of type \"\(type.escapingControls)\"; it has "
                    + TrustEvent.types.joined(separator: ", "))
        }
    }

    /// Reads an event that is to be recorded in the stream `ledger` of the ledger `origin`. Throws as
    /// ``init(type:payload:)`` does, and `malformed` when source or media type are not those of a trust event.
    public init(_ event: Event, origin: Origin) throws(KeyringError) {
        guard event.source.utf8.elementsEqual(origin.text.utf8) else {
            throw KeyringError(
                .malformed,
                "\(event.type.escapingControls): the source is \"\(event.source.escapingControls)\"; events of the "
                    + "stream \"ledger\" have the origin \(origin) as their source")
        }
        guard let payload = event.payload, payload.mediaType == TrustEvent.mediaType else {
            throw TrustEvent.needsPayload(event.type)
        }
        try self.init(type: event.type, payload: payload.bytes)
    }

    static let mediaType = "application/json"

    static func needsPayload(_ type: String) -> KeyringError {
        KeyringError(
            .malformed, "\(type.escapingControls): the event needs a clear payload of the media type \(mediaType)")
    }

    private static func introduced(_ payload: [UInt8]) throws(KeyringError) -> TrustEvent {
        let object = try TrustObject(payload: payload, of: "key.introduced", ["role", "algorithm", "key", "source"])
        let key = try object.publicKey()
        let name = try object.string("role")
        let role: KeyRole
        switch name {
        case "authority": role = .authority
        case "log": role = .log
        case "source": return .keyIntroduced(key, role: .source(try object.source()))
        default:
            throw object.fault(
                "role", "is \"\(name.escapingControls)\"; write \"authority\", \"source\" or \"log\"")
        }
        guard !object.has("source") else {
            throw object.fault("source", "stands beside the role \"\(name)\"; only keys of role \"source\" have one")
        }
        return .keyIntroduced(key, role: role)
    }

    private static func rotated(_ payload: [UInt8]) throws(KeyringError) -> TrustEvent {
        let object = try TrustObject(payload: payload, of: "key.rotated", ["old", "algorithm", "key"])
        return .keyRotated(old: try object.keyID("old"), new: try object.publicKey())
    }

    private static func revoked(_ payload: [UInt8]) throws(KeyringError) -> TrustEvent {
        let object = try TrustObject(payload: payload, of: "key.revoked", ["key", "reason", "compromisedSince"])
        return .keyRevoked(
            try object.keyID("key"), reason: try object.text("reason", maximum: maximumReasonByteCount),
            compromisedSince: try object.optionalTime("compromisedSince"))
    }

    private static func registeredSource(_ payload: [UInt8]) throws(KeyringError) -> TrustEvent {
        let object = try TrustObject(payload: payload, of: "source.registered", ["source", "name", "keys"])
        return .sourceRegistered(
            try object.source(), name: try object.optionalText("name", maximum: maximumNameByteCount),
            keys: try object.publicKeys())
    }

    private static func registeredWitness(_ payload: [UInt8]) throws(KeyringError) -> TrustEvent {
        let object = try TrustObject(payload: payload, of: "witness.registered", ["vkey", "url"])
        let vkey = try object.text("vkey", maximum: maximumReferenceByteCount)
        let url = try object.optionalText("url", maximum: maximumReferenceByteCount)
        do throws(KeyringError) {
            return .witnessRegistered(try Witness(vkey: vkey, url: url))
        } catch {
            throw object.fault("vkey", error.reason)
        }
    }
}
