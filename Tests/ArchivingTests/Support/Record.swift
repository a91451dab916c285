import ArchiveFormat
import Archiving
import EventFormat
import EventLog
import Keyring
import Ledger
import Merkle
import Publishing
import Signing
import Simulating
import Transparency

/// A ledger of an invented municipality with its keys, whose checkpoints are signed as a test says.
final class Record: Sendable {
    static let origin = "records.example.gov/permits"

    let ledger: Ledger
    let logKey: PrivateKey
    let authority: PrivateKey
    let store: CheckpointStore

    private init(_ ledger: Ledger, _ logKey: PrivateKey, _ authority: PrivateKey) {
        (self.ledger, self.logKey, self.authority) = (ledger, logKey, authority)
        store = CheckpointStore(ledger: ledger.path)
    }

    /// The same keys with another ledger.
    convenience init(_ ledger: Ledger, _ other: Record) { self.init(ledger, other.logKey, other.authority) }

    /// Makes one in `path`. `isRuled`: with an authority, which introduces the log's key as entry 1.
    static func make(at path: String, isRuled: Bool = false) async throws -> Record {
        let (logKey, authority) = (try PrivateKey.generate(.ed25519), try PrivateKey.generate(.ed25519))
        var options = LogOptions()
        options.mapSize = 4 << 30
        let ledger = try await Ledger.create(
            at: path, origin: Origin(origin), authorities: isRuled ? [authority.publicKey] : [], options: options)
        if isRuled {
            try await ledger.record(.keyIntroduced(logKey.publicKey, role: .log), signedBy: authority)
        }
        return Record(ledger, logKey, authority)
    }

    /// Appends what happens in the municipality until there are `size` entries, and signs a checkpoint of them.
    @discardableResult
    func grow(to size: UInt64, signing: Bool = true) async throws -> Record {
        let configuration = try Simulation.Configuration.scaled(
            toEvents: 5000, seed: 7, start: nil, days: 365, agencies: 4)
        var simulation = Simulation(configuration: configuration)
        var (events, next) = ([StreamEvent](), try await ledger.size())
        for _ in 0..<next { _ = simulation.next() }
        while next < size, let (stream, event) = simulation.next() {
            events.append(StreamEvent(event, to: stream))
            next += 1
            if events.count == 1000 || next == size {
                try await ledger.append(events)
                events = []
            }
        }
        if signing { try await sign() }
        return self
    }

    /// Stores documents, names them in events of their own, and signs a checkpoint when `signing`.
    @discardableResult
    func file(_ documents: [[UInt8]], signing: Bool = true) async throws -> [ContentName] {
        var names: [ContentName] = []
        for document in documents {
            let name = try await ledger.store(content: document).name
            names.append(name)
            try await ledger.append(
                [Event(type: "document.filed", source: "urn:t", payload: .json(#"{"content":"\#(name)"}"#))],
                to: "document-1")
        }
        if signing { try await sign() }
        return names
    }

    @discardableResult
    func sign() async throws -> SignedCheckpoint {
        let (store, key, origin) = (store, logKey, ledger.genesis.origin)
        return try await ledger.blocking { log throws(PublishingError) in
            try store.sign(log, by: key, of: origin)
        }
    }

    /// Adds a witness's cosignature to the checkpoint of `size`.
    func cosign(_ size: UInt64, by name: String = "witness.example.org") throws {
        let cosigner = try Cosigner(name: KeyName(name), signer: PrivateKey.generate(.ed25519))
        guard let checkpoint = try store.checkpoint(TreeSize(size)) else { return }
        let line = try cosigner.cosign(checkpoint, at: 1_700_000_000)
        try store.keep(SignedCheckpoint(checkpoint.note.adding([line])))
    }

    var noteKey: NoteKey {
        get throws { try NoteKey(name: KeyName(Record.origin), publicKey: logKey.publicKey) }
    }

    @discardableResult
    func archive(
        in path: String, rehash: Bool = false,
        beforeChange: @escaping @Sendable (String) throws(ArchivingError) -> Void = { _ throws(ArchivingError) in }
    ) async throws(ArchivingError) -> ArchiveWriter.Summary {
        var writer = ArchiveWriter(folder: path)
        writer.rehash = rehash
        writer.beforeChange = beforeChange
        return try await writer.update(from: ledger)
    }
}

/// All entries and envelopes, as they are stored.
func stored(_ ledger: Ledger) async throws -> [[UInt8]] {
    try await ledger.blocking { log throws(LogError) in
        var items: [[UInt8]] = []
        let size = try log.size()
        while UInt64(items.count / 2) < size {
            let slice = try log.slice(from: EntryIndex(UInt64(items.count / 2)), below: EntryIndex(size))
            for position in slice.ends.indices {
                let (start, end) = (slice.start(of: position), slice.ends[position])
                items.append(Array(slice.bytes[start..<end.entry]))
                items.append(Array(slice.bytes[end.entry..<end.envelope]))
            }
        }
        return items
    }
}

/// What is wrong with the archive in `path`: everything that can be found without its content.
func faults(of path: String) throws -> [ArchiveError] {
    var faults: [ArchiveError] = []
    let reader = try ArchiveReader(path) { error throws(ArchiveError) in faults.append(error) }
    try reader.checkNames { error throws(ArchiveError) in faults.append(error) }
    for file in reader.contents {
        try reader.checkDigest(of: file) { error throws(ArchiveError) in faults.append(error) }
    }
    for number in 0..<reader.manifest.documentCount {
        let file = ArchiveFile.content(try reader.manifest.document(number))
        try reader.checkDigest(of: file) { error throws(ArchiveError) in faults.append(error) }
    }
    return faults
}

/// What keeps a ledger from being restored from the archive in `path`; nil when it was restored.
func refusal(of path: String, to ledger: String, policy: TrustPolicy? = nil) async -> ArchivingError? {
    do throws(ArchivingError) {
        _ = try await ArchiveRestorer(archive: path, ledger: ledger, policy: policy).restore()
        return nil
    } catch { return error }
}
