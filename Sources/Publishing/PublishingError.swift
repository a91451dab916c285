public import EventLog
public import Files
internal import Transparency

/// Why a checkpoint was not signed, a tree not published or a receipt not made. Equal when the codes are equal.
public struct PublishingError: Error, Sendable {
    /// What went wrong. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        public init(description: String) { self.description = description }

        /// The ledger could not be read; see ``PublishingError/ledgerError``.
        public static let ledger = Code(description: "ledger")
        /// A file could not be read or written; see ``PublishingError/fileError``.
        public static let file = Code(description: "file")
        /// Stored bytes contradict each other, so nothing was made of them.
        public static let damaged = Code(description: "damaged")
        /// What was published is of more entries than the ledger has.
        public static let behindPublished = Code(description: "behindPublished")
        /// What was published is of other entries than the ledger's.
        public static let differsFromPublished = Code(description: "differsFromPublished")
        /// What was published is of another log.
        public static let otherOrigin = Code(description: "otherOrigin")
        /// A checkpoint that is kept or published cannot be read.
        public static let unreadableCheckpoint = Code(description: "unreadableCheckpoint")
        /// There is no checkpoint such as was asked for.
        public static let noCheckpoint = Code(description: "noCheckpoint")
        /// The key may not sign the ledger's checkpoints.
        public static let unsuitableKey = Code(description: "unsuitableKey")
        /// The folder is no place to publish in.
        public static let unsuitableFolder = Code(description: "unsuitableFolder")
        /// Too few of the policy's witnesses have cosigned.
        public static let quorumNotMet = Code(description: "quorumNotMet")
        /// What was asked for is not recorded.
        public static let notRecorded = Code(description: "notRecorded")
        /// The checkpoint has a timestamp.
        public static let alreadyTimestamped = Code(description: "alreadyTimestamped")
        /// A receipt or a timestamp does not show what it should.
        public static let notProved = Code(description: "notProved")
    }

    public let code: Code
    /// What went wrong, where, and what to do about it.
    public let reason: String
    /// For ``Code/ledger``: what the ledger said.
    public let ledgerError: LogError?
    /// For ``Code/file``: what the file system said.
    public let fileError: FileError?

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
        ledgerError = nil
        fileError = nil
    }

    public init(_ error: LogError) {
        code = .ledger
        reason = error.reason
        ledgerError = error
        fileError = nil
    }

    public init(_ error: FileError) {
        code = .file
        reason = error.reason
        ledgerError = nil
        fileError = error
    }
}

extension PublishingError: Equatable {
    public static func == (left: PublishingError, right: PublishingError) -> Bool { left.code == right.code }
}

extension PublishingError: CustomStringConvertible {
    public var description: String { reason }

    /// Turns an error of the ledger into one of publishing.
    static func reading<R>(_ body: () throws(LogError) -> R) throws(PublishingError) -> R {
        do throws(LogError) { return try body() } catch { throw PublishingError(error) }
    }

    /// Turns an error of the file system into one of publishing.
    static func filing<R>(_ body: () throws(FileError) -> R) throws(PublishingError) -> R {
        do throws(FileError) { return try body() } catch { throw PublishingError(error) }
    }

    /// Turns an error of notes and proofs that were made or checked before into one of publishing.
    static func noting<R>(_ body: () throws(TransparencyError) -> R) throws(PublishingError) -> R {
        do throws(TransparencyError) { return try body() } catch {
            throw PublishingError(.unreadableCheckpoint, error.description)
        }
    }
}
