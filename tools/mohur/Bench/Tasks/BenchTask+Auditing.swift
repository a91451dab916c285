internal import Archiving
internal import Auditing
internal import Files
internal import Ledger
internal import Processes
internal import Publishing
internal import Signing
internal import Threading
internal import Transparency

extension BenchTask {
    /// Archives the ledger `from` in the folder `path`, under a checkpoint of its own, and writes beside it the policy
    /// that trusts that.
    static func fillArchive(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        await ready()
        let (from, path) = (try words.text("from"), try words.text("path"))
        let key = try PrivateKey.generate(.ed25519)
        let ledger = try await Ledger.open(at: from)
        let origin = ledger.genesis.origin
        let store = CheckpointStore(ledger: from)
        _ = try await ledger.blocking { log throws(PublishingError) in try store.sign(log, by: key, of: origin) }
        _ = try await ArchiveWriter(folder: path).update(from: ledger)
        await ledger.close()
        let vkey = try NoteKey(name: KeyName(origin.text), publicKey: key.publicKey).vkey
        let policy = Array("log \(vkey)\nquorum none\n".utf8)
        try DurableFile.replace(policyFile(path), with: policy.span)
        return Figures()
    }

    /// Audits the archive in the folder `path`, as mohur-verify does; reports the entries a second.
    static func audit(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let path = try words.text("path")
        let policy = try TrustPolicy(try DurableFile.read(policyFile(path), atMost: TrustPolicy.maximumByteCount))
        let auditor = try Auditor(folder: path, policy: policy)
        await ready()
        let start = MonotonicTime.now
        let report = try await BlockingPool.shared.run { () throws(AuditError) in try auditor.run() }
        let seconds = MonotonicTime.seconds(since: start)
        guard report.verdict.isSound else { throw Failure(.refused, "the benchmark's own archive is not sound") }
        var figures = Figures()
        figures.add("rate", Double(try words.number("events")) / seconds)
        return figures
    }

    private static func policyFile(_ archive: String) -> String { "\(archive).policy" }
}
