public import Contents
public import Files
internal import Threading

// Contents: documents that payloads name.

extension Ledger {
    /// Documents may be large: those that wait for them must not hold up the threads that read.
    private static let contentPool = BlockingPool(threadCount: 4)

    /// Stores the document in the regular file at `path`, and returns its name and size once it is on the disk.
    ///
    /// Payloads of JSON name it: `{"content":"ni:///sha-256;…"}`, at whatever depth. Store it before the event that
    /// names it is appended, which is refused with `contentMissing` otherwise. Storing it again costs reading it, and
    /// mends a document that was damaged. Throws ``LedgerError``: `notFound`, `invalid` for what is no regular file,
    /// `notPermitted`, `diskFull`, `inputOutput`; `contentRemoved` when the ledger has recorded its removal;
    /// `readOnly`; `behindPublished`, `differsFromPublished`. O(bytes), in bounded memory.
    public func store(contentOf path: String) async throws(LedgerError) -> ContentStore.Stored {
        try await store { contents, mayStore throws(FileError) in try contents.store(file: path, mayStore) }
    }

    /// As ``store(contentOf:)``, for bytes in memory.
    public func store(content bytes: [UInt8]) async throws(LedgerError) -> ContentStore.Stored {
        try await store { contents, mayStore throws(FileError) in try contents.store(bytes.span, mayStore) }
    }

    private func store(
        _ body: @escaping @Sendable (ContentStore, ContentStore.Admission) throws(FileError) -> ContentStore.Stored?
    ) async throws(LedgerError) -> ContentStore.Stored {
        try checkWritable()
        return try await filing { log throws(LedgerError) in
            var refusal: LedgerError?
            let stored = try LedgerError.filing { () throws(FileError) in
                try body(log.contents) { name throws(FileError) in
                    do throws(LedgerError) {
                        guard let removal = try log.keyHistory().removal(of: name) else { return true }
                        refusal = .removed(name, removal, ": it is not stored again")
                    } catch { refusal = error }
                    return false
                }
            }
            if let stored { return stored }
            throw refusal ?? LedgerError(.contentRemoved, "the document was not stored")
        }
    }

    /// The size in bytes of a content; nil when the ledger does not have it.
    public func byteCount(ofContent name: ContentName) async throws(LedgerError) -> UInt64? {
        try await filing { log throws(LedgerError) in
            try LedgerError.filing { () throws(FileError) in try log.contents.byteCount(of: name) }
        }
    }

    /// Writes a content to the file `path`, for its owner alone, whole or not at all, and in place of one that is
    /// there. Throws ``LedgerError``: `notFound`, `contentRemoved`, `damaged` when its bytes are not those of its name.
    public func copy(content name: ContentName, to path: String) async throws(LedgerError) {
        try await filing { log throws(LedgerError) in
            try log.checkStored(name)
            try LedgerError.filing { () throws(FileError) in try log.contents.copy(name, to: path) }
        }
    }

    /// The file of a content, to be read on a thread that may block. Its bytes are as they are: whoever relies on them
    /// compares their SHA-256 with the name. Throws ``LedgerError``: `notFound`, `contentRemoved`.
    public func reader(ofContent name: ContentName) async throws(LedgerError) -> FileReader {
        try await filing { log throws(LedgerError) in
            try log.checkStored(name)
            return try LedgerError.filing { () throws(FileError) in try FileReader(log.contents.path(of: name)) }
        }
    }

    /// Every content that the ledger has, by ascending digest. O(their number).
    public func contents() async throws(LedgerError) -> [ContentStore.Item] {
        try await filing { log throws(LedgerError) in
            var items: [ContentStore.Item] = []
            try LedgerError.filing { () throws(FileError) in try log.contents.forEach { items.append($0) } }
            return items
        }
    }

    /// Runs a call that may take as long as a document is large.
    private func filing<R: Sendable>(
        _ body: @escaping @Sendable (EventLog) throws(LedgerError) -> R
    ) async throws(LedgerError) -> R {
        try await Ledger.contentPool.run { [log] () throws(LedgerError) in try body(log) }
    }
}

// MARK: - Removing

extension Ledger {
    /// Records by whose authority contents are removed, signed by an authority key, and then removes them.
    ///
    /// A call that was interrupted is repeated: contents whose removal is recorded are not recorded twice, and those
    /// that are gone stay gone. Returns how many there were to remove. A content that the ledger does not have is
    /// refused, since a name once recorded is never stored again, unless `includingLost` says that its loss is to be
    /// recorded. Throws ``LedgerError``: `notFound`; `notAuthorised`, `keyringRefused`, and as
    /// ``append(_:to:expecting:signedBy:)``; `invalid` when a text is none that an event may have.
    public func remove(
        contents names: some Sequence<ContentName> & Sendable, authority: String, schedule: String? = nil,
        includingLost: Bool = false, signedBy signer: any Signer
    ) async throws(LedgerError) -> Int {
        try checkWritable()
        let sorted = Set(names).sorted()
        let history = try await keyHistory()
        let unrecorded = sorted.filter { history.removal(of: $0) == nil }
        if !includingLost { try await checkPresence(of: unrecorded) }
        var events: [TrustEvent] = []
        for start in stride(from: 0, to: unrecorded.count, by: ContentRemoval.maximumCount) {
            let part = Array(unrecorded[start..<min(unrecorded.count, start + ContentRemoval.maximumCount)])
            do throws(KeyringError) {
                events.append(
                    .contentRemoved(try ContentRemoval(contents: part, authority: authority, schedule: schedule)))
            } catch {
                throw LedgerError(.invalid, error.reason)
            }
        }
        let recording = events.isEmpty ? nil : try await request(recording: events, signedBy: signer)
        return try await filing { log throws(LedgerError) in try log.remove(sorted, recording: recording) }
    }

    private func checkPresence(of names: [ContentName]) async throws(LedgerError) {
        try await filing { log throws(LedgerError) in
            for name in names {
                let byteCount = try LedgerError.filing { () throws(FileError) in
                    try log.contents.byteCount(of: name)
                }
                guard byteCount == nil else { continue }
                throw LedgerError(
                    .notFound,
                    "the ledger at \(log.path) does not have the content \(name); nothing was recorded. To record that a "
                        + "document is lost, say so (--lost)")
            }
        }
    }

    /// Copies the contents into the copy of the ledger in the directory `path`, which has the entries below `size`, as
    /// far as it does not have them, and removes from it those that its own events say are gone. What is damaged is
    /// thrown when all else is done.
    func copyContents(to path: String, below size: UInt64, _ history: KeyHistory) async throws(LedgerError) {
        try await filing { log throws(LedgerError) in
            try LedgerError.filing { () throws(FileError) in
                let (contents, copies) = (log.contents, ContentStore(ledger: path))
                var damage: FileError?
                try copies.removeAbandonedDrafts()
                try contents.forEach { item throws(FileError) in
                    guard case .content(let name, let byteCount) = item, history.removal(of: name) == nil else {
                        return
                    }
                    if try copies.byteCount(of: name) == byteCount, try copies.isDurable(name) { return }
                    do throws(FileError) {
                        try copies.store(name, from: FileReader(contents.path(of: name)))
                    } catch {
                        // What was removed meanwhile is told by an event that the next round copies.
                        if error.code == .damaged {
                            damage = damage ?? error
                        } else if error.code != .notFound {
                            throw error
                        }
                    }
                }
                let gone = history.removedContents.filter { $0.value.event.rawValue < size }.map(\.key)
                if !gone.isEmpty { _ = try copies.remove(gone, recording: {}) }
                if let damage { throw damage }
            }
        }
    }

    func checkWritable() throws(LedgerError) {
        if let refusal { throw refusal }
        guard !log.isReadOnly else { throw LedgerError(.readOnly, "\(path) was opened for reading only") }
    }
}

extension EventLog {
    /// Records removals and removes the contents, while nobody can store one of them again.
    fileprivate func remove(_ names: [ContentName], recording request: AppendRequest?) throws(LedgerError) -> Int {
        var refusal: LedgerError?
        var isRecorded = false
        do throws(FileError) {
            return try contents.remove(names) { () throws(FileError) in
                do throws(LedgerError) {
                    if let request { _ = try append(request) }
                    isRecorded = true
                } catch {
                    refusal = error
                    throw FileError(.inputOutput, error.reason)
                }
            }
        } catch {
            if let refusal { throw refusal }
            let state = isRecorded ? "the removal is recorded, but not all of the documents are gone: " : ""
            throw LedgerError(
                LedgerError.code(of: error.code),
                "\(state)\(error.reason)\(isRecorded ? "; then remove them again" : "")")
        }
    }

    /// Throws when the content is not there, or is to be gone.
    fileprivate func checkStored(_ name: ContentName) throws(LedgerError) {
        if let removal = try keyHistory().removal(of: name) { throw .removed(name, removal, "") }
        guard try LedgerError.filing({ () throws(FileError) in try contents.byteCount(of: name) }) == nil else {
            return
        }
        throw LedgerError(.notFound, "the ledger at \(path) does not have the content \(name)")
    }
}

extension LedgerError {
    fileprivate static func removed(_ name: ContentName, _ removal: Removal, _ addition: String) -> LedgerError {
        LedgerError(
            .contentRemoved, "\(name) was removed under event \(removal.event), by \(removal.authority)\(addition)")
    }

    fileprivate static func filing<R>(_ body: () throws(FileError) -> R) throws(LedgerError) -> R {
        do throws(FileError) { return try body() } catch { throw LedgerError(code(of: error.code), error.reason) }
    }

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
