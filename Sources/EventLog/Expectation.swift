public import EventFormat

/// What an append expects of a stream's state at the moment of recording (promise 4).
public enum Expectation: Hashable, Sendable {
    /// Nothing.
    case any
    /// The stream has no entry.
    case none
    /// The stream has an entry.
    case exists
    /// The stream's newest entry has this revision.
    case revision(Revision)

    /// Whether a stream whose newest revision is `revision` (nil: no entry) is as expected.
    func allows(_ revision: Revision?) -> Bool {
        switch self {
        case .any: true
        case .none: revision == nil
        case .exists: revision != nil
        case .revision(let expected): revision == expected
        }
    }
}

extension Expectation: CustomStringConvertible {
    public var description: String {
        switch self {
        case .any: "anything"
        case .none: "no entry"
        case .exists: "an entry"
        case .revision(let revision): "revision \(revision)"
        }
    }
}

/// An expectation of one stream, which the append may or may not write.
public struct StreamCheck: Hashable, Sendable {
    public var stream: StreamName
    public var expectation: Expectation

    public init(_ stream: StreamName, _ expectation: Expectation) {
        self.stream = stream
        self.expectation = expectation
    }
}

/// A check that did not hold, with what was found instead.
public struct FailedCheck: Hashable, Sendable {
    public let stream: StreamName
    public let expected: Expectation
    /// The stream's newest revision; nil when it has no entry.
    public let actual: Revision?
}

extension FailedCheck: CustomStringConvertible {
    public var description: String {
        let found = actual.map { "revision \($0)" } ?? "no entry"
        return "stream \"\(stream.text.escapingControls)\": expected \(expected), found \(found)"
    }
}
