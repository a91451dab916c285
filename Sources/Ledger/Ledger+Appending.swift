extension Ledger {
    /// Records `events` at the end of `stream`, all or none, and returns their places once they are on disk.
    ///
    /// Repeating the call with the same event ids records nothing twice: the original places are returned, with
    /// `repeated` true, whatever is expected. Throws ``LedgerError``:
    /// - `expectationFailed`: the stream is not as expected; `failedChecks` says how it is;
    /// - `idConflict`: an id is recorded with other content; `partlyRecorded`: only some of the events are recorded;
    /// - `invalid`, `tooLarge`: an event breaks the format or a limit (``AppendRequest``, ``Payload``), which is
    ///   named;
    /// - `contentMissing`: a payload names a document that the ledger does not have (``store(contentOf:)``);
    /// - `signatureRequired`, `notAuthorised`, `signatureInvalid`: keys and policy do not admit the append;
    /// - `behindPublished`, `differsFromPublished`: the ledger is not the one that gave out the last checkpoint;
    /// - `diskFull`, `mapFull`, `inputOutput`: nothing was recorded; `outcomeUnknown`: append again with the same ids.
    ///
    /// `signer` signs the events together, one signature for all of them, as the source that its key belongs to; an
    /// event that states no time gets the present moment as its own before. A repeated call may be signed anew, or
    /// not at all: what is recorded stays as it is.
    @discardableResult
    public func append(
        _ events: [Event], to stream: StreamName, expecting expectation: Expectation = .any,
        signedBy signer: (any Signer)? = nil
    ) async throws(LedgerError) -> [AppendedEvent] {
        try await append(
            .ofStream(events, stream), checks: expectation == .any ? [] : [StreamCheck(stream, expectation)], signer)
    }

    /// Records events of several streams at consecutive indexes, in the order given, all or none (promise 3).
    ///
    /// `checks` may name streams that are not written; when any fails nothing is recorded and the error lists every
    /// one that failed. Otherwise as ``append(_:to:expecting:signedBy:)``.
    @discardableResult
    public func append(
        _ events: [StreamEvent], checking checks: [StreamCheck] = [], signedBy signer: (any Signer)? = nil
    ) async throws(LedgerError) -> [AppendedEvent] {
        try await append(.ofStreams(events), checks: checks, signer)
    }

    private func append(
        _ events: AppendRequest.Events, checks: [StreamCheck], _ signer: (any Signer)?
    ) async throws(LedgerError) -> [AppendedEvent] {
        guard let signer else { return try await append(AppendRequest.make(events, checks: checks)) }
        return try await append(signed(events, checks: checks, signer))
    }

    /// The request that the writer takes, signed.
    func signed(
        _ events: AppendRequest.Events, checks: [StreamCheck], _ signer: any Signer
    ) async throws(LedgerError) -> AppendRequest {
        try await sign(AppendRequest.make(events, checks: checks, statedTime: log.now), signer)
    }

    /// Hands a request to the writer and waits until its events are on disk.
    func append(_ request: AppendRequest) async throws(LedgerError) -> [AppendedEvent] {
        if let refusal { throw refusal }
        return try await withCheckedContinuation { continuation in
            log.append(request) { continuation.resume(returning: $0) }
        }.get()
    }
}
