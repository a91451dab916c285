public import Transparency

/// What became of asking one witness to cosign a checkpoint.
public struct WitnessReport: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        /// It cosigned, as of that many seconds since 1970.
        case cosigned(time: UInt64)
        /// It has not cosigned: why, as a sentence for people.
        case missing(String)
    }

    /// Its name in the policy.
    public let name: TrustPolicy.Name
    /// Where it was asked; nil when the policy states no address.
    public let url: String?
    public let outcome: Outcome

    public var isCosigned: Bool {
        if case .cosigned = outcome { true } else { false }
    }
}

extension WitnessReport: CustomStringConvertible {
    public var description: String {
        switch outcome {
        case .cosigned(let time): "\(name) cosigned at \(time)"
        case .missing(let reason): "\(name) did not cosign: \(reason)"
        }
    }
}
