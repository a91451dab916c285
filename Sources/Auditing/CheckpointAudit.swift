internal import Digests
internal import Merkle
internal import Transparency

/// What the signed checkpoints say, held to the policy.
struct CheckpointAudit: Sendable {
    /// The newest checkpoint, to which everything is compared.
    struct Head: Sendable {
        let signed: SignedCheckpoint
        /// What the policy says of it; nil when the log did not sign.
        let result: PolicyResult?

        var size: UInt64 { signed.checkpoint.size.rawValue }
        var root: Digest { signed.checkpoint.root }
        /// Whether the log signed and the quorum is met.
        var isTrusted: Bool { result?.isQuorumMet ?? false }
    }

    let policy: TrustPolicy
    private(set) var findings: [GeneralFinding] = []

    init(policy: TrustPolicy) {
        self.policy = policy
    }

    /// The newest checkpoint, from `bytes`; nil when they are none. What the policy misses is a finding.
    mutating func readHead(_ bytes: [UInt8], at place: String) -> Head? {
        guard let signed = parse(bytes, at: place) else { return nil }
        let result = check(signed, at: place, alsoTrusting: [])
        if let result, !result.isQuorumMet {
            findings.append(
                GeneralFinding(.unverifiable, at: place, "the policy's quorum is not met: \(result.summary)"))
        }
        return Head(signed: signed, result: result)
    }

    /// An earlier checkpoint, which one of the policy's logs or of `others` must have signed; nil when none did.
    mutating func readEarlier(
        _ bytes: [UInt8], at place: String, alsoTrusting others: [NoteKey]
    ) -> SignedCheckpoint? {
        guard let signed = parse(bytes, at: place),
            check(signed, at: place, alsoTrusting: others) != nil
        else { return nil }
        return signed
    }

    /// Adds a finding about a checkpoint.
    mutating func add(_ verdict: Verdict, at place: String, _ reason: String) {
        findings.append(GeneralFinding(verdict, at: place, reason))
    }

    private mutating func parse(_ bytes: [UInt8], at place: String) -> SignedCheckpoint? {
        do throws(TransparencyError) {
            return try SignedCheckpoint(bytes)
        } catch {
            add(.altered, at: place, "it is no checkpoint: \(error)")
            return nil
        }
    }

    private mutating func check(
        _ signed: SignedCheckpoint, at place: String, alsoTrusting others: [NoteKey]
    ) -> PolicyResult? {
        do throws(TransparencyError) {
            return try policy.check(signed, alsoTrusting: others)
        } catch {
            add(error.code == .badSignature ? .altered : .unverifiable, at: place, "\(error)")
            return nil
        }
    }
}
