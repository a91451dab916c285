internal import Threading

/// Lets many threads use the environment and one replace it.
///
/// `@unchecked Sendable` is sound: `environment` is read only between `enter` and `leave`, while `users` keeps
/// ``replace(_:)`` out, and is written only in ``replace(_:)``, which waits until there is no user and keeps new ones
/// out.
final class EnvironmentGate: @unchecked Sendable {
    private struct State: Sendable {
        var users = 0
        var isReplacing = false
    }

    private let monitor = Monitor(State())
    private var environment: Environment?

    init(_ environment: consuming Environment) {
        self.environment = consume environment
    }

    /// Calls `body` with the environment. Throws ``LogError/Code/closed`` when there is none.
    func use<R: ~Copyable>(_ body: (borrowing Environment) throws(LogError) -> R) throws(LogError) -> R {
        monitor.wait { state -> Void? in
            if state.isReplacing { return nil }
            state.users += 1
            return ()
        }
        defer { monitor.change { $0.users -= 1 } }
        switch environment {
        case .some(let environment): return try body(environment)
        case .none:
            throw LogError(
                .closed,
                "the log is closed: it was closed by its owner, or could not be opened again after a disk error")
        }
    }

    /// Calls `body` with a view of the store. Keep it short (L4).
    func read<R: ~Copyable>(_ body: (borrowing ReadTransaction) throws(LogError) -> R) throws(LogError) -> R {
        try use { environment throws(LogError) in
            let transaction = try ReadTransaction(environment)
            return try body(transaction)
        }
    }

    /// Waits until nobody uses the environment, closes it, and puts in its place what `open` makes; nothing, when that
    /// throws.
    func replace(_ open: () throws(LogError) -> Environment?) throws(LogError) {
        monitor.wait { state -> Void? in
            if state.isReplacing { return nil }
            state.isReplacing = true
            return ()
        }
        // New users are kept out from here on, so that a steady stream of them cannot put the replacing off.
        monitor.wait { $0.users == 0 ? () : nil }
        defer { monitor.change { $0.isReplacing = false } }
        environment = nil
        environment = try open()
    }

    /// After a disk error: closes the environment, puts in its place what `open` makes, and checks its end.
    func reopen(_ open: () throws(LogError) -> EnvironmentBox) throws(LogError) {
        try replace { () throws(LogError) in
            let box = try open()
            let environment = box.environment
            return consume environment
        }
        try read { transaction throws(LogError) in try transaction.checkRightEdge() }
    }

    /// Closes the environment for good.
    func close() {
        try? replace { () throws(LogError) in nil }
    }
}
