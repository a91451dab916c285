extension Ledger {
    /// Records `events` at the end of `stream`, all or none, and returns their places once they are on disk.
    ///
    /// Repeating the call with the same event ids records nothing twice: the original places are returned, with
    /// `repeated` true, whatever is expected. Throws ``LedgerError``:
    /// - `expectationFailed`: the stream is not as expected; `failedChecks` says how it is;
    /// - `idConflict`: an id is recorded with other content; `partlyRecorded`: only some of the events are recorded;
    /// - `invalid`, `tooLarge`: an event breaks the format or a limit (``AppendRequest``, ``Payload``), which is
    ///   named;
    /// - `diskFull`, `mapFull`, `inputOutput`: nothing was recorded; `outcomeUnknown`: append again with the same ids.
    @discardableResult
    public func append(
        _ events: [Event], to stream: StreamName, expecting expectation: Expectation = .any
    ) async throws(LedgerError) -> [AppendedEvent] {
        try await append(
            .ofStream(events, stream), checks: expectation == .any ? [] : [StreamCheck(stream, expectation)])
    }

    /// Records events of several streams at consecutive indexes, in the order given, all or none (promise 3).
    ///
    /// `checks` may name streams that are not written; when any fails nothing is recorded and the error lists every
    /// one that failed. Otherwise as ``append(_:to:expecting:)``.
    @discardableResult
    public func append(
        _ events: [StreamEvent], checking checks: [StreamCheck] = []
    ) async throws(LedgerError) -> [AppendedEvent] {
        try await append(.ofStreams(events), checks: checks)
    }

    private func append(
        _ events: AppendRequest.Events, checks: [StreamCheck]
    ) async throws(LedgerError) -> [AppendedEvent] {
        let request = try await AppendRequest.make(events, checks: checks)
        return try await withCheckedContinuation { continuation in
            log.append(request) { continuation.resume(returning: $0) }
        }.get()
    }
}
