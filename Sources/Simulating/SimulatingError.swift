/// Why a simulation cannot be set up as asked.
///
/// Two errors are equal when their codes are: reasons are for people and may be reworded.
public struct SimulatingError: Error, Sendable {
    /// What kind of rule was broken. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// A value of the configuration is outside its range.
        public static let outOfRange = Code(description: "outOfRange")
    }

    public let code: Code
    /// What is wrong and how to mend it, as a sentence for people.
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension SimulatingError: Equatable {
    public static func == (left: SimulatingError, right: SimulatingError) -> Bool { left.code == right.code }
}

extension SimulatingError: CustomStringConvertible {
    public var description: String { reason }
}
