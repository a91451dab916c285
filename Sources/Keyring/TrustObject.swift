internal import Digests
internal import EventFormat
internal import JSON
internal import Signing

/// A JSON object of a trust event, read strictly: its members are known, and have the right kind.
///
/// What it throws has the code ``KeyringError/Code/malformed`` and names the event, the member and the remedy.
struct TrustObject {
    let document: JSONDocument
    /// What the object is, for errors: `key.introduced`, or `source.registered: keys[2]`.
    let place: String
    private var members: [(key: String, value: JSONDocument.Position)] = []

    /// The object that is the whole of `payload`, whose members may be `known`.
    init(payload: [UInt8], of place: String, _ known: [String]) throws(KeyringError) {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(payload)
        } catch {
            throw KeyringError(.malformed, "\(place): the payload is no JSON text: \(error)")
        }
        try self.init(document, at: document.root, of: place, known)
    }

    /// The object at `position`.
    init(
        _ document: JSONDocument, at position: JSONDocument.Position, of place: String, _ known: [String]
    ) throws(KeyringError) {
        self.document = document
        self.place = place
        guard let found = document.members(at: position) else {
            throw KeyringError(
                .malformed,
                "\(place) is \(document.kind(at: position)); write an object with \(TrustObject.list(known))")
        }
        for member in found {
            guard let name = known.first(where: { $0.utf8.elementsEqual(member.key.utf8) }) else {
                throw KeyringError(
                    .malformed,
                    "\(place) has the member \"\(member.key.escapingControls)\"; only \(TrustObject.list(known)) are "
                        + "known: remove it")
            }
            members.append((name, member.value))
        }
    }

    private static func list(_ names: [String]) -> String { names.map { "\"\($0)\"" }.joined(separator: ", ") }

    func fault(_ member: String, _ complaint: String) -> KeyringError {
        KeyringError(.malformed, "\(place): \"\(member)\" \(complaint)")
    }

    func has(_ member: String) -> Bool { members.contains { $0.key == member } }

    func position(_ member: String) throws(KeyringError) -> JSONDocument.Position {
        guard let found = members.first(where: { $0.key == member }) else { throw fault(member, "is missing; add it") }
        return found.value
    }

    /// A string as it stands.
    func string(_ member: String) throws(KeyringError) -> String {
        let position = try position(member)
        guard let text = document.string(at: position) else {
            throw fault(member, "is \(document.kind(at: position)); write a string")
        }
        return text
    }

    /// A text of 1 to `maximum` bytes without control characters.
    func text(_ member: String, maximum: Int) throws(KeyringError) -> String {
        let text = try string(member)
        if let complaint = TextRule.complaint(text, maximum: maximum) { throw fault(member, complaint) }
        return text
    }

    func optionalText(_ member: String, maximum: Int) throws(KeyringError) -> String? {
        has(member) ? try text(member, maximum: maximum) : nil
    }
}

// MARK: - Keys, sources and times

extension TrustObject {
    /// The members `algorithm` and `key`.
    func publicKey() throws(KeyringError) -> PublicKey {
        let name = try string("algorithm")
        guard let algorithm = SignatureAlgorithm(name: name) else {
            throw fault(
                "algorithm", "is \"\(name.escapingControls)\"; write \"ed25519\" or \"ecdsa-p256\"")
        }
        guard let bytes = Base64.decode(Array(try string("key").utf8)) else {
            throw fault("key", "is not Base64 with padding (RFC 4648 §4); write the public key's bytes so")
        }
        do throws(SigningError) {
            return try PublicKey(algorithm: algorithm, bytes: bytes)
        } catch {
            throw fault("key", "is no public key: \(error.reason)")
        }
    }

    /// The member `keys`: an array of objects with `algorithm` and `key`.
    func publicKeys() throws(KeyringError) -> [PublicKey] {
        let position = try position("keys")
        guard let elements = document.elements(at: position) else {
            throw fault("keys", "is \(document.kind(at: position)); write an array")
        }
        var keys: [PublicKey] = []
        for (number, element) in elements.enumerated() {
            let object = try TrustObject(document, at: element, of: "\(place): keys[\(number)]", ["algorithm", "key"])
            keys.append(try object.publicKey())
        }
        return keys
    }

    /// A key id: 64 lowercase hexadecimal digits.
    func keyID(_ member: String) throws(KeyringError) -> KeyID {
        let text = try string(member)
        guard let id = KeyID(hex: text), id.hex.utf8.elementsEqual(text.utf8) else {
            throw fault(member, "is no key id; write its 64 hexadecimal digits, lowercase")
        }
        return id
    }

    func source() throws(KeyringError) -> SourceName {
        do throws(KeyringError) {
            return try SourceName(try string("source"))
        } catch {
            throw has("source") ? KeyringError(.malformed, "\(place): \(error.reason)") : error
        }
    }

    func optionalTime(_ member: String) throws(KeyringError) -> Timestamp? {
        guard has(member) else { return nil }
        let text = try text(member, maximum: 64)
        do throws(FormatError) {
            return try Timestamp(rfc3339: text)
        } catch {
            throw fault(member, "is no time: \(error.reason)")
        }
    }
}

extension JSONDocument {
    /// What a value is, to follow "is".
    fileprivate func kind(at position: Position) -> String {
        switch kind(at: position) as JSONKind {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
