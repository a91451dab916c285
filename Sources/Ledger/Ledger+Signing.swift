internal import Threading

extension Ledger {
    /// Signing may wait for a token or a person; such waits must not hold up the threads that read.
    private static let signingPool = BlockingPool(threadCount: 4)

    /// Signs an append, on a thread that may block unless the key is in memory: then signing takes less time than
    /// waking another thread.
    func sign(_ request: AppendRequest, _ signer: any Signer) async throws(LedgerError) -> AppendRequest {
        let identity = identity
        if let key = signer as? PrivateKey { return try request.signed(by: key, for: identity) }
        return try await Ledger.signingPool.run { () throws(LedgerError) in
            try request.signed(by: signer, for: identity)
        }
    }

    /// Records events by which the ledger says whom it trusts (keys, sources, witnesses, a policy), together, signed by
    /// an authority key. They have effect from the next entry on.
    ///
    /// Throws ``LedgerError``: `notAuthorised` when the key is not an authority's, `keyringRefused` when an event
    /// contradicts the keys that the ledger has, and as ``append(_:to:expecting:signedBy:)``.
    @discardableResult
    public func record(
        _ events: [TrustEvent], signedBy signer: any Signer
    ) async throws(LedgerError) -> [AppendedEvent] {
        try await append(request(recording: events, signedBy: signer))
    }

    /// The request that records trust events, signed.
    func request(
        recording events: [TrustEvent], signedBy signer: any Signer
    ) async throws(LedgerError) -> AppendRequest {
        let now = log.now
        let events = events.map { $0.event(origin: genesis.origin, occurred: now) }
        return try await sign(AppendRequest(.ofStream(events, .ledger), reserved: true, statedTime: now), signer)
    }

    /// As ``record(_:signedBy:)-([TrustEvent],_)``, for one event.
    @discardableResult
    public func record(_ event: TrustEvent, signedBy signer: any Signer) async throws(LedgerError) -> AppendedEvent {
        try await record([event], signedBy: signer)[0]
    }

    /// What the ledger's own events have said of keys, sources, witnesses and policies so far.
    public func keyHistory() async throws(LedgerError) -> KeyHistory {
        try await run { log throws(LedgerError) in try log.keyHistory() }
    }

    /// The keys, sources, witnesses and policy in force for the next entry.
    public func keyring() async throws(LedgerError) -> Keyring {
        try await run { log throws(LedgerError) in
            let size = try log.size()
            return try log.keyHistory().keyring(at: EntryIndex(size))
        }
    }
}
