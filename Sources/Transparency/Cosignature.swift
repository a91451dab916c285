internal import Digests
public import Signing

/// What a witness's signature line holds: a time and a signature (C2SP tlog-cosignature v1.0.1, "Format").
public struct Cosignature: Hashable, Sendable {
    /// The latest time, 2^63 − 1.
    public static let maximumTime = UInt64(Int64.max)

    /// Seconds since 1970, 1 … 2^63 − 1: as of then, the tree was the largest that the witness had seen of the log.
    public let time: UInt64

    /// 64 bytes of Ed25519.
    public let signature: [UInt8]

    /// Reads eight bytes of time, most significant first, and 64 of signature; nil for other lengths, for the time 0,
    /// which is none, and for times past ``maximumTime``.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 72 else { return nil }
        let time: UInt64 = bytes.span.bigEndian(at: 0)
        guard (1...Cosignature.maximumTime).contains(time) else { return nil }
        self.time = time
        signature = Array(bytes[8...])
    }

    /// What is signed: `cosignature/v1`, the time, and the whole text of the note with its extension lines.
    static func message(_ text: [UInt8], at time: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }
}

extension NoteSignature {
    /// The time that the line states if it is a cosignature; true only when the line was verified.
    public var cosignature: Cosignature? { Cosignature(signature) }
}

/// One who cosigns checkpoints: a witness's name and signer.
public struct Cosigner: Sendable {
    /// The witness's key, type 4.
    public let key: NoteKey

    private let signer: any Signer

    /// Throws `unsupportedAlgorithm` when the signer's key is not of Ed25519.
    public init(name: KeyName, signer: any Signer) throws(TransparencyError) {
        key = try NoteKey.cosigner(name: name, publicKey: signer.publicKey)
        self.signer = signer
    }

    /// A signature line that states that the checkpoint is the largest that the cosigner has seen of its log and
    /// consistent with all before: whoever calls has checked that, and that the log signed.
    ///
    /// `seconds` is the time since 1970. Throws `cosignatureTime`, `emptyTreeRoot`, or `signingFailed` when the signer
    /// fails.
    public func cosign(
        _ checkpoint: SignedCheckpoint, at seconds: UInt64
    ) throws(TransparencyError) -> NoteSignature {
        guard (1...Cosignature.maximumTime).contains(seconds) else {
            throw TransparencyError(
                .cosignatureTime, "the time of a cosignature is 1 … 2^63 − 1 seconds, not \(seconds); set the clock")
        }
        try checkpoint.checkpoint.checkEmptyTree()
        let signature = try makeSignature(Cosignature.message(checkpoint.note.text, at: seconds), by: signer)
        return try NoteSignature(name: key.name, keyID: key.id, signature: Array(bigEndian: seconds) + signature)
    }
}
