internal import EventFormat
internal import Keyring
internal import Merkle
internal import Transparency

/// What a ledger's own events say of the signatures under a checkpoint of a size.
struct LogKeys {
    /// The log keys in force behind the last entry of that size.
    let keys: [NoteKey]
    /// The keys of the witnesses that were ever registered.
    private let witnesses: [NoteKey]
    /// Whether a log key was introduced before. A ledger without is signed for by any.
    private let isRuled: Bool

    init(_ history: KeyHistory?, _ origin: Origin, at size: TreeSize) throws(TransparencyError) {
        var keys: [NoteKey] = []
        let keyring = history?.keyring(at: EntryIndex(size.rawValue))
        for record in keyring?.keys(.log) ?? [] {
            keys.append(try NoteKey(name: KeyName(origin.text), publicKey: record.key))
        }
        self.keys = keys
        witnesses = history?.witnesses.map(\.witness.noteKey) ?? []
        isRuled = history?.keys.contains { $0.role == .log && $0.introduced.rawValue < size.rawValue } ?? false
    }

    /// The log key that signed; nil when the ledger names none, so that it was not checked. Throws when none of those
    /// in force did, or when a line of theirs or of a registered witness does not hold.
    @discardableResult
    func verify(_ checkpoint: SignedCheckpoint) throws(TransparencyError) -> NoteKey? {
        _ = try checkpoint.note.verifiedSignatures(by: witnesses)
        guard isRuled else { return nil }
        return try checkpoint.note.verified(by: keys).first
    }
}
