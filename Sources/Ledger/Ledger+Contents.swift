public import Contents
public import Files
internal import Threading

// Contents: documents that payloads name.

extension Ledger {
    /// Stores the document in the regular file at `path`, and returns its name and size once it is on the disk.
    ///
    /// Payloads of JSON name it: `{"content":"ni:///sha-256;…"}`, at whatever depth. Store it before the event that
    /// names it is appended, which is refused with `contentMissing` otherwise. Storing it again costs reading it.
    /// Throws ``LedgerError``: `notFound`, `notPermitted`, `diskFull`, `inputOutput`; `contentRemoved` when the ledger
    /// has recorded its removal. O(bytes), in bounded memory.
    public func store(contentOf path: String) async throws(LedgerError) -> ContentStore.Stored {
        try await checkMayStore(try await filing { _ throws(FileError) in try ContentStore.measure(file: path).name })
        return try await filing { contents throws(FileError) in try contents.store(file: path) }
    }

    /// As ``store(contentOf:)``, for bytes in memory.
    public func store(content bytes: [UInt8]) async throws(LedgerError) -> ContentStore.Stored {
        try await checkMayStore(ContentName(of: bytes.span))
        return try await filing { contents throws(FileError) in try contents.store(bytes.span) }
    }

    /// The size in bytes of a content; nil when the ledger does not have it.
    public func byteCount(ofContent name: ContentName) async throws(LedgerError) -> UInt64? {
        try await filing { contents throws(FileError) in try contents.byteCount(of: name) }
    }

    /// Writes a content to the file `path`, whole or not at all, and in place of one that is there. Throws
    /// ``LedgerError``: `notFound`, `damaged` when its bytes are not those of its name.
    public func copy(content name: ContentName, to path: String) async throws(LedgerError) {
        try await checkStored(name)
        try await filing { contents throws(FileError) in try contents.copy(name, to: path) }
    }

    /// The file of a content, to be read on a thread that may block. Its bytes are as they are: whoever relies on them
    /// compares their SHA-256 with the name. Throws ``LedgerError/Code/notFound``.
    public func reader(ofContent name: ContentName) async throws(LedgerError) -> FileReader {
        try await checkStored(name)
        return try await filing { contents throws(FileError) in try FileReader(contents.path(of: name)) }
    }

    /// Every content that the ledger has, by ascending digest. O(their number).
    public func contents() async throws(LedgerError) -> [ContentStore.Item] {
        try await filing { contents throws(FileError) in
            var items: [ContentStore.Item] = []
            try contents.forEach { items.append($0) }
            return items
        }
    }

    /// Records by whose authority contents are removed, signed by an authority key, and then removes them.
    ///
    /// A call that was interrupted is repeated: contents whose removal is recorded are not recorded twice, and those
    /// that are gone stay gone. Returns how many there were to remove. Throws ``LedgerError``: `notAuthorised`,
    /// `keyringRefused`, and as ``append(_:to:expecting:signedBy:)``; `invalid` when a text is none that an event may
    /// have.
    public func remove(
        contents names: some Sequence<ContentName> & Sendable, authority: String, schedule: String? = nil,
        signedBy signer: any Signer
    ) async throws(LedgerError) -> Int {
        let history = try await keyHistory()
        let sorted = Set(names).sorted()
        let unrecorded = sorted.filter { history.removal(of: $0) == nil }
        for start in stride(from: 0, to: unrecorded.count, by: ContentRemoval.maximumCount) {
            let part = Array(unrecorded[start..<min(unrecorded.count, start + ContentRemoval.maximumCount)])
            let removal: ContentRemoval
            do throws(KeyringError) {
                removal = try ContentRemoval(contents: part, authority: authority, schedule: schedule)
            } catch {
                throw LedgerError(.invalid, error.reason)
            }
            try await record(.contentRemoved(removal), signedBy: signer)
        }
        return try await filing { contents throws(FileError) in
            var count = 0
            for name in sorted where try contents.remove(name) { count += 1 }
            return count
        }
    }

    /// Copies the contents into the copy of the ledger in the directory `path`, as far as it does not have them.
    func copyContents(to path: String) async throws(LedgerError) {
        let history = try await keyHistory()
        try await filing { contents throws(FileError) in
            let copies = ContentStore(ledger: path)
            try contents.forEach { item throws(FileError) in
                guard case .content(let name, let byteCount) = item, history.removal(of: name) == nil,
                    try copies.byteCount(of: name) != byteCount
                else { return }
                _ = try copies.store(name, from: FileReader(contents.path(of: name)))
            }
            for name in history.removedContents { try copies.remove(name) }
        }
    }

    private func checkMayStore(_ name: ContentName) async throws(LedgerError) {
        if let refusal { throw refusal }
        guard let removal = try await keyHistory().removal(of: name) else { return }
        throw LedgerError(
            .contentRemoved,
            "\(name) was removed under event \(removal.event), by \(removal.authority): it is not stored again")
    }

    private func checkStored(_ name: ContentName) async throws(LedgerError) {
        guard try await byteCount(ofContent: name) == nil else { return }
        guard let removal = try await keyHistory().removal(of: name) else {
            throw LedgerError(.notFound, "the ledger at \(path) does not have the content \(name)")
        }
        throw LedgerError(
            .contentRemoved, "\(name) was removed under event \(removal.event), by \(removal.authority)")
    }

    private func filing<R: Sendable>(
        _ body: @escaping @Sendable (ContentStore) throws(FileError) -> R
    ) async throws(LedgerError) -> R {
        try await run { log throws(LedgerError) in
            do throws(FileError) { return try body(log.contents) } catch {
                throw LedgerError(LedgerError.code(of: error.code), error.reason)
            }
        }
    }
}

extension LedgerError {
    fileprivate static func code(of code: FileError.Code) -> Code {
        switch code {
        case .notFound: .notFound
        case .noPermission: .notPermitted
        case .diskFull: .diskFull
        case .damaged: .damaged
        case .notAFile: .invalid
        default: .inputOutput
        }
    }
}
