internal import Digests
public import Signing

/// A checkpoint as a note, with the signatures of its log and of witnesses.
///
/// Extension lines are kept, since signatures cover them, and mean nothing here: ``checkpoint`` is without them. A
/// Mohur ledger never writes any.
public struct SignedCheckpoint: Hashable, Sendable {
    public let note: SignedNote
    public let checkpoint: Checkpoint

    /// What stands behind the third line, a line each without newlines; empty in the checkpoints of Mohur ledgers.
    public let extensionLines: [[UInt8]]

    /// Takes a note whose text is a checkpoint; no signature is verified.
    ///
    /// Throws `malformedCheckpoint`.
    public init(_ note: SignedNote) throws(TransparencyError) {
        (checkpoint, extensionLines) = try Checkpoint.read(note.text)
        self.note = note
    }

    /// Reads a note whose text is a checkpoint; no signature is verified.
    ///
    /// Throws what `SignedNote(_:)` and `init(_:)` of a note throw.
    public init(_ bytes: [UInt8]) throws(TransparencyError) {
        try self.init(SignedNote(bytes))
    }

    /// The checkpoint as it is stored and sent.
    public var bytes: [UInt8] { note.bytes }

    /// Checks that the log signed.
    ///
    /// `log` is its key, whose name must be the checkpoint's origin. Throws `unknownLog`, `emptyTreeRoot`,
    /// `badSignature`, `noKnownSignature` or `unsupportedAlgorithm`.
    public func verify(log: NoteKey) throws(TransparencyError) {
        guard checkpoint.origin.matches(log.name) else {
            throw TransparencyError(
                .unknownLog,
                "the checkpoint is of \(quoted(checkpoint.origin.bytes)), but the log's key is named "
                    + quoted(log.name.bytes))
        }
        try checkpoint.checkEmptyTree()
        _ = try note.verified(by: [log])
    }

    /// The same checkpoint with the log's lines only: of those that `keys` can have made, by name and key ID, the first
    /// of each key, so that nobody changes the bytes by repeating a line.
    ///
    /// What is sent to witnesses and timestamped. Throws `malformedNote` when there is none.
    public func keepingSignatures(of keys: [NoteKey]) throws(TransparencyError) -> SignedCheckpoint {
        var awaited = Set(keys.map { Signatory(name: $0.name, id: $0.id) })
        let lines = note.signatures.filter { awaited.remove(Signatory(name: $0.name, id: $0.keyID)) != nil }
        return try SignedCheckpoint(SignedNote(text: note.text, signatures: lines))
    }
}

extension Checkpoint {
    /// The checkpoint as a note with one signature line of `signer`, whose key's name is the origin.
    ///
    /// Throws `malformedName` when the origin cannot name a key, `unsupportedAlgorithm` when the key is not of
    /// Ed25519, `emptyTreeRoot`, and `signingFailed` when the signer fails or makes a signature that does not hold.
    public func signed(by signer: some Signer) throws(TransparencyError) -> SignedCheckpoint {
        try checkEmptyTree()
        let key = try NoteKey(name: KeyName("\(origin)"), publicKey: signer.publicKey)
        guard key.type == .ed25519 else {
            throw TransparencyError(
                .unsupportedAlgorithm,
                "a log signs its checkpoints with an Ed25519 key, not with \(signer.publicKey.algorithm.name): "
                    + "witnesses accept no other")
        }
        let signature = try makeSignature(text, by: signer)
        let line = try NoteSignature(name: key.name, keyID: key.id, signature: signature)
        return try SignedCheckpoint(SignedNote(text: text, signatures: [line]))
    }
}

/// A signature by `signer` that was verified before anybody sees it. Throws `signingFailed`.
func makeSignature(_ message: [UInt8], by signer: some Signer) throws(TransparencyError) -> [UInt8] {
    let signature: [UInt8]
    do throws(SigningError) { signature = try signer.sign(message.span) } catch {
        throw TransparencyError(.signingFailed, error.reason)
    }
    guard signer.publicKey.verify(signature, over: message) else {
        throw TransparencyError(
            .signingFailed,
            "the signer made a signature that its public key \(signer.publicKey.id) does not verify; nothing was signed"
        )
    }
    return signature
}
