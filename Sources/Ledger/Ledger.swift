@_exported public import Contents
public import Digests
@_exported public import EventFormat
@_exported public import EventLog
@_exported public import Keyring
@_exported public import Merkle
@_exported public import Signing
internal import Threading

/// What a ledger's calls throw.
public typealias LedgerError = LogError

/// A ledger: append events, read and follow them, prove them.
///
/// ```swift
/// let ledger = try await Ledger.open(at: "permits.ledger")
/// let recorded = try await ledger.append(
///     [Event(type: "application.received", source: "https://permits.example.gov", payload: .json(#"{"kind":"tree"}"#))],
///     to: "application-0198c0de", expecting: .none)
/// for try await event in ledger.events(of: "application-0198c0de") { print(event.index, event.type) }
/// ```
///
/// Any number of tasks, and of processes on the machine, may use one ledger at once. No call blocks Swift's
/// cooperative pool: appends are done by one writer thread, reads by a few threads of their own. An append returns
/// when its events are on disk.
public final class Ledger: Sendable {
    /// The ledger's name, and which making of it this is.
    public let genesis: Genesis
    /// The leaf hash of the first entry: what signatures name the ledger by.
    public let identity: Digest
    let log: EventLog
    /// Why nothing may be appended, though the ledger can be read: what it has given out contradicts it (promise 11).
    let refusal: LedgerError?

    private init(_ log: EventLog, checkingPublished: Bool) throws(LedgerError) {
        self.log = log
        let first = try log.event(at: 0)
        identity = first.leaf
        do throws(FormatError) {
            genesis = try Genesis(first.entry)
        } catch {
            throw LedgerError(.damaged, "\(log.path): \(error); run mohur verify to learn what is damaged")
        }
        refusal = checkingPublished ? PublishedCheckpoint.refusal(of: log, genesis.origin) : nil
    }

    /// The ledger's directory.
    public var path: String { log.path }

    /// Makes a new ledger in the directory `path`, which must not exist or be empty, and opens it.
    ///
    /// `authorities` are the keys that may say which other keys, sources and witnesses the ledger trusts; without one
    /// it never has keys.
    public static func create(
        at path: String, origin: Origin, authorities: [PublicKey] = [], options: LogOptions = LogOptions()
    ) async throws(LedgerError) -> Ledger {
        try await BlockingPool.shared.run { () throws(LedgerError) in
            let genesis = try EventLog.genesis(of: origin, authorities: authorities)
            return try Ledger(
                try EventLog.create(at: path, genesis: genesis, options: options), checkingPublished: false)
        }
    }

    /// Opens the ledger in the directory `path`, after checking that its end is whole. O(log n).
    ///
    /// A ledger that is behind the checkpoint that it last gave out, or differs from it, opens for reading: appends are
    /// refused with `behindPublished` or `differsFromPublished` (``PublishedCheckpoint``).
    public static func open(at path: String, options: LogOptions = LogOptions()) async throws(LedgerError) -> Ledger {
        try await BlockingPool.shared.run { () throws(LedgerError) in
            try Ledger(try EventLog(opening: path, options: options), checkingPublished: !options.readOnly)
        }
    }

    /// Waits for what is queued to be recorded, then closes the ledger. Without it, the ledger closes with its last
    /// reference.
    public func close() async {
        await BlockingPool.shared.run { [log] in log.close() }
    }

    /// Runs a call that may block on a thread of its own.
    func run<R: Sendable>(_ body: @escaping @Sendable (EventLog) throws(LedgerError) -> R) async throws(LedgerError)
        -> R
    {
        try await BlockingPool.shared.run { [log] () throws(LedgerError) in try body(log) }
    }

    /// Runs a call of another module of the project that reads the log itself, on a thread that may block.
    package func blocking<R: Sendable, E: Error>(
        _ body: @escaping @Sendable (EventLog) throws(E) -> R
    ) async throws(E) -> R {
        try await BlockingPool.shared.run { [log] () throws(E) in try body(log) }
    }
}
