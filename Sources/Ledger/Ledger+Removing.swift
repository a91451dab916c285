internal import Threading

// Payloads that must go, by recorded authority (promise 6).

extension Ledger {
    /// Records by whose authority the payloads of entries are removed, signed by an authority key, and then removes
    /// them: the entries stay, and go on committing to what is gone.
    ///
    /// A call that was interrupted is repeated: what is recorded is not recorded twice, and what is gone stays gone.
    /// Returns how many payloads there were to remove. Throws ``LedgerError``: `invalid` for an entry that has no
    /// payload, or a text that no event may have; `outOfRange`; `notAuthorised`; `keyringRefused` for an entry of the
    /// stream `ledger`, whose payloads are never removed; and as ``append(_:to:expecting:signedBy:)``.
    ///
    /// Room of the data file that is not in use may keep a payload until it is written again; a backup that is made
    /// anew has none of it.
    public func remove(
        payloads entries: some Sequence<EntryIndex> & Sendable, authority: String, schedule: String? = nil,
        signedBy signer: any Signer
    ) async throws(LedgerError) -> Int {
        try checkWritable()
        let sorted = Set(entries).sorted()
        let history = try await keyHistory()
        let unrecorded = sorted.filter { history.removal(of: $0) == nil }
        try await checkPayloads(of: unrecorded)
        var events: [TrustEvent] = []
        for start in stride(from: 0, to: unrecorded.count, by: PayloadRemoval.maximumCount) {
            let part = Array(unrecorded[start..<min(unrecorded.count, start + PayloadRemoval.maximumCount)])
            do throws(KeyringError) {
                events.append(
                    .payloadRemoved(try PayloadRemoval(entries: part, authority: authority, schedule: schedule)))
            } catch {
                throw LedgerError(.invalid, error.reason)
            }
        }
        if !events.isEmpty { try await record(events, signedBy: signer) }
        do throws(LedgerError) {
            return try await run { log throws(LedgerError) in try log.removePayloads(of: sorted) }
        } catch {
            throw LedgerError(
                error.code,
                "the removal is recorded, but not all of the payloads are gone: \(error.reason); then remove them again"
            )
        }
    }

    private func checkPayloads(of entries: [EntryIndex]) async throws(LedgerError) {
        try await run { log throws(LedgerError) in
            for index in entries {
                guard try log.event(at: index).entry.payload == nil else { continue }
                throw LedgerError(.invalid, "entry \(index) has no payload that could be removed: leave it out")
            }
        }
    }

    /// Removes from the copy of the ledger in the directory `path`, which has the entries below `size`, the payloads
    /// that its own events say are gone.
    func removePayloads(
        inCopy path: String, below size: UInt64, _ history: KeyHistory
    ) async throws(LedgerError) {
        let entries = history.removedPayloads.filter { $0.value.event.rawValue < size }.keys.sorted()
        guard !entries.isEmpty else { return }
        try await BlockingPool.shared.run { () throws(LedgerError) in
            let copy = try EventLog(opening: path)
            defer { copy.close() }
            _ = try copy.removePayloads(of: entries)
        }
    }
}
