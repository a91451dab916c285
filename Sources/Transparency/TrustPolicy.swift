/// Which logs are trusted, and which witnesses must have cosigned a checkpoint of theirs (C2SP tlog-policy).
///
/// A text of lines, read strictly: `log <vkey> [url]`, `witness <name> <vkey> [url]`, `group <name> all|any|<k>
/// <member>…`, `quorum <name>|none`. Names are defined before they are used; each is a member at most once in the whole
/// policy, so that no witness counts twice. There are no comments at the end of lines.
public struct TrustPolicy: Hashable, Sendable {
    /// The most bytes of a policy, 4 MiB.
    public static let maximumByteCount = 4 << 20

    /// The most logs, the most witnesses and the most groups; the specification recommends to allow 32.
    public static let maximumCount = 1024

    /// The policy's text, verbatim.
    public let bytes: [UInt8]

    public let logs: [Log]
    public let witnesses: [Witness]

    /// The groups, each behind all its members.
    public let groups: [Group]

    public let quorum: Quorum
}

extension TrustPolicy {
    /// The name of a witness or a group: any bytes but spaces, tabs and controls, compared as bytes.
    public struct Name: Hashable, Sendable, CustomStringConvertible {
        public let bytes: [UInt8]

        init(_ bytes: ArraySlice<UInt8>) {
            self.bytes = Array(bytes)
        }

        /// The name `text` has in a policy.
        public init(_ text: String) {
            bytes = Array(text.utf8)
        }

        /// The name as text, with what is no UTF-8 replaced.
        public var description: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// A log whose checkpoints are accepted; its key's name is the origin.
    public struct Log: Hashable, Sendable {
        public let key: NoteKey
        public let url: String?
    }

    /// A witness that may cosign.
    public struct Witness: Hashable, Sendable {
        public let name: Name
        public let key: NoteKey
        public let url: String?
    }

    /// A rule that holds when enough of its members do.
    public struct Group: Hashable, Sendable {
        public let name: Name
        /// How many members it needs, 1 … the number of members.
        public let threshold: Int
        public let members: [Name]
    }

    /// The rule that a checkpoint must meet.
    public enum Quorum: Hashable, Sendable {
        /// No cosignatures are needed.
        case none
        /// The witness or group of that name.
        case named(Name)
    }
}
