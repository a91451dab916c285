internal import Signing
internal import Threading

/// A signature that the appending thread makes and verifies while the writer makes the entries: the writer needs it for
/// the last of them, and waits for the verification before it commits.
///
/// What a token got wrong, or a flipped bit in memory, would stand in the ledger for ever, and a wrong signature of
/// Ed25519 may give its key away.
final class OwedSignature: Sendable {
    private struct State: Sendable {
        var isBeingMade = false
        /// The signature, and the message that it is over.
        var made: Result<(signature: [UInt8], message: [UInt8]), LogError>?
        var holds: Bool?
    }

    let key: PublicKey
    /// What makes the message and signs it; nil when the signature was made beforehand.
    private let signing: (signer: PrivateKey, message: @Sendable () -> [UInt8])?
    private let state: Monitor<State>

    /// A signature by a key in memory, to be made over what `message` returns.
    init(by signer: PrivateKey, over message: @escaping @Sendable () -> [UInt8]) {
        (key, signing) = (signer.publicKey, (signer, message))
        state = Monitor(State())
    }

    /// A signature that was made, by a token say, and is to be verified.
    init(_ signature: [UInt8], by key: PublicKey, over message: [UInt8]) {
        (self.key, signing) = (key, nil)
        state = Monitor(State(isBeingMade: true, made: .success((signature, message))))
    }

    /// The signature's bytes: made by whoever asks first, waited for by others. Throws ``LogError/Code/signingFailed``.
    func bytes() throws(LogError) -> [UInt8] { try made().signature }

    private func made() throws(LogError) -> (signature: [UInt8], message: [UInt8]) {
        let isMine = state.withLock { state in
            defer { state.isBeingMade = true }
            return !state.isBeingMade
        }
        if isMine {
            let made = make()
            state.change { $0.made = made }
        }
        return try state.wait { $0.made }.get()
    }

    private func make() -> Result<(signature: [UInt8], message: [UInt8]), LogError> {
        guard let signing else { preconditionFailure("a signature that was made is made again") }
        let message = signing.message()
        do throws(SigningError) {
            return .success((try signing.signer.sign(message.span), message))
        } catch {
            return .failure(LogError(.signingFailed, "nothing was recorded: \(error.reason)"))
        }
    }

    /// Makes the signature, if need be, and verifies it. Whoever hands the append to a writer calls it, once, behind
    /// that.
    func run() {
        var holds = false
        if let (signature, message) = try? made() {
            holds = key.verify(signature.span, over: message.span)
        }
        state.change { $0.holds = holds }
    }

    /// Throws ``LogError/Code/signingFailed`` when the signature is known not to hold.
    func check() throws(LogError) {
        if state.withLock({ $0.holds }) == false { throw refusal }
    }

    /// Waits for the outcome, and throws as ``check()`` does.
    func wait() throws(LogError) {
        guard state.wait({ $0.holds }) else { throw refusal }
    }

    private var refusal: LogError {
        if case .failure(let error)? = state.withLock({ $0.made }) { return error }
        return LogError(
            .signingFailed,
            "nothing was recorded: the signer's signature is not one of its key \(key.id); look at the token or file")
    }
}
