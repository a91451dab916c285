internal import Digests
internal import EventFormat
internal import JSON
internal import Merkle
internal import Transparency

/// Why a receipt does not hold.
struct ReceiptRefusal: Error {
    /// A word for machines.
    let code: String
    let reason: String

    /// The command line asks for what this kind of receipt has not.
    static let notApplicable = "notApplicable"
    /// The entry is neither in the receipt nor given.
    static let noEntry = "noEntry"
    /// The file is none that `mohur prove` writes.
    static let noReceipt = "noReceipt"

    init(_ code: String, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// Runs a check of Transparency.
    static func checking<R>(_ body: () throws(TransparencyError) -> R) throws(ReceiptRefusal) -> R {
        do throws(TransparencyError) { return try body() } catch {
            throw ReceiptRefusal(error.code.description, error.description)
        }
    }
}

/// What a receipt shows, once it was checked.
struct ReceiptVerdict {
    private enum Kind {
        /// An entry, nil when its bytes are none of a Mohur ledger; whether the payload was compared.
        case entry(LeafIndex, Entry?, payloadByteCount: Int?)
        case record(RecordHistory, withoutPayload: [Revision])
        case consistency(PolicyResult)
    }

    private let kind: Kind
    /// What the policy says of the checkpoint, of the later one of two.
    private let policy: PolicyResult

    /// Checks a receipt of any kind. `entry` are the bytes of the entry that a .tlog-proof is about, `payload` its
    /// envelope.
    init(
        _ bytes: [UInt8], _ trust: TrustPolicy, entry: [UInt8]?, payload: [UInt8]?
    ) throws(ReceiptRefusal) {
        let header = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }.prefix(40), as: UTF8.self)
        guard ["mohur/record/v1", "mohur/consistency/v1", "c2sp.org/tlog-proof@v1"].contains(header) else {
            let ending = header.hasSuffix("\r") ? "; its lines end as Windows ends them: copy it as it was made" : ""
            throw ReceiptRefusal(
                ReceiptRefusal.noReceipt,
                "is no receipt: it begins with none of the three lines that a .tlog-proof, a .mohur-record and a "
                    + ".mohur-consistency begin with\(ending)")
        }
        guard header != "c2sp.org/tlog-proof@v1" else {
            self = try ReceiptVerdict(proof: bytes, trust, entry, payload)
            return
        }
        guard entry == nil, payload == nil else {
            throw ReceiptRefusal(ReceiptRefusal.notApplicable, "--entry and --payload go with the receipt of one event")
        }
        if header == "mohur/record/v1" {
            let (history, result) = try ReceiptRefusal.checking { () throws(TransparencyError) in
                let history = try RecordHistory(bytes)
                return (history, try history.verify(policy: trust))
            }
            kind = .record(history, withoutPayload: result.withoutPayload)
            policy = result.policy
        } else {
            let result = try ReceiptRefusal.checking { () throws(TransparencyError) in
                try ConsistencyReceipt(bytes).verify(policy: trust)
            }
            kind = .consistency(result.old)
            policy = result.new
        }
    }

    private init(
        proof bytes: [UInt8], _ trust: TrustPolicy, _ given: [UInt8]?, _ payload: [UInt8]?
    ) throws(ReceiptRefusal) {
        let proof = try ReceiptRefusal.checking { () throws(TransparencyError) in try TlogProof(bytes) }
        guard let entryBytes = given ?? proof.extra else {
            throw ReceiptRefusal(
                ReceiptRefusal.noEntry, "the receipt does not hold the entry that it is about; give it with --entry")
        }
        policy = try ReceiptRefusal.checking { () throws(TransparencyError) in
            try proof.verify(leaf: MerkleHash.leaf(entryBytes.span), policy: trust)
        }
        let entry = try? Entry(decoding: entryBytes.span)
        if let entry, entry.index.rawValue != proof.index.rawValue {
            throw ReceiptRefusal("wrongIndex", "the entry says that it is entry \(entry.index), not \(proof.index)")
        }
        if let payload { try ReceiptVerdict.compare(payload, with: entry) }
        kind = .entry(proof.index, entry, payloadByteCount: payload?.count)
    }

    private static func compare(_ payload: [UInt8], with entry: Entry?) throws(ReceiptRefusal) {
        guard let commitment = entry?.payload else {
            throw ReceiptRefusal("payloadMismatch", "the entry commits to no payload")
        }
        guard commitment.digest == Envelope.digest(payload.span) else {
            throw ReceiptRefusal("payloadMismatch", "the payload is not the one that the entry commits to")
        }
    }
}

// MARK: - Showing

extension ReceiptVerdict {
    /// For people.
    var lines: [String] {
        let tree = policy.checkpoint
        let place = "the checkpoint of \(tree.size.rawValue.counting("entry", "entries")) of "
        let origin = "\(tree.origin)".escapingControls
        var lines: [String] = []
        switch kind {
        case .entry(let index, let entry, let payload):
            lines.append("holds: entry \(index) is in \(place)\(origin)")
            if let entry { lines.append(ReceiptVerdict.line(entry)) }
            if payload != nil { lines.append("the payload is the one that was recorded") }
        case .record(let history, let withoutPayload):
            lines.append(
                "holds: \(history.items.count.counting("entry is", "entries are")) the stream "
                    + "\(history.stream.text.escapingControls) from its first, as of \(place)\(origin)")
            lines += history.items.map { ReceiptVerdict.line($0.entry) }
            lines += withoutPayload.map { "the payload of revision \($0) is not in the file" }
        case .consistency(let old):
            lines.append("holds: \(place)\(origin) continues that of \(old.checkpoint.size)")
            if !old.isQuorumMet { lines.append("too few witnesses have cosigned the earlier one") }
        }
        lines.append("root \(tree.root)")
        lines += policy.lines
        if policy.cosignatures.isEmpty { lines.append("no witness has cosigned it, and the policy asks for none") }
        return lines
    }

    private static func line(_ entry: Entry) -> String {
        "  \(entry.index)  recorded \(entry.recorded)  \(entry.type.escapingControls)  "
            + "\(entry.stream.text.escapingControls) [\(entry.revision)]  by \(entry.source.escapingControls)"
    }

    /// For machines.
    var json: JSONObject {
        var object = JSONObject()
        object.add("verdict", "holds")
        switch kind {
        case .entry(let index, let entry, let payload):
            object.add("kind", "entry")
            object.add("index", index.rawValue)
            if let entry { ReceiptVerdict.add(entry, to: &object) }
            if payload != nil { object.add("payload", "holds") }
        case .record(let history, let withoutPayload):
            object.add("kind", "record")
            object.add("stream", history.stream.text)
            var list = JSONArray()
            for item in history.items {
                var entry = JSONObject()
                entry.add("index", item.entry.index.rawValue)
                ReceiptVerdict.add(item.entry, to: &entry)
                list.append(entry)
            }
            object.add("history", list)
            var missing = JSONArray()
            for revision in withoutPayload { missing.append(revision.rawValue) }
            object.add("withoutPayload", missing)
        case .consistency(let old):
            object.add("kind", "consistency")
            object.add("old", old.checkpoint.size.rawValue)
            object.add("oldQuorum", old.isQuorumMet)
        }
        object.add("origin", "\(policy.checkpoint.origin)")
        object.add("entries", policy.checkpoint.size.rawValue)
        object.add("root", policy.checkpoint.root.hex)
        object.add("cosignatures", policy.cosignatureList)
        return object
    }

    private static func add(_ entry: Entry, to object: inout JSONObject) {
        object.add("id", entry.id.description)
        object.add("type", entry.type)
        object.add("source", entry.source)
        object.add("stream", entry.stream.text)
        object.add("revision", entry.revision.rawValue)
        object.add("occurred", entry.occurred.description)
        object.add("recorded", entry.recorded.description)
    }
}
