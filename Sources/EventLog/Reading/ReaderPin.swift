internal import StoreFormat
internal import Threading

/// Keeps commits' pages from being used again while something else than LMDB reads them: the verifier's bounded
/// parser.
///
/// Takes a reader's place in the lock file and looks at nothing but the meta pages, so that a damaged file does no
/// harm. The caller makes sure before that the meta pages are whole.
public final class ReaderPin: Sendable {
    private let hold: LogRegistry.Hold

    /// Throws ``LogError`` when no reader's place can be taken, such as for want of permission to write the lock file.
    public init(directory path: String) throws(LogError) {
        hold = try LogRegistry.shared.hold(path)
    }

    deinit {
        LogRegistry.shared.release(hold)
    }

    /// Calls `body` with the transaction id of the newest commit, whose pages stay as they are meanwhile. Keep it
    /// short (L4). Returns false, without calling `body`, when no place for a reader is free.
    public func withPinned(_ body: (UInt64) -> Void) -> Bool {
        do throws(LogError) {
            try hold.gate.read { transaction throws(LogError) in body(transaction.id) }
            return true
        } catch {
            return false
        }
    }
}
