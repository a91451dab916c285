internal import Digests
public import EventFormat
internal import Signing

/// Makes a ledger's ``KeyHistory`` of the entries of its stream `ledger`, in their order, each append's signature
/// checked, and gives the verdicts on these entries.
///
/// A trust event that breaks a rule has no effect and a verdict that says so. Memory: at most 10,000 events whose
/// signature has not come yet, with at most 64 MiB of payloads, beside the history: an append has no more.
public struct TrustReplay: Sendable {
    /// Nil before entry 0, and for good when that is no genesis.
    public private(set) var history: KeyHistory?

    private var pending = RecentItems<Item>()
    /// The bytes of the payloads that the pending entries say they have, whether or not they are there: so that the
    /// entries alone decide which appends are too large.
    private var pendingByteCount: UInt64 = 0
    private var list = VerdictList()
    private var last: EntryIndex?
    /// The newest entry that cannot be read and is said to be of another stream.
    private var hole: EntryIndex?
    /// Why nothing is known of keys, when entry 0 does not tell.
    private var loss: String?

    /// The most bytes of the payloads of one append (docs/format.md, limits).
    private static let maximumByteCount: UInt64 = 64 << 20

    private struct Item: Sendable {
        let index: EntryIndex
        let type: String
        let digest: Digest
        let content: Content
        /// Of the payload, without its salt; at most one more than all of an append may have.
        let byteCount: UInt64
    }

    private enum Content: Sendable {
        case event(TrustEvent)
        case refused(KeyringError)
        case missing(String)
    }

    public init() {}

    /// Why keys and policies are not known from some entry on; nil as long as they are.
    public var lossReason: String? { history == nil ? loss : history?.gap?.reason }

    /// Whether the entry before `index` is one of this stream for which no signature has come: then entry `index`
    /// carries it or is one of the same append.
    public func awaitsSignature(at index: EntryIndex) -> Bool {
        pending.all.last.map { $0.index.rawValue + 1 == index.rawValue } ?? false
    }

    /// Continues a history whose newest entry of the stream `ledger` was taken in.
    public init(continuing history: KeyHistory, after last: EntryIndex) {
        self.history = history
        self.last = last
    }

    /// Takes in the next entry of the stream `ledger`: its bytes, what was decoded of them, and its envelope, nil when
    /// that is missing. The envelope is checked against the entry. O(size), and one signature to verify for an append.
    ///
    /// An entry whose index does not ascend is taken as one that cannot be read.
    public mutating func add(_ layout: EntryLayout, in bytes: Span<UInt8>, envelope: [UInt8]?) {
        let index = layout.index
        if let last, index <= last || index.rawValue == .max { return addUnreadable(at: last) }
        defer { last = index }
        guard index > 0 else { return begin(bytes, layout, envelope) }
        guard let history else {
            return list.add(SignatureVerdict(index, index, .unverifiable(loss ?? "entry 0 is not known")))
        }
        self.history?.note(index)
        if let gap = history.gap {
            return list.add(SignatureVerdict(index, index, .unverifiable(gap.reason)))
        }
        if let last, last.rawValue + 1 != index.rawValue { refusePending() }
        let item = item(layout, bytes, envelope)
        pending.append(item)
        pendingByteCount += item.byteCount
        if let append = layout.append { judge(append, bytes) } else { trim() }
    }

    /// Says that entry `index` cannot be read, so that it may be one of this stream: nothing is known from there on.
    public mutating func addUnreadable(at index: EntryIndex) {
        defer { last = index }
        guard history != nil else {
            loss = loss ?? "no keys are known, because entry \(index) cannot be read"
            return
        }
        guard history?.gap == nil else { return }
        if !awaitsSignature(at: index) { refusePending() }
        lose(at: index)
    }

    /// Nothing is known from entry `index` on, which may carry the signature of those that wait for one, or be covered
    /// by it.
    private mutating func lose(at index: EntryIndex) {
        let reason =
            "the keys and the policy from entry \(index.rawValue + 1) on are not known, because entry \(index) cannot "
            + "be read"
        let unproven = "entry \(index), which cannot be read, carries its signature or is covered by it"
        for item in pending.takeAll() { list.add(SignatureVerdict(item.index, item.index, .unproven(unproven))) }
        pendingByteCount = 0
        history?.gap = Gap(index: index, reason: reason)
    }

    /// Says that entry `index` cannot be read, and is said to be of another stream: should an append of this one cover
    /// it, it was not, and nothing is known from there on.
    public mutating func addForeign(at index: EntryIndex) { hole = index }

    /// Says that no entry follows.
    public mutating func finish() { refusePending() }

    /// The verdicts since the last call. Those of one append come together, behind its last entry.
    public mutating func takeVerdicts() -> [SignatureVerdict] { list.take() }

    private mutating func begin(_ bytes: Span<UInt8>, _ layout: EntryLayout, _ envelope: [UInt8]?) {
        guard history == nil, last == nil else { return }
        do throws(KeyringError) {
            let begun = try KeyHistory(entry: bytes, envelope: envelope)
            history = begun
            if let gap = begun.gap {
                list.add(SignatureVerdict(0, 0, .unverifiable(gap.reason)))
            } else {
                list.add(SignatureVerdict(0, 0, .unsigned))
            }
        } catch {
            loss = "no keys are known, because entry 0 is no genesis"
            list.add(SignatureVerdict(0, 0, .faulty(error)))
        }
    }
}

// MARK: - Appends

extension TrustReplay {
    private func item(_ layout: EntryLayout, _ bytes: Span<UInt8>, _ envelope: [UInt8]?) -> Item {
        let type = layout.text(layout.type, in: bytes)
        let salt = UInt64(Envelope.saltByteCount)
        let byteCount = max(layout.payload?.size ?? salt, salt) - salt
        return Item(
            index: layout.index, type: type, digest: layout.sourceDigest(in: bytes),
            content: content(type, layout, bytes, envelope),
            byteCount: min(byteCount, TrustReplay.maximumByteCount + 1))
    }

    private func content(
        _ type: String, _ layout: EntryLayout, _ bytes: Span<UInt8>, _ envelope: [UInt8]?
    ) -> Content {
        let payload = PayloadContent(of: Entry(layout, in: bytes).payload, envelope, type)
        if case .missing(let reason) = payload { return .missing(reason) }
        let origin = history?.genesis.origin.text ?? ""
        guard layout.matches(layout.source, Array(origin.utf8), in: bytes) else {
            let error = KeyringError(
                .malformed,
                "\(type.escapingControls): the source is \(SourceName(layout.source, in: bytes)), not the ledger's "
                    + "origin \(origin)")
            return .refused(error)
        }
        switch payload {
        case .refused(let error): return .refused(error)
        case .missing(let reason): return .missing(reason)
        case .clear(let payload):
            do throws(KeyringError) {
                return .event(try TrustEvent(type: type, payload: payload))
            } catch {
                return .refused(error)
            }
        }
    }

    /// Lets go of those that no signature to come can cover.
    private mutating func trim() {
        while pending.count > AppendMessage.maximumCount || pendingByteCount > TrustReplay.maximumByteCount {
            refuse(pending.takeFirst(1))
        }
    }

    private mutating func refusePending() { refuse(pending.takeAll()) }

    private mutating func refuse(_ items: ArraySlice<Item>) {
        for item in items {
            pendingByteCount -= item.byteCount
            let error = KeyringError(
                .notAuthorised,
                "entry \(item.index) (\(item.type.escapingControls)) is in the stream \"ledger\" and no authority key "
                    + "has signed it; it has no effect")
            list.add(SignatureVerdict(item.index, item.index, .faulty(error)))
        }
    }

    /// Judges the append that ends with the newest of the pending entries.
    private mutating func judge(_ append: EntryLayout.AppendLayout, _ bytes: Span<UInt8>) {
        guard let end = pending.all.last?.index else { return }
        if let hole, let first = pending.all.first?.index, hole.rawValue + 1 == first.rawValue,
            append.count > end.rawValue - hole.rawValue, append.count <= min(end.rawValue, 10_000)
        {
            return lose(at: hole)
        }
        guard append.count <= UInt64(min(pending.count, AppendMessage.maximumCount)),
            pending.all.suffix(Int(append.count)).reduce(0, { $0 + $1.byteCount }) <= TrustReplay.maximumByteCount
        else {
            refuse(pending.takeFirst(pending.count - 1))
            _ = pending.takeAll()
            pendingByteCount = 0
            let error = KeyringError(
                .wrongCount,
                "entry \(end) ends an append of \(append.count) entries; fewer entries of the stream \"ledger\" "
                    + "without a signature stand before it, or the append has more than 10,000, or more than 64 MiB of "
                    + "payloads")
            return list.add(SignatureVerdict(end, end, .faulty(error)))
        }
        refuse(pending.takeFirst(pending.count - Int(append.count)))
        let items = pending.takeAll()
        pendingByteCount = 0
        guard let first = items.first?.index, let history else { return }
        do throws(KeyringError) {
            let signature = AppendSignature(append, in: bytes)
            let signer = try history.check(signature, over: items.map(\.digest), at: first, for: .ledger)
            apply(items, signedBy: signer, from: first)
        } catch {
            let reason = "\(TrustReplay.subject(first, end)): \(error.reason); they have no effect"
            list.add(SignatureVerdict(first, end, .faulty(KeyringError(error.code, reason))))
        }
    }

    private static func subject(_ first: EntryIndex, _ end: EntryIndex) -> String {
        first == end ? "entry \(first)" : "entries \(first)–\(end)"
    }

    private mutating func apply(_ items: ArraySlice<Item>, signedBy signer: KeyRecord, from first: EntryIndex) {
        for item in items {
            let judgement: SignatureVerdict.Judgement
            do throws(KeyringError) {
                judgement = try apply(item, signedBy: signer, from: first)
            } catch {
                judgement = .faulty(KeyringError(error.code, "entry \(item.index): \(error.reason)"))
            }
            list.add(SignatureVerdict(item.index, item.index, judgement))
        }
    }

    private mutating func apply(
        _ item: Item, signedBy signer: KeyRecord, from first: EntryIndex
    ) throws(KeyringError) -> SignatureVerdict.Judgement {
        if let gap = history?.gap { return .unverifiable(gap.reason) }
        switch item.content {
        case .event(let event):
            try history?.apply(event, at: item.index, signedBy: signer.id, appendFrom: first)
            return .signed(signer.id)
        case .refused(let error): throw error
        case .missing(let reason):
            let reason = KeyHistory.gapReason(item.index, item.type, reason)
            history?.gap = Gap(index: item.index, reason: reason)
            return .unverifiable(reason)
        }
    }
}
