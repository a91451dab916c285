internal import Digests
internal import EventFormat
public import Transparency

/// Which events must be signed, and which witnesses checkpoints need: the contents of `policy.adopted`.
public struct LedgerPolicy: Hashable, Sendable {
    /// What a rule asks for.
    public enum Rule: String, Hashable, Sendable {
        case signed
        case unsigned
    }

    /// Whether events that no rule names, of sources that were never given a key, may be unsigned.
    public var allowsUnsigned: Bool
    public var sources: [SourceName: Rule]
    public var types: [TypePattern: Rule]
    /// The witnesses that a checkpoint needs; nil: none.
    public var witnesses: WitnessPolicy?

    public init(
        allowsUnsigned: Bool, sources: [SourceName: Rule] = [:], types: [TypePattern: Rule] = [:],
        witnesses: WitnessPolicy? = nil
    ) {
        self.allowsUnsigned = allowsUnsigned
        self.sources = sources
        self.types = types
        self.witnesses = witnesses
    }

    /// The rule for an event type: that of the type itself, else that of the longest prefix. O(length of the type).
    func rule(forType type: [UInt8]) -> Rule? {
        guard !types.isEmpty else { return nil }
        if let rule = types[TypePattern(unchecked: type)] { return rule }
        for end in type.indices.reversed() where type[end] == UInt8(ascii: ".") && end + 1 < type.count {
            if let rule = types[TypePattern(unchecked: type[...end] + [UInt8(ascii: "*")])] { return rule }
        }
        return nil
    }
}

/// An event type, `application.received`, or all types with a prefix: `application.*`.
public struct TypePattern: Hashable, Sendable {
    /// The most bytes of a pattern.
    public static let maximumByteCount = 255

    let utf8: [UInt8]

    /// Throws ``KeyringError/Code/malformed`` for a text that is no type and for a `*` anywhere but behind a prefix
    /// that ends with a dot.
    public init(_ text: String) throws(KeyringError) {
        if let complaint = TextRule.complaint(text, maximum: TypePattern.maximumByteCount) {
            throw KeyringError(.malformed, "an event type \(complaint)")
        }
        utf8 = Array(text.utf8)
        guard let star = utf8.firstIndex(of: UInt8(ascii: "*")) else { return }
        guard star == utf8.count - 1, star >= 2, utf8[star - 1] == UInt8(ascii: ".") else {
            throw KeyringError(
                .malformed,
                "the event type \"\(text.escapingControls)\" has a * that does not end a prefix; write a type, or a "
                    + "prefix such as application.*, or let \"unsigned\" decide for all")
        }
    }

    init(unchecked utf8: [UInt8]) { self.utf8 = utf8 }

    public var text: String { String(decoding: utf8, as: UTF8.self) }
}

extension TypePattern: Comparable {
    public static func < (left: TypePattern, right: TypePattern) -> Bool { left.utf8.span.precedes(right.utf8.span) }
}

/// A policy of witnesses as text (C2SP tlog-policy), which was found to parse.
public struct WitnessPolicy: Hashable, Sendable {
    public let text: String
    public let policy: TrustPolicy

    /// Throws ``KeyringError/Code/malformed`` when `text` is no policy.
    public init(_ text: String) throws(KeyringError) {
        self.text = text
        do throws(TransparencyError) {
            policy = try TrustPolicy(text)
        } catch {
            throw KeyringError(.malformed, "the policy of witnesses does not parse: \(error)")
        }
    }

    public static func == (left: WitnessPolicy, right: WitnessPolicy) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
