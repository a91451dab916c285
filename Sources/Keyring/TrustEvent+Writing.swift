internal import Digests
public import EventFormat
internal import JSON
internal import Signing
internal import Transparency

extension TrustEvent {
    /// The payload: JSON without white space, members in the order of docs/format.md. What this writes
    /// ``init(type:payload:)`` reads back.
    public var payload: [UInt8] {
        var object = JSONObject()
        switch self {
        case .keyIntroduced(let key, let role):
            object.add("role", role.name)
            object.add(key)
            if case .source(let source) = role { object.add("source", source.text) }
        case .keyRotated(let old, let new):
            object.add("old", old.hex)
            object.add(new)
        case .keyRevoked(let key, let reason, let since):
            object.add("key", key.hex)
            object.add("reason", reason)
            if let since { object.add("compromisedSince", since.description) }
        case .sourceRegistered(let source, let name, let keys):
            object.add("source", source.text)
            if let name { object.add("name", name) }
            var array = JSONArray()
            for key in keys {
                var member = JSONObject()
                member.add(key)
                array.append(member)
            }
            object.add("keys", array)
        case .witnessRegistered(let witness):
            object.add("vkey", witness.vkey)
            if let url = witness.url { object.add("url", url) }
        case .policyAdopted(let policy):
            object = policy.json
        case .payloadRemoved(let removal):
            object = removal.json
        case .contentRemoved(let removal):
            object = removal.json
        }
        return object.bytes
    }

    /// The event to record in the stream `ledger` of the ledger `origin`.
    ///
    /// A signed event states when it happened, so `occurred` is asked for here.
    public func event(origin: Origin, id: EventID = EventID(), occurred: Timestamp) -> Event {
        Event(
            id: id, type: type, source: origin.text, occurred: occurred,
            payload: Payload(bytes: payload, mediaType: TrustEvent.mediaType))
    }
}

extension TrustEvent.Witness {
    /// Takes the key `vkey`, which must be of type 04 (Ed25519 cosignature, C2SP tlog-cosignature). Throws
    /// ``KeyringError/Code/malformed`` when it is not.
    public init(vkey: String, url: String? = nil) throws(KeyringError) {
        let noteKey: NoteKey
        do throws(TransparencyError) {
            noteKey = try NoteKey(vkey: vkey)
        } catch {
            throw KeyringError(.malformed, "is no key of a witness: \(error)")
        }
        guard noteKey.type == .cosignature, let publicKey = noteKey.publicKey else {
            throw KeyringError(
                .malformed, "is a key of another type than 04 (Ed25519 cosignature); ask the witness for that one")
        }
        self.vkey = vkey
        self.url = url
        self.noteKey = noteKey
        self.publicKey = publicKey
    }
}

extension KeyRole {
    /// The word in `key.introduced`.
    fileprivate var name: String {
        switch self {
        case .authority: "authority"
        case .source: "source"
        case .log: "log"
        case .witness: preconditionFailure("a witness's key is registered with its name, not introduced")
        }
    }
}

extension JSONObject {
    /// Adds `algorithm` and `key`.
    fileprivate mutating func add(_ key: PublicKey) {
        add("algorithm", key.algorithm.name)
        var text: [UInt8] = []
        Base64.append(key.bytes, to: &text)
        add("key", String(decoding: text, as: UTF8.self))
    }
}
