/// An entry's position in the ledger, from 0, without gaps (promise 1).
public struct EntryIndex: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64

    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// An entry's position in its stream, from 0, without gaps (promise 4).
public struct Revision: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64

    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

extension EntryIndex: Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    @inlinable public init(integerLiteral value: UInt64) { self.init(value) }
    @inlinable public static func < (left: EntryIndex, right: EntryIndex) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
}

extension Revision: Comparable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    @inlinable public init(integerLiteral value: UInt64) { self.init(value) }
    @inlinable public static func < (left: Revision, right: Revision) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
}
