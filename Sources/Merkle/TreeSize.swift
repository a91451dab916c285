/// A number of leaves, 0 ... 2^64 − 1.
public struct TreeSize: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The same as `init(rawValue:)`.
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// The place of a leaf, counted from 0.
public struct LeafIndex: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The same as `init(rawValue:)`.
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

extension TreeSize: Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    public static func < (left: TreeSize, right: TreeSize) -> Bool {
        left.rawValue < right.rawValue
    }

    public init(integerLiteral value: UInt64) {
        self.init(rawValue: value)
    }

    public var description: String { String(rawValue) }
}

extension LeafIndex: Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    public static func < (left: LeafIndex, right: LeafIndex) -> Bool {
        left.rawValue < right.rawValue
    }

    public init(integerLiteral value: UInt64) {
        self.init(rawValue: value)
    }

    public var description: String { String(rawValue) }
}
