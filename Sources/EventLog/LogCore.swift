public import EventFormat
internal import Glibc
internal import StoreFormat
internal import Threading

/// What all handles of one ledger share within the process: the environment, the writer and the watcher (L1).
final class LogCore: Sendable {
    let identity: FileIdentity
    let gate: EnvironmentGate
    let watcher: HeadWatcher
    /// nil when the ledger is open for reading only.
    let writer: LogWriter?
    /// The ledger's keys and policy as last seen.
    let trust = TrustCache()
    let clock: @Sendable () -> Timestamp
    /// Opens the environment again after a disk error.
    let reopen: @Sendable () throws(LogError) -> EnvironmentBox

    init(_ path: String, identity: FileIdentity, options: LogOptions) throws(LogError) {
        let gate = EnvironmentGate(try LogCore.open(path, options))
        try gate.read { transaction throws(LogError) in try transaction.checkRightEdge() }
        let file = "\(path)/\(StoreLayout.dataFileName)"
        let watcher = HeadWatcher(gate, path: file)
        self.identity = identity
        self.gate = gate
        self.watcher = watcher
        clock = options.clock
        let reopen = { @Sendable () throws(LogError) in
            EnvironmentBox(environment: try LogCore.open(path, options))
        }
        self.reopen = reopen
        guard !options.readOnly else {
            writer = nil
            return
        }
        writer = LogWriter(
            WriterContext(
                path: path, file: identity, sharesCommits: options.sharesCommits, gate: gate,
                room: RoomAhead(path: file, byteCount: options.roomAhead),
                clock: options.clock, recentCount: options.usableRecentCount, trust: trust,
                reopen: reopen,
                committed: { watcher.announce(size: $0) }))
    }

    private static func open(_ path: String, _ options: LogOptions) throws(LogError) -> Environment {
        try Environment(directory: path, create: false, readOnly: options.readOnly, mapSize: options.mapSize)
    }

    /// Ends the threads and closes the environment; returns when all is done.
    func shutDown() {
        writer?.stop()
        watcher.stop()
        gate.close()
    }
}

/// How a log is opened.
public struct LogOptions: Sendable {
    /// Open for reading only: needs no permission to write the data file, and appends are refused.
    public var readOnly = false
    /// The clock of the entries' time of recording.
    public var clock: @Sendable () -> Timestamp = { Timestamp.now }
    /// Bytes of addresses of the map, 1 TiB; smaller for tests of a full map.
    public var mapSize = 1 << 40
    /// At most how many bytes the data file is made longer ahead of small commits, 256 KiB; less than 64 KiB: not at
    /// all, which saves the space and costs such commits time (``RoomAhead``).
    public var roomAhead = 256 << 10
    /// Whether processes that append at once commit together, through a file `offers.shm` in the ledger's directory.
    public var sharesCommits = true
    /// At most how many entries the index tables leave out, up to 4,096, to be written in one go; 0: they cover all
    /// entries after each commit.
    package var recentCount = StoreLayout.recentCount

    public init() {}

    var usableRecentCount: Int { min(max(0, recentCount), StoreLayout.recentCount) }
}

/// A file by device and inode, so that two paths to it are recognised.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(device: UInt64, inode: UInt64) { (self.device, self.inode) = (device, inode) }

    /// nil when there is no file at `path`.
    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// The logs that this process has open. LMDB forbids opening a file twice in one process (L1), so a second handle
/// shares the first one's core.
final class LogRegistry: Sendable {
    static let shared = LogRegistry()

    private struct Member: Sendable {
        let core: LogCore
        var handles: Int
    }

    /// An environment of a file that is not open as a log, or the log's own.
    struct Hold: Sendable {
        let identity: FileIdentity
        let gate: EnvironmentGate
        fileprivate let core: LogCore?
    }

    private struct State: Sendable {
        var members: [FileIdentity: Member] = [:]
        /// Files that are held without being open as logs.
        var holds: [FileIdentity: (gate: EnvironmentGate, count: Int)] = [:]
        /// Files that a copy is being written to.
        var targets: Set<FileIdentity> = []
    }

    private let state = Monitor(State())

    /// The core of the ledger in the directory `path`, opened if need be. Give it back with ``release(_:)``.
    func acquire(_ path: String, _ options: LogOptions) throws(LogError) -> LogCore {
        guard !path.isEmpty else { throw LogError(.invalid, "the ledger's path is empty") }
        return try state.withLock { state throws(LogError) in
            let file = path + "/" + StoreLayout.dataFileName
            guard let identity = FileIdentity(path: file) else {
                guard errno == ENOENT || errno == ENOTDIR else { throw EventLog.systemError("looking at \(file)") }
                throw LogError(
                    .notFound,
                    "there is no ledger at \(path) (no \(StoreLayout.dataFileName)); create one with mohur create")
            }
            if let member = state.members[identity] {
                if member.core.writer == nil, !options.readOnly {
                    throw LogError(
                        .readOnly, "\(path) is open for reading only in this process; close that handle first")
                }
                state.members[identity]?.handles += 1
                return member.core
            }
            guard state.holds[identity] == nil else {
                throw LogError(.notPermitted, "\(path) is being verified in this process; open it when that has ended")
            }
            guard !state.targets.contains(identity) else {
                throw LogError(
                    .notPermitted, "\(path) is being brought up to date in this process; open it when that has ended")
            }
            let core = try LogCore(path, identity: identity, options: options)
            state.members[identity] = Member(core: core, handles: 1)
            return core
        }
    }

    /// Takes a file for a copy to be written to, unless it is in use in this process. Give it back with
    /// ``releaseTarget(_:)``.
    func takeTarget(_ identity: FileIdentity) -> Bool {
        state.withLock { state in
            guard state.members[identity] == nil, state.holds[identity] == nil else { return false }
            return state.targets.insert(identity).inserted
        }
    }

    func releaseTarget(_ identity: FileIdentity) {
        state.withLock { _ = $0.targets.remove(identity) }
    }

    /// Gives a core back; the last to do so closes it, while nobody else can open the file.
    func release(_ core: LogCore) {
        state.withLock { state in
            guard var member = state.members[core.identity] else { return }
            member.handles -= 1
            state.members[core.identity] = member.handles > 0 ? member : nil
            if member.handles == 0 { core.shutDown() }
        }
    }

    /// A bare environment for taking readers' places; the log's own when it is open. Give it back with
    /// ``release(_:)-(Hold)``.
    func hold(_ path: String) throws(LogError) -> Hold {
        try state.withLock { state throws(LogError) in
            guard let identity = FileIdentity(path: path + "/" + StoreLayout.dataFileName) else {
                throw LogError(.notFound, "there is no ledger at \(path)")
            }
            if let core = state.members[identity]?.core {
                state.members[identity]?.handles += 1
                return Hold(identity: identity, gate: core.gate, core: core)
            }
            guard !state.targets.contains(identity) else {
                throw LogError(.notPermitted, "\(path) is being brought up to date in this process")
            }
            if let held = state.holds[identity] {
                state.holds[identity] = (held.gate, held.count + 1)
                return Hold(identity: identity, gate: held.gate, core: nil)
            }
            let gate = EnvironmentGate(try Environment(pinning: path))
            state.holds[identity] = (gate, 1)
            return Hold(identity: identity, gate: gate, core: nil)
        }
    }

    func release(_ hold: Hold) {
        if let core = hold.core { return release(core) }
        state.withLock { state in
            guard var held = state.holds[hold.identity] else { return }
            held.count -= 1
            state.holds[hold.identity] = held.count > 0 ? held : nil
            if held.count == 0 { held.gate.close() }
        }
    }
}
