internal import Digests
internal import Merkle
internal import Transparency

/// What the signed checkpoints say, held to the policy.
struct CheckpointAudit: Sendable {
    /// The most entries that the checkpoint of a tree of tiles is believed to state, 2^48: no disk holds as many.
    static let maximumSize: UInt64 = 1 << 48

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

    /// The newest checkpoint, from `bytes`; nil when they are none, or one of another size than `size`. What the policy
    /// misses is a finding.
    mutating func readHead(_ bytes: [UInt8], at place: String, size: TreeSize? = nil) -> Head? {
        guard let signed = parse(bytes, at: place) else { return nil }
        let stated = signed.checkpoint.size
        guard size.map({ stated == $0 }) ?? (stated.rawValue <= CheckpointAudit.maximumSize) else {
            add(.altered, at: place, "it states \(stated) entries, which cannot be")
            return nil
        }
        var result: PolicyResult?
        do throws(TransparencyError) {
            let found = try policy.check(signed)
            result = found
            if !found.isQuorumMet {
                add(.unverifiable, at: "checkpoint", "the policy's quorum is not met: \(found.summary)")
            }
        } catch {
            add(.unverifiable, at: "checkpoint", "\(error)")
        }
        return Head(signed: signed, result: result)
    }

    /// An earlier checkpoint and the key of the policy's log that signed it, if one did; nil when it is none.
    mutating func readEarlier(
        _ bytes: [UInt8], at place: String, size: TreeSize, of head: Head?
    ) -> (SignedCheckpoint, NoteKey?)? {
        guard let signed = parse(bytes, at: place) else { return nil }
        guard signed.checkpoint.size == size else {
            add(.altered, at: place, "it states \(signed.checkpoint.size) entries; its name says \(size)")
            return nil
        }
        if let head, signed.checkpoint.origin != head.signed.checkpoint.origin {
            add(.altered, at: place, "it is of another ledger, \(signed.checkpoint.origin)")
            return nil
        }
        do throws(TransparencyError) {
            return (signed, try policy.check(signed).log)
        } catch {
            guard error.code == .badSignature else { return (signed, nil) }
            add(.altered, at: place, "\(error)")
            return nil
        }
    }

    /// Adds a finding about a checkpoint.
    mutating func add(_ verdict: Verdict, at place: String, _ reason: String) {
        findings.append(GeneralFinding(verdict, at: place, reason))
    }

    private mutating func parse(_ bytes: [UInt8], at place: String) -> SignedCheckpoint? {
        do throws(TransparencyError) {
            let signed = try SignedCheckpoint(bytes)
            if signed.extensionLines.isEmpty { return signed }
            add(.altered, at: place, "it has more than the three lines of a ledger's checkpoint")
            return nil
        } catch {
            add(.altered, at: place, "it is no checkpoint: \(error)")
            return nil
        }
    }
}
