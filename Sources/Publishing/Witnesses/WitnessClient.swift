/// Carries requests to witnesses: the seam between publishing and the network.
public protocol WitnessClient: Sendable {
    /// Posts `body` to `url` and returns what came back. Gives up by itself after some seconds.
    func post(_ body: [UInt8], to url: String) async -> WitnessReply
}

/// What came back from a witness.
public enum WitnessReply: Hashable, Sendable {
    /// An answer of HTTP, whatever its status.
    case answered(status: Int, body: [UInt8])
    /// None: why, as a sentence for people that names the address.
    case unanswered(String)
}

/// For publishing without witnesses: answers nothing.
public struct NoWitnessClient: WitnessClient {
    public init() {}

    public func post(_ body: [UInt8], to url: String) async -> WitnessReply {
        .unanswered("\(url) was not asked: there is no client for witnesses")
    }
}
