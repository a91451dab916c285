extension TrustPolicy {
    /// Reads a policy. O(n).
    ///
    /// Throws `tooLarge`, or `malformedPolicy` with the number of the line and what to mend, also for what a vkey in
    /// it has wrong.
    public init(_ bytes: [UInt8]) throws(TransparencyError) {
        guard bytes.count <= TrustPolicy.maximumByteCount else {
            throw TransparencyError(
                .tooLarge, "the policy has \(bytes.count) bytes; at most \(TrustPolicy.maximumByteCount) are allowed")
        }
        var reader = LineReader(bytes)
        var parser = PolicyParser()
        while let line = reader.next() {
            do throws(TransparencyError) { try parser.read(line) } catch {
                let code: TransparencyError.Code = error.code == .tooLarge ? .tooLarge : .malformedPolicy
                throw TransparencyError(code, error.reason, line: reader.number)
            }
        }
        guard reader.isAtEnd else {
            throw TransparencyError(
                .malformedPolicy, "the policy's last line does not end in a newline; it may be cut",
                line: reader.number + 1)
        }
        guard let quorum = parser.quorum else {
            throw TransparencyError(
                .malformedPolicy, "the policy has no quorum line: end it with `quorum <name>` or `quorum none`")
        }
        self.bytes = bytes
        (logs, witnesses, groups) = (parser.logs, parser.witnesses, parser.groups)
        self.quorum = quorum
    }

    /// Reads a policy written as text.
    public init(_ text: String) throws(TransparencyError) {
        try self.init(Array(text.utf8))
    }
}

/// What the lines read so far define.
private struct PolicyParser {
    private(set) var logs: [TrustPolicy.Log] = []
    private(set) var witnesses: [TrustPolicy.Witness] = []
    private(set) var groups: [TrustPolicy.Group] = []
    private(set) var quorum: TrustPolicy.Quorum?

    private var names: Set<TrustPolicy.Name> = []
    private var members: Set<TrustPolicy.Name> = []
    private var logKeys: Set<NoteKey.WrappedKey> = []
    private var witnessKeys: Set<NoteKey.WrappedKey> = []
    private var signatories: Set<Signatory> = []

    private static let none = TrustPolicy.Name("none")

    mutating func read(_ line: ArraySlice<UInt8>) throws(TransparencyError) {
        if let byte = line.first(where: { ($0 < space && $0 != UInt8(ascii: "\t")) || $0 == 0x7f }) {
            throw error(
                "the byte \(byte) may not stand in a policy: only tabs and newlines of the control characters may")
        }
        var items = line.split { $0 == space || $0 == UInt8(ascii: "\t") }[...]
        guard let keyword = items.popFirst(), keyword.first != UInt8(ascii: "#") else { return }
        switch String(decoding: keyword, as: UTF8.self) {
        case "log": try readLog(items)
        case "witness": try readWitness(items)
        case "group": try readGroup(items)
        case "quorum": try readQuorum(items)
        default: throw error("\(quoted(keyword)) is no keyword: a line begins with log, witness, group, quorum or #")
        }
    }

    private func error(_ reason: String) -> TransparencyError { TransparencyError(.malformedPolicy, reason) }
}

// MARK: - Logs and witnesses

extension PolicyParser {
    private mutating func readLog(_ items: ArraySlice<ArraySlice<UInt8>>) throws(TransparencyError) {
        guard let vkey = items.first, items.count <= 2 else {
            throw error("write `log <vkey> [<url>]`; comments stand on lines of their own")
        }
        let key = try NoteKey(vkey: vkey)
        guard key.type != .cosignature else {
            throw error("the key of the log \(shown(key.name.bytes)) is a witness's (type 4); a log's has type 1")
        }
        guard logKeys.insert(key.wrapped).inserted else {
            throw error("the key of the log \(shown(key.name.bytes)) stands in an earlier log line: one key is one log")
        }
        try take(signatory: key)
        logs.append(.init(key: key, url: try url(items.dropFirst().first)))
        try checkCount(logs.count, "logs")
    }

    private mutating func readWitness(_ items: ArraySlice<ArraySlice<UInt8>>) throws(TransparencyError) {
        let items = Array(items)
        guard items.count == 2 || items.count == 3 else {
            throw error("write `witness <name> <vkey> [<url>]`; comments stand on lines of their own")
        }
        let key = try NoteKey(vkey: items[1])
        guard key.type == .cosignature || key.type == .mlDSA44Cosignature else {
            throw error(
                "the key of the witness \(quoted(items[0])) is of \(key.type), which is no cosignature" + hint(key))
        }
        guard witnessKeys.insert(key.wrapped).inserted else {
            throw error(
                "the key of the witness \(quoted(items[0])) stands in an earlier witness line: one key is one witness")
        }
        try take(signatory: key)
        witnesses.append(
            .init(name: try define(items[0]), key: key, url: try url(items.count == 3 ? items[2] : nil)))
        try checkCount(witnesses.count, "witnesses")
    }

    private func hint(_ key: NoteKey) -> String {
        guard key.type == .ed25519 else { return "" }
        let cosigner = NoteKey(key.name, .cosignature, key.material, key.publicKey)
        return "; if its owner cosigns with this key, write \(cosigner.vkey)"
    }

    /// Two keys that signature lines cannot tell apart would make every note of theirs ambiguous.
    private mutating func take(signatory key: NoteKey) throws(TransparencyError) {
        guard signatories.insert(Signatory(name: key.name, id: key.id)).inserted else {
            throw error(
                "another key has the name \(shown(key.name.bytes)) and the key ID \(key.id): no signature tells them "
                    + "apart; leave one of them out")
        }
    }

    /// The meaning of URLs is the application's, but what begins with # was meant as a comment.
    private func url(_ item: ArraySlice<UInt8>?) throws(TransparencyError) -> String? {
        guard let item else { return nil }
        guard item.first != UInt8(ascii: "#") else {
            throw error("\(quoted(item)) is no URL: comments stand on lines of their own")
        }
        return String(decoding: item, as: UTF8.self)
    }

    private func checkCount(_ count: Int, _ what: String) throws(TransparencyError) {
        guard count <= TrustPolicy.maximumCount else {
            throw TransparencyError(.tooLarge, "more than \(TrustPolicy.maximumCount) \(what)")
        }
    }
}

// MARK: - Groups and the quorum

extension PolicyParser {
    private mutating func readGroup(_ items: ArraySlice<ArraySlice<UInt8>>) throws(TransparencyError) {
        let items = Array(items)
        guard items.count >= 3 else { throw error("write `group <name> all|any|<k> <member>…`, with a member or more") }
        let list = items[2...].map { TrustPolicy.Name($0) }
        let threshold = try threshold(items[1], of: list.count)
        for member in list {
            try checkDefined(member)
            guard members.insert(member).inserted else {
                throw error("\(quoted(member.bytes)) is a member already: a name counts once in the whole policy")
            }
        }
        groups.append(.init(name: try define(items[0]), threshold: threshold, members: list))
        try checkCount(groups.count, "groups")
    }

    private func threshold(_ item: ArraySlice<UInt8>, of count: Int) throws(TransparencyError) -> Int {
        switch String(decoding: item, as: UTF8.self) {
        case "all": return count
        case "any": return 1
        default:
            guard let number = UInt64(decimal: item), number >= 1, number <= UInt64(count) else {
                throw error("\(quoted(item)) is no threshold: write all, any, or a number from 1 to \(count)")
            }
            return Int(number)
        }
    }

    private mutating func readQuorum(_ items: ArraySlice<ArraySlice<UInt8>>) throws(TransparencyError) {
        guard let item = items.first, items.count == 1 else { throw error("write `quorum <name>` or `quorum none`") }
        guard quorum == nil else { throw error("a second quorum line: a policy has one") }
        let name = TrustPolicy.Name(item)
        guard name != PolicyParser.none else {
            quorum = TrustPolicy.Quorum.none
            return
        }
        try checkDefined(name)
        quorum = .named(name)
    }

    private mutating func define(_ item: ArraySlice<UInt8>) throws(TransparencyError) -> TrustPolicy.Name {
        let name = TrustPolicy.Name(item)
        guard name != PolicyParser.none else { throw error("the name none is reserved for `quorum none`") }
        guard names.insert(name).inserted else {
            throw error("the name \(quoted(item)) is defined already: witnesses and groups share their names")
        }
        return name
    }

    private func checkDefined(_ name: TrustPolicy.Name) throws(TransparencyError) {
        guard names.contains(name) else {
            throw error("\(quoted(name.bytes)) is not defined on a line before: name a witness or group defined above")
        }
    }
}
