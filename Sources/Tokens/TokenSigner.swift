internal import CPKCS11
internal import Digests
public import Signing
internal import Synchronization

/// Signs with a private key that never leaves its token: a smart card, an HSM, or SoftHSM, through the maker's PKCS#11
/// module.
///
/// A signer has one session, which one thread uses at a time; the others wait. A call takes as long as the token does:
/// make it off Swift's cooperative threads. A signer whose token was removed fails from then on: make another.
public final class TokenSigner: Signer {
    public let publicKey: PublicKey
    /// Where the key is.
    public let uri: PKCS11URI

    private let key: CK_OBJECT_HANDLE
    private let session: Mutex<TokenSession>

    /// Opens the key that `uri` names. `pin`: the token's user PIN, nil to read it from the URI's `pin-source`.
    ///
    /// A login holds for the whole process: while another signer has one with the token, the PIN is not looked at.
    /// Signs once to see that the key and its public half belong together. Throws a ``SigningError`` that says whether
    /// the module, the token, the PIN or the key is at fault.
    public convenience init(_ uri: PKCS11URI, pin: [UInt8]? = nil) throws(SigningError) {
        let session = try TokenSigner.open(uri, pin, writing: false)
        let key = try session.privateKey(uri)
        try self.init(uri, session, key)
    }

    /// Makes a new pair of keys in the token, neither of which can be replaced or read out, under the label
    /// `uri.object` and, when the URI has none, a random CKA_ID. Throws `keyExists` when the label is taken.
    public static func generate(
        _ algorithm: SignatureAlgorithm, _ uri: PKCS11URI, pin: [UInt8]? = nil
    ) throws(SigningError) -> TokenSigner {
        let session = try open(uri, pin, writing: true)
        let key = try session.makeKey(algorithm, uri)
        return try TokenSigner(uri, session, key)
    }

    private init(
        _ uri: PKCS11URI, _ session: consuming TokenSession, _ key: CK_OBJECT_HANDLE
    ) throws(SigningError) {
        publicKey = try session.publicKey(of: key, uri)
        self.uri = uri
        self.key = key
        self.session = Mutex(session)
        let message = Array("mohur/key/v1 check".utf8)
        guard publicKey.verify(try sign(message.span), over: message) else {
            throw SigningError(
                .malformedPublicKey,
                "the private key \(uri.keyName) of the token “\(uri.token)” does not belong to the public key beside "
                    + "it: give id= of the right one, or remove the other public key")
        }
    }

    private static func open(
        _ uri: PKCS11URI, _ pin: [UInt8]?, writing: Bool
    ) throws(SigningError) -> TokenSession {
        let module = try TokenModule(path: uri.modulePath)
        let slot = try module.slot(uri.token, serial: uri.serial)
        guard pin == nil, let source = uri.pinSource else {
            return try TokenSession(module, slot, pin: pin, writing: writing)
        }
        var secret = try source.read()
        defer { wipe(&secret) }
        return try TokenSession(module, slot, pin: secret, writing: writing)
    }

    /// The 64 bytes of the signature over `message`; for P-256 r ‖ s over its SHA-256.
    public func sign(_ message: Span<UInt8>) throws(SigningError) -> [UInt8] {
        let signature: [UInt8]
        if publicKey.algorithm == .ed25519 {
            let copy = Array(collecting: message)
            signature = try session.withLock { (session) throws(SigningError) in
                try session.sign(copy.span, key, CK_MECHANISM_TYPE(CKM_EDDSA))
            }
        } else {
            let digest = SHA256.hash(message).bytes
            signature = try session.withLock { (session) throws(SigningError) in
                try session.sign(digest.span, key, CK_MECHANISM_TYPE(CKM_ECDSA))
            }
        }
        guard signature.count == SignatureAlgorithm.signatureByteCount else {
            throw SigningError(
                .tokenFailed, "the token “\(uri.token)” gave a signature of \(signature.count) bytes, not 64")
        }
        return signature
    }
}
