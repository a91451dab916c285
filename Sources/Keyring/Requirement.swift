public import EventFormat

/// Whether an event must be signed, and which rule says so.
public struct Requirement: Hashable, Sendable {
    /// The first rule that applies, in this order.
    public enum Reason: UInt8, Hashable, Sendable {
        /// The policy has a rule for the type.
        case typeRule
        /// The policy has a rule for the source.
        case sourceRule
        /// A key of the source was introduced, be it in force or not.
        case sourceKey
        /// None of these: what the policy says of unsigned events, or, without a policy, that they are allowed.
        case otherwise
    }

    public let isSigned: Bool
    public let reason: Reason
}

extension KeyHistory {
    /// Whether an event recorded at `index` must be signed. Not for events of the stream `ledger`, which an authority
    /// key must sign whatever the policy is.
    ///
    /// A rule for the type comes first, the type itself before the longest prefix; then a rule for the source; then a
    /// source that was ever given a key signs, also when the key has ended; else the policy's `unsigned` decides, and
    /// without a policy it is allowed.
    public func requirement(type: String, source: SourceName, at index: EntryIndex) -> Requirement {
        requirement(type: Array(type.utf8), source: source, at: index)
    }

    func requirement(type: [UInt8], source: SourceName, at index: EntryIndex) -> Requirement {
        let policy = policy(at: index)?.policy
        if let rule = policy?.rule(forType: type) { return Requirement(isSigned: rule == .signed, reason: .typeRule) }
        if let rule = policy?.sources[source] { return Requirement(isSigned: rule == .signed, reason: .sourceRule) }
        if let number = sourceNumbers[source], sources[number].hadKey(at: index) {
            return Requirement(isSigned: true, reason: .sourceKey)
        }
        return Requirement(isSigned: !(policy?.allowsUnsigned ?? true), reason: .otherwise)
    }

    /// The policy in force at `index`, nil before the first. O(log of their number).
    public func policy(at index: EntryIndex) -> AdoptedPolicy? {
        let number = policies.partitioningIndex { $0.adopted >= index }
        return number == 0 ? nil : policies[number - 1]
    }

    /// The last index to which the answers for `index` hold; nil: to the end.
    func nextChange(from index: EntryIndex) -> EntryIndex? {
        let number = changes.partitioningIndex { $0 >= index }
        return number == changes.count ? nil : changes[number]
    }

    /// The error for events that are unsigned although `requirement` asks for a signature, as of `index`. `subject` is
    /// what they are: `entry 12 is`.
    public func unsigned(_ subject: String, _ requirement: Requirement, at index: EntryIndex) -> KeyringError {
        let adopted = policy(at: index).map { "the policy adopted at entry \($0.adopted)" } ?? "no policy"
        let rule =
            switch requirement.reason {
            case .typeRule: "\(adopted) asks for a signature of events of this type"
            case .sourceRule: "\(adopted) asks for a signature of this source"
            case .sourceKey: "the source was given a key, so it signs"
            case .otherwise: "\(adopted) refuses unsigned events"
            }
        return KeyringError(.unsigned, "\(subject) unsigned, but \(rule)")
    }
}
