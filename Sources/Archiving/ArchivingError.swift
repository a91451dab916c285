public import ArchiveFormat
public import EventLog
public import Files
internal import Publishing

/// Why an archive was not written, or a ledger not restored from one. Equal when the codes are equal.
public struct ArchivingError: Error, Sendable {
    /// What went wrong. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }

        /// The archive is not as it should be; see ``ArchivingError/archiveError``.
        public static let archive = Code(description: "archive")
        /// The ledger could not be read or made; see ``ArchivingError/ledgerError``.
        public static let ledger = Code(description: "ledger")
        /// A file could not be read or written; see ``ArchivingError/fileError``.
        public static let file = Code(description: "file")
        /// The folder is no place for an archive.
        public static let unsuitableFolder = Code(description: "unsuitableFolder")
        /// The ledger has no checkpoint that an archive could end on.
        public static let noCheckpoint = Code(description: "noCheckpoint")
        /// The archive is one of another ledger, or of other entries.
        public static let otherLedger = Code(description: "otherLedger")
        /// The ledger has fewer entries than the archive.
        public static let behindArchive = Code(description: "behindArchive")
        /// Stored bytes contradict each other, so nothing was made of them.
        public static let damaged = Code(description: "damaged")
        /// Signatures or cosignatures do not hold, or too few of them are there.
        public static let notTrusted = Code(description: "notTrusted")
    }

    public let code: Code
    /// What went wrong, where, and what to do about it.
    public let reason: String
    /// For ``Code/archive``: which file, and what it is about it.
    public let archiveError: ArchiveError?
    /// For ``Code/ledger``: what the ledger said.
    public let ledgerError: LogError?
    /// For ``Code/file``: what the file system said.
    public let fileError: FileError?

    public init(_ code: Code, _ reason: String) {
        self.init(code, reason, nil, nil, nil)
    }

    private init(
        _ code: Code, _ reason: String, _ archiveError: ArchiveError?, _ ledgerError: LogError?,
        _ fileError: FileError?
    ) {
        self.code = code
        self.reason = reason
        self.archiveError = archiveError
        self.ledgerError = ledgerError
        self.fileError = fileError
    }

    init(_ error: ArchiveError, in folder: String, advice: String = "") {
        let place = error.code == .noArchive ? "" : "the archive in \(folder): "
        self.init(.archive, "\(place)\(error)\(advice)", error, nil, nil)
    }

    init(_ error: LogError) { self.init(.ledger, error.reason, nil, error, nil) }

    init(_ error: FileError) { self.init(error.code == .damaged ? .damaged : .file, error.reason, nil, nil, error) }

    init(_ error: PublishingError) {
        if let ledgerError = error.ledgerError {
            self.init(ledgerError)
        } else if let fileError = error.fileError {
            self.init(fileError)
        } else {
            self.init(.damaged, error.reason)
        }
    }
}

extension ArchivingError: Equatable {
    public static func == (left: ArchivingError, right: ArchivingError) -> Bool { left.code == right.code }
}

extension ArchivingError: CustomStringConvertible {
    public var description: String { reason }
}

// MARK: - Wrapping

extension ArchivingError {
    static func reading<R>(_ body: () throws(LogError) -> R) throws(ArchivingError) -> R {
        do throws(LogError) { return try body() } catch { throw ArchivingError(error) }
    }

    static func filing<R: ~Copyable>(_ body: () throws(FileError) -> R) throws(ArchivingError) -> R {
        do throws(FileError) { return try body() } catch { throw ArchivingError(error) }
    }

    static func publishing<R>(_ body: () throws(PublishingError) -> R) throws(ArchivingError) -> R {
        do throws(PublishingError) { return try body() } catch { throw ArchivingError(error) }
    }

    static func archive<R: ~Copyable>(
        in folder: String, _ body: () throws(ArchiveError) -> R
    ) throws(ArchivingError) -> R {
        do throws(ArchiveError) { return try body() } catch { throw ArchivingError(error, in: folder) }
    }
}
