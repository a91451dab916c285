/// What is wrong with stored bytes of a ledger. Equal when the codes are equal.
public struct StoreError: Error, Sendable {
    /// Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// A stored value is shorter or longer than its own header says, or its parts overlap.
        public static let damaged = Code(description: "damaged")
        /// The store was written by a later version of this code.
        public static let unknownVersion = Code(description: "unknownVersion")
    }

    public let code: Code
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension StoreError: Equatable {
    public static func == (left: StoreError, right: StoreError) -> Bool { left.code == right.code }
}

extension StoreError: CustomStringConvertible {
    public var description: String { reason }
}
