public import Digests
internal import Files
internal import Merkle
internal import Synchronization
public import Transparency

/// A witness (C2SP tlog-witness v1.0.0): it cosigns a log's checkpoint when that continues the one it cosigned before,
/// and so keeps the log from showing two histories.
///
/// Invariants, which hold across crashes as long as the folder is not put back to an older state:
/// 1. Of one log it never cosigns two trees of one size with different roots, nor a tree that does not continue all
///    that it cosigned before: deciding and keeping are one step for each log.
/// 2. A cosignature is given away only when what it says is on disk.
/// 3. The times of a log's cosignatures never go back, whatever the clock does.
public final class Witness: Sendable {
    /// The witness's own key.
    public let key: NoteKey

    private let folder: WitnessFolder
    private let cosigner: Cosigner
    private let store: WitnessStore
    private let clock: @Sendable () -> UInt64
    private let logs: Mutex<Logs>
    private let noting = Mutex(())
    private let lock: FileLock

    /// A log and what was last cosigned of it. Held while a request is decided and its outcome written to disk.
    private final class Log: Sendable {
        let state: Mutex<(keys: [NoteKey], last: CosignedCheckpoint?)>

        init(_ keys: [NoteKey], _ last: CosignedCheckpoint?) { state = Mutex((keys, last)) }
    }

    private struct Logs {
        var byOrigin: [LogOrigin: Log] = [:]
        var byHash: [Digest: Log] = [:]
        /// The list as it was read last.
        var bytes: [UInt8] = []
        var lastLook: UInt64 = 0
    }

    /// Opens the witness in `folder`, for one process at a time. Reads what it has kept of each log in its list.
    ///
    /// `clock` gives seconds since 1970. Throws `notFound`, `inUse`, `invalid`, `damaged` or `inputOutput`.
    public init(_ folder: WitnessFolder, clock: @escaping @Sendable () -> UInt64) throws(WitnessError) {
        _ = try folder.name()
        do throws(FileError) { lock = try FileLock(folder.lockPath, purpose: "serving as a witness") } catch {
            throw WitnessError(error)
        }
        self.folder = folder
        self.clock = clock
        cosigner = try folder.cosigner()
        key = cosigner.key
        store = WitnessStore(folder.statePath, key: key)
        var logs = Logs()
        try Witness.read(folder, store, key, into: &logs)
        self.logs = Mutex(logs)
    }

    /// Takes up what stands in the list and is not known yet, and newer keys of logs that are. A line that was taken
    /// out counts until the witness is opened again.
    private static func read(
        _ folder: WitnessFolder, _ store: WitnessStore, _ own: NoteKey, into logs: inout Logs
    ) throws(WitnessError) {
        let bytes = try folder.logsBytes()
        guard bytes != logs.bytes else { return }
        for log in try LogList(bytes).logs {
            try LogList.check(log.keys, against: own)
            if let known = logs.byOrigin[log.origin] {
                known.state.withLock { $0.keys = log.keys }
                continue
            }
            let last = try store.last(of: log)
            // A crash may have come between a log's first file and this.
            if last != nil { try store.note(log.origin) }
            let added = Log(log.keys, last)
            logs.byOrigin[log.origin] = added
            logs.byHash[log.origin.hash] = added
        }
        logs.bytes = bytes
    }
}

// MARK: - Cosigning

extension Witness {
    /// Decides on the body of a request to `add-checkpoint`, and cosigns. May be called from several threads; blocks
    /// until what is cosigned is on disk.
    ///
    /// Also returns the log that the request is about, when it got that far.
    public func addCheckpoint(_ body: [UInt8]) -> (answer: WitnessAnswer, origin: LogOrigin?) {
        let request: AddCheckpointRequest
        do throws(TransparencyError) { request = try AddCheckpointRequest(body) } catch {
            return (.malformed(error.reason), nil)
        }
        let origin = request.checkpoint.checkpoint.origin
        let log: Log
        do throws(WitnessError) {
            guard let found = try find(origin) else {
                return (.unknownLog("this witness does not know the log \(origin)"), origin)
            }
            log = found
        } catch { return (.failed(status: 500, error.reason), origin) }
        return (log.state.withLock { cosign(request, keys: $0.keys, last: &$0.last) }, origin)
    }

    private func cosign(
        _ request: AddCheckpointRequest, keys: [NoteKey], last: inout CosignedCheckpoint?
    ) -> WitnessAnswer {
        if let refusal = WitnessRules.refusal(of: request, keys: keys, last: last?.checkpoint.checkpoint) {
            return refusal
        }
        let time = max(clock(), last?.time ?? 1, 1)
        do {
            let ownLines = try request.checkpoint.keepingSignatures(of: keys)
            let line = try cosigner.cosign(ownLines, at: time)
            let note = try ownLines.note.adding([line])
            let cosigned = CosignedCheckpoint(checkpoint: try SignedCheckpoint(note), time: time)
            try keep(cosigned, isFirst: last == nil)
            // On disk. A crash from here on takes the answer from the client, who asks again and is told the new size.
            last = cosigned
            return .cosigned([line])
        } catch { return .failed(status: 500, "\(error)") }
    }

    private func keep(_ cosigned: CosignedCheckpoint, isFirst: Bool) throws(WitnessError) {
        guard isFirst else { return try store.keep(cosigned, isFirst: false) }
        // The list of files is one for all logs.
        try noting.withLock { _ throws(WitnessError) in try store.keep(cosigned, isFirst: true) }
    }

    /// The log of that origin. One that is not known is looked for in the list again, every two seconds at most.
    private func find(_ origin: LogOrigin) throws(WitnessError) -> Log? {
        try logs.withLock { logs throws(WitnessError) in
            if let log = logs.byOrigin[origin] { return log }
            let now = clock()
            guard now < logs.lastLook || now >= logs.lastLook + 2 else { return nil }
            logs.lastLook = now
            try Witness.read(folder, store, key, into: &logs)
            return logs.byOrigin[origin]
        }
    }
}

// MARK: - Monitoring

extension Witness {
    /// What was last cosigned of the log whose origin has this SHA-256, with the log's signature and the witness's
    /// cosignature; nil when there is none.
    public func last(ofLogWith hash: Digest) -> SignedCheckpoint? {
        let log = logs.withLock { $0.byHash[hash] }
        return log?.state.withLock { $0.last?.checkpoint }
    }
}
