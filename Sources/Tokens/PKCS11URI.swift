internal import Digests
public import Signing

/// A key in a token, named by a PKCS#11 URI: a subset of RFC 7512.
///
/// `pkcs11:token=LABEL;object=LABEL?module-path=/PATH.so&pin-source=file:/PATH`. Of the path attributes `token`,
/// `object`, `serial`, `id` and `type=private` are read, of the query attributes `module-path` and `pin-source`
/// (`file:/PATH`, `/PATH` or `env:NAME`, the last of our own). `pin-value` is refused, because the URI stands among a
/// program's arguments, and every other attribute, because a key must not be chosen with less than was asked for.
public struct PKCS11URI: Hashable, Sendable {
    /// The token's label (`token`): 1 to 32 bytes.
    public var token: String
    /// The key's label (`object`): 1 to 255 bytes; nil when the key is named by its id alone.
    public var object: String?
    /// The token's serial number (`serial`), where labels are not unique.
    public var serial: String?
    /// The key's CKA_ID (`id`), where there is no label or it is not unique.
    public var keyID: [UInt8]?
    /// The absolute path of the module (`module-path`).
    public var modulePath: String
    /// Where the PIN is read from (`pin-source`).
    public var pinSource: SecretSource?

    public init(
        token: String, object: String?, serial: String? = nil, keyID: [UInt8]? = nil, modulePath: String,
        pinSource: SecretSource? = nil
    ) throws(SigningError) {
        guard (1...32).contains(token.utf8.count) else {
            throw PKCS11URI.malformed("a token's label has 1 to 32 bytes: give token=LABEL")
        }
        guard object != nil || keyID != nil, (1...255).contains(object?.utf8.count ?? 1), keyID?.isEmpty != true else {
            throw PKCS11URI.malformed(
                "a key's label has 1 to 255 bytes: give object=LABEL, or id= with the key's id, such as id=%01%ff")
        }
        guard modulePath.hasPrefix("/"), !modulePath.utf8.contains(0) else {
            throw PKCS11URI.malformed(
                "give the module's absolute path, such as module-path=/usr/lib/softhsm/libsofthsm2.so")
        }
        self.token = token
        self.object = object
        self.serial = serial
        self.keyID = keyID
        self.modulePath = modulePath
        self.pinSource = pinSource
    }

    /// The key for people: its label, or else its id.
    var keyName: String { object.map { "“\($0)”" } ?? "of the id \(Hex.encode(keyID ?? []))" }

    /// Whether `text` is meant to be a PKCS#11 URI rather than a file's path.
    public static func isMeant(by text: some StringProtocol) -> Bool { text.lowercased().hasPrefix("pkcs11:") }

    static func malformed(_ reason: String) -> SigningError {
        SigningError(.malformedURI, "the PKCS#11 URI cannot be used: \(reason)")
    }
}
