/// What a policy says of a checkpoint that one of its logs signed.
public struct PolicyResult: Hashable, Sendable {
    public let checkpoint: Checkpoint

    /// The key of the log that signed, the first that did.
    public let log: NoteKey

    /// The witnesses that cosigned, in the order of the policy, whether the quorum needs them or not.
    public let cosignatures: [WitnessCosignature]

    /// The witnesses whose lines are there and of a type that this version cannot verify: they count as absent.
    public let unverifiable: [TrustPolicy.Name]

    /// The rules that the quorum needs and that are not met, the quorum's own first; empty when it is met.
    public let shortfalls: [Shortfall]

    /// Whether enough witnesses cosigned.
    public var isQuorumMet: Bool { shortfalls.isEmpty }

    /// Throws `quorumNotMet` with ``summary`` unless the quorum is met.
    public func requireQuorum() throws(TransparencyError) {
        guard isQuorumMet else { throw TransparencyError(.quorumNotMet, summary) }
    }

    /// Who cosigned, and what is missing, in a sentence or two.
    public var summary: String {
        let names = cosignatures.map { shown($0.name.bytes) }.joined(separator: ", ")
        var text = cosignatures.isEmpty ? "no witness of the policy cosigned" : "cosigned by \(names)"
        for shortfall in shortfalls { text += "; \(shortfall)" }
        if !unverifiable.isEmpty {
            let names = unverifiable.map { shown($0.bytes) }.joined(separator: ", ")
            text += "; the cosignatures of \(names) are of a type that this version cannot verify"
        }
        return text
    }
}

/// A witness that cosigned, and when.
public struct WitnessCosignature: Hashable, Sendable {
    /// Its name in the policy.
    public let name: TrustPolicy.Name
    public let key: NoteKey

    /// Seconds since 1970, as the witness states; the earliest when it signed more than once.
    public let time: UInt64
}

/// A witness or a group that the quorum needs and that did not cosign.
public struct Shortfall: Hashable, Sendable, CustomStringConvertible {
    public let name: TrustPolicy.Name

    /// How many of the members are needed; nil for a witness.
    public let threshold: Int?

    /// The members of the group that are met.
    public let met: [TrustPolicy.Name]

    /// The members of the group that are not.
    public let missing: [TrustPolicy.Name]

    public var description: String {
        guard let threshold else { return "the witness \(shown(name.bytes)) did not cosign" }
        let names = missing.map { shown($0.bytes) }.joined(separator: ", ")
        return "the group \(shown(name.bytes)) needs \(threshold) of \(met.count + missing.count) and has "
            + "\(met.count): \(names) \(missing.count == 1 ? "is" : "are") missing"
    }
}
