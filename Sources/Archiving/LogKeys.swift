internal import EventFormat
internal import Keyring
internal import Merkle
internal import Transparency

/// The log keys that a ledger's own events let sign a checkpoint of a size.
struct LogKeys {
    /// Those in force behind the last entry of that size.
    let keys: [NoteKey]
    /// Whether the ledger has ever introduced a log key. One that has not is signed for by any key.
    private let isRuled: Bool

    init(_ history: KeyHistory?, _ origin: Origin, at size: TreeSize) throws(TransparencyError) {
        var keys: [NoteKey] = []
        let keyring = history?.keyring(at: EntryIndex(size.rawValue))
        for record in keyring?.keys(.log) ?? [] {
            keys.append(try NoteKey(name: KeyName(origin.text), publicKey: record.key))
        }
        self.keys = keys
        isRuled = history?.keys.contains { $0.role == .log && $0.introduced.rawValue < size.rawValue } ?? false
    }

    /// The key that signed; nil when the ledger names no log keys, so that nothing was checked. Throws when none of
    /// those in force did.
    func verify(_ checkpoint: SignedCheckpoint) throws(TransparencyError) -> NoteKey? {
        guard isRuled else { return nil }
        return try checkpoint.note.verified(by: keys).first
    }
}
