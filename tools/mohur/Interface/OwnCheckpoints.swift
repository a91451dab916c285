internal import Files
internal import Ledger
internal import Publishing
internal import Transparency
internal import Verifying

/// The checkpoints that lie in a ledger's own directory, which its data file is held to.
struct OwnCheckpoints {
    /// So many of the newest are looked at.
    static let limit = 1000

    private(set) var roots: [Verifier.KnownRoot] = []
    /// Files that hold no checkpoint, or that of another ledger.
    private(set) var findings: [Finding] = []

    /// Reads the guard and the newest checkpoints of the ledger in the directory `path`. They are read before the data
    /// file is: it may grow meanwhile.
    init(ledger path: String) {
        let store = CheckpointStore(ledger: path)
        note { () throws(PublishingError) in
            guard let published = try store.published()?.checkpoint else { return nil }
            return (published, PublishedCheckpoint.fileName)
        }
        var sizes: [TreeSize] = []
        do throws(PublishingError) { sizes = try store.sizes() } catch { add(error) }
        for size in sizes.suffix(OwnCheckpoints.limit) {
            note { () throws(PublishingError) in
                try store.checkpoint(size).map { ($0.checkpoint, "its checkpoint of \(size)") }
            }
        }
    }

    private mutating func note(_ read: () throws(PublishingError) -> (Checkpoint, String)?) {
        do throws(PublishingError) {
            guard let (checkpoint, name) = try read() else { return }
            roots.append(
                Verifier.KnownRoot(size: checkpoint.size.rawValue, root: checkpoint.root, statedBy: name))
        } catch { add(error) }
    }

    private mutating func add(_ error: PublishingError) {
        findings.append(Finding(.checkpoint, at: nil, error.reason))
    }
}
