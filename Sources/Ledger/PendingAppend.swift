public import EventLog
internal import Synchronization

/// An append that has been handed to the writer: its place in the order is fixed, its result comes when it is on disk.
public final class PendingAppend: Sendable {
    private enum State: Sendable {
        case waiting([CheckedContinuation<Result<[AppendedEvent], LedgerError>, Never>])
        case done(Result<[AppendedEvent], LedgerError>)
    }

    private let state = Mutex(State.waiting([]))

    init() {}

    /// The events' places, once they are durable; throws as ``Ledger/append(_:checking:)`` does. May be asked for any
    /// number of times.
    public var value: [AppendedEvent] {
        get async throws(LedgerError) {
            try await withCheckedContinuation { continuation in
                let result = state.withLock { state -> Result<[AppendedEvent], LedgerError>? in
                    switch state {
                    case .done(let result): return result
                    case .waiting(let others):
                        state = .waiting(others + [continuation])
                        return nil
                    }
                }
                if let result { continuation.resume(returning: result) }
            }.get()
        }
    }

    func complete(_ result: Result<[AppendedEvent], LedgerError>) {
        let waiting = state.withLock { state in
            guard case .waiting(let continuations) = state else {
                preconditionFailure("an append was completed twice")
            }
            state = .done(result)
            return continuations
        }
        for continuation in waiting { continuation.resume(returning: result) }
    }
}

extension Ledger {
    /// Hands events to the writer and returns without waiting: appends are recorded in the order in which they are
    /// submitted, which lets one task keep several under way. Otherwise as ``append(_:checking:)``; throws at once
    /// when the events break the format or a limit.
    ///
    /// An append that is refused does not stop those submitted behind it: where the order must hold whatever happens,
    /// expect exact revisions, or wait for each.
    public func submit(
        _ events: [StreamEvent], checking checks: [StreamCheck] = []
    ) throws(LedgerError) -> PendingAppend {
        if let refusal { throw refusal }
        let request = try AppendRequest(.ofStreams(events), checks: checks)
        let pending = PendingAppend()
        log.append(request) { pending.complete($0) }
        return pending
    }

    /// As ``submit(_:checking:)`` with a signature over the events, which is waited for: the place in the order is that
    /// of the return. Throws `signingFailed` too.
    public func submit(
        _ events: [StreamEvent], checking checks: [StreamCheck] = [], signedBy signer: any Signer
    ) async throws(LedgerError) -> PendingAppend {
        if let refusal { throw refusal }
        let request = try await signed(.ofStreams(events), checks: checks, signer)
        let pending = PendingAppend()
        log.append(request) { pending.complete($0) }
        return pending
    }
}
