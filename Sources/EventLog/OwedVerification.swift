internal import Signing
internal import Threading

/// The verification of a signature that was just made, which the appending thread does while the writer makes the
/// entries: the writer waits for it before it commits.
///
/// What a token got wrong, or a flipped bit in memory, would stand in the ledger for ever, and a wrong signature of
/// Ed25519 may give its key away.
final class OwedVerification: Sendable {
    private let key: PublicKey
    private let signature: [UInt8]
    private let message: [UInt8]
    private let outcome = Monitor<Bool?>(nil)

    init(_ key: PublicKey, _ signature: [UInt8], over message: [UInt8]) {
        (self.key, self.signature, self.message) = (key, signature, message)
    }

    /// Verifies. Whoever hands the append to a writer calls it, once, behind that.
    func run() {
        let (signature, message) = (signature, message)
        let holds = key.verify(signature.span, over: message.span)
        outcome.change { $0 = holds }
    }

    /// Throws ``LogError/Code/signingFailed`` when the signature is known not to hold.
    func check() throws(LogError) {
        if outcome.withLock({ $0 }) == false { throw refusal }
    }

    /// Waits for the outcome, and throws as ``check()`` does.
    func wait() throws(LogError) {
        guard outcome.wait({ $0 }) else { throw refusal }
    }

    private var refusal: LogError {
        LogError(
            .signingFailed,
            "nothing was recorded: the signer's signature is not one of its key \(key.id); look at the token or file")
    }
}
