internal import Digests
internal import EventFormat
internal import Signing

extension SignatureSweep {
    /// Lets go of the entries that no signature to come can cover.
    mutating func trim() {
        guard pending.count >= 2 * AppendMessage.maximumCount else { return }
        endOpening()
        settle(pending.count - AppendMessage.maximumCount)
    }

    /// Ends the run of entries: no signature covers them. `hole`: an entry directly behind them that cannot be read.
    mutating func close(before hole: EntryIndex? = nil) {
        endOpening()
        settle(pending.count, before: hole)
    }

    /// What comes cannot be of an append that begins before the sweep does.
    private mutating func endOpening() {
        if isOpen { leadingHole = pending.all.first { $0.kind == .unreadable }?.index }
        isOpen = false
    }

    /// Gives the verdicts on the first `count` of the pending entries, which no signature covers.
    private mutating func settle(_ count: Int, before hole: EntryIndex? = nil) {
        let holes = holes(before: hole)
        var items = pending.takeFirst(count)
        var place = 0
        while let head = items.first {
            var count = 1
            while count < items.count, holes[place + count] == holes[place],
                SignatureSweep.agree(items[items.startIndex + count], head, history)
            {
                count += 1
            }
            let last = items[items.startIndex + count - 1].index
            items = items.dropFirst(count)
            let hole = holes[place]
            place += count
            guard head.kind == .event else { continue }
            if !head.requirement.isSigned {
                list.add(SignatureVerdict(head.index, last, .unsigned))
            } else if let hole {
                let reason = "its signature may stand in entry \(hole), which cannot be read"
                list.add(SignatureVerdict(head.index, last, .unproven(reason)))
            } else {
                let subject = head.index == last ? "entry \(head.index) is" : "entries \(head.index)–\(last) are"
                let error = history.unsigned(subject, head.requirement, at: head.index)
                list.add(SignatureVerdict(head.index, last, .faulty(error)))
            }
        }
    }

    /// For each pending entry the next one that cannot be read, when an append of both may end there: events of the
    /// stream `ledger` stand in appends of their own. `last`: one that stands directly behind all of them.
    private func holes(before last: EntryIndex?) -> [EntryIndex?] {
        var holes: [EntryIndex?] = Array(repeating: nil, count: pending.count)
        var (hole, kind) = (last, Item.Kind?.none)
        for (place, item) in zip(holes.indices, pending.all).reversed() {
            guard item.kind != .unreadable else {
                (hole, kind) = (item.index, nil)
                continue
            }
            if item.kind != kind ?? item.kind { hole = nil }
            kind = item.kind
            guard let at = hole, at.rawValue - item.index.rawValue < UInt64(AppendMessage.maximumCount) else {
                continue
            }
            holes[place] = at
        }
        return holes
    }

    /// Whether one verdict says what is to be said of both.
    private static func agree(_ item: Item, _ head: Item, _ history: KeyHistory) -> Bool {
        guard item.kind == head.kind, item.requirement == head.requirement else { return false }
        return !item.requirement.isSigned
            || history.policy(at: item.index)?.adopted == history.policy(at: head.index)?.adopted
    }

    /// Judges the append that ends with the newest of the pending entries.
    mutating func judge(_ signature: AppendSignature) {
        endOpening()
        guard let end = pending.all.last?.index else { return }
        guard signature.count <= UInt64(min(pending.count, AppendMessage.maximumCount)) else {
            settle(pending.count - 1)
            _ = pending.takeAll()
            return list.add(SignatureVerdict(end, end, .faulty(wrongCount(signature.count, end))))
        }
        settle(pending.count - Int(signature.count))
        let items = pending.takeAll()
        guard let first = items.first?.index else { return }
        if let unreadable = items.first(where: { $0.kind == .unreadable }) {
            let reason = "entry \(unreadable.index), which the signature at entry \(end) covers, cannot be read"
            for item in items where item.kind == .event {
                let judgement: SignatureVerdict.Judgement =
                    item.requirement.isSigned ? .unproven(reason) : .unverifiable(reason)
                list.add(SignatureVerdict(item.index, item.index, judgement))
            }
            return
        }
        do throws(KeyringError) {
            let key = try check(items, signature)
            list.add(SignatureVerdict(first, end, .signed(key.id)))
        } catch {
            let subject = first == end ? "entry \(first)" : "the append of entries \(first)–\(end)"
            let fault = KeyringError(error.code, "\(subject): \(error.reason)")
            for run in SignatureSweep.runs(items) {
                list.add(SignatureVerdict(run.lowerBound, run.upperBound, .faulty(fault)))
            }
        }
    }

    /// The runs of entries that are not in the stream `ledger`, whose verdicts ``TrustReplay`` gives.
    private static func runs(_ items: ArraySlice<Item>) -> [ClosedRange<EntryIndex>] {
        items.split { $0.kind == .ledger }.compactMap { run in
            guard let first = run.first, let last = run.last else { return nil }
            return first.index...last.index
        }
    }

    private func wrongCount(_ count: UInt64, _ end: EntryIndex) -> KeyringError {
        let subject = "entry \(end) ends an append of \(count) entries"
        if count > UInt64(AppendMessage.maximumCount) {
            return KeyringError(.wrongCount, "\(subject); an append has at most \(AppendMessage.maximumCount)")
        }
        if count > end.rawValue {
            return KeyringError(.wrongCount, "\(subject), which would reach before entry 1")
        }
        return KeyringError(.wrongCount, "\(subject), which would reach over the signed append before it")
    }

    private func check(
        _ items: ArraySlice<Item>, _ signature: AppendSignature
    ) throws(KeyringError) -> KeyRecord {
        guard let first = items.first?.index else {
            throw KeyringError(.wrongCount, "a signature covers at least one entry")
        }
        if let event = items.first(where: { $0.kind == .ledger }) {
            throw KeyringError(
                .wrongSource,
                "it covers entry \(event.index) of the stream \"ledger\", which stands in appends of its own only")
        }
        let record = try keyInForce(signature, at: first)
        guard case .source(let source) = record.role else {
            throw KeyringError(.wrongRole, "the key \(record.id) is \(record.role); a key of the source signs")
        }
        let number = history.sourceNumbers[source].map { Int32($0) }
        if let foreign = items.first(where: { $0.source != number }) {
            throw KeyringError(
                .wrongSource,
                "the key \(record.id) is a key of the source \(source); entry \(foreign.index) has another source")
        }
        try history.verify(signature.signature.span, by: record, over: items.map(\.digest))
        return record
    }

    private func keyInForce(
        _ signature: AppendSignature, at first: EntryIndex
    ) throws(KeyringError) -> KeyRecord {
        try history.keyInForce(try KeyHistory.id(signature.keyID), at: first)
    }
}

// MARK: - Joining

extension SignatureSweep {
    /// Takes in what `other` found of the entries that follow: it began where this one ended, with the same history.
    /// O(verdicts), and one signature when an append crosses the border.
    public mutating func join(_ other: SignatureSweep) {
        precondition(other.first == next, "sweeps are joined in their order, without gaps")
        if let crossing = other.deferred {
            pending.append(crossing.items)
            decide(crossing.signature)
            pending = other.pending
        } else if other.isOpen {
            pending.append(other.pending)
            trim()
        } else {
            close(before: other.leadingHole)
            pending = other.pending
        }
        list.add(other.list.verdicts)
        next = other.next
    }

    /// Judges the append that ends with the newest of the pending entries, or leaves that to whom this is joined to.
    mutating func decide(_ signature: AppendSignature) {
        if isOpen, signature.count > UInt64(pending.count), signature.count <= UInt64(AppendMessage.maximumCount) {
            deferred = Deferred(items: pending, signature: signature)
            _ = pending.takeAll()
            isOpen = false
        } else {
            judge(signature)
        }
    }
}
