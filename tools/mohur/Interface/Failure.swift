internal import ArchiveFormat
internal import Archiving
internal import EventFormat
internal import Files
internal import Interchange
internal import Keyring
internal import Ledger
internal import Peers
internal import Processes
internal import Projecting
internal import Publishing
internal import Serving
internal import Signing
internal import Simulating
internal import Tokens
internal import Transparency
internal import Verifying
internal import Witnessing

/// How the program ends (sysexits.h for 64).
enum ExitCode: Int32 {
    case done = 0
    /// The ledger is not intact, or the request was refused.
    case refused = 1
    /// The work could not be done: no such file, no permission, no space.
    case couldNotRun = 2
    case usage = 64
}

/// The end of a command that says itself all that there is to say.
struct Failure: Error {
    let code: ExitCode
    /// For standard error; empty when all has been said.
    let message: String

    init(_ code: ExitCode, _ message: String = "") {
        self.code = code
        self.message = message
    }

    /// What any error of the modules means for the program.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as UsageError: self.init(.usage, error.description)
        case let error as LedgerError: self.init(Failure.code(of: error), error.reason.escapingControls)
        case let error as FormatError: self.init(.refused, error.description.escapingControls)
        case let error as InterchangeError:
            self.init(error.code == .unreadable ? .couldNotRun : .refused, error.description.escapingControls)
        case let error as KeyringError: self.init(.refused, error.reason.escapingControls)
        case let error as TransparencyError: self.init(.refused, error.description.escapingControls)
        case let error as SigningError: self.init(Failure.code(of: error), error.reason.escapingControls)
        case let error as FileError: self.init(.couldNotRun, error.reason.escapingControls)
        case let error as PublishingError: self.init(Failure.code(of: error), error.reason)
        case let error as ArchivingError: self.init(Failure.code(of: error), error.reason.escapingControls)
        case let error as SimulatingError: self.init(.usage, error.reason.escapingControls)
        case let error as VerificationError: self.init(.couldNotRun, error.reason.escapingControls)
        case let error as ProcessError: self.init(.couldNotRun, error.reason.escapingControls)
        case let error as PeerError: self.init(.couldNotRun, error.reason.escapingControls)
        case let error as ProjectionError: self.init(Failure.code(of: error), error.description.escapingControls)
        case let error as ServingError:
            self.init(error.code == .invalid ? .usage : .couldNotRun, error.reason.escapingControls)
        case let error as WitnessError: self.init(Failure.code(of: error), error.reason.escapingControls)
        default: self.init(.couldNotRun, "\(error)")
        }
    }

    /// What the ledger said of an event that stood on a line of standard input.
    init(_ error: LedgerError, atLine line: Int) {
        self.init(Failure.code(of: error), "standard input:\(line): \(error.reason.escapingControls)")
    }

    private static func code(of error: WitnessError) -> ExitCode {
        switch error.code {
        case .alreadyExists, .invalid, .damaged: .refused
        default: .couldNotRun
        }
    }

    private static func code(of error: ProjectionError) -> ExitCode {
        switch error.code {
        case .ledger: error.ledgerError.map(code(of:)) ?? .couldNotRun
        case .unreadable, .database, .inUse: .couldNotRun
        default: .refused
        }
    }

    private static func code(of error: PublishingError) -> ExitCode {
        switch error.code {
        case .ledger: error.ledgerError.map(code(of:)) ?? .couldNotRun
        case .file: .couldNotRun
        default: .refused
        }
    }

    private static func code(of error: ArchivingError) -> ExitCode {
        switch error.code {
        case .ledger: error.ledgerError.map(code(of:)) ?? .couldNotRun
        case .file: .couldNotRun
        case .archive:
            switch error.archiveError?.code {
            case .noArchive, .unreadable: .couldNotRun
            default: .refused
            }
        default: .refused
        }
    }

    private static func code(of error: SigningError) -> ExitCode {
        switch error.code {
        case .fileMissing, .openToOthers, .inputOutput, .signingFailed, .secretMissing, .moduleUnusable, .tokenMissing,
            .tokenFailed, .lockedPIN:
            .couldNotRun
        default: .refused
        }
    }

    private static func code(of error: LedgerError) -> ExitCode {
        switch error.code {
        case .expectationFailed, .idConflict, .partlyRecorded, .invalid, .tooLarge, .damaged, .alreadyExists,
            .outOfRange, .signatureRequired, .signatureInvalid, .notAuthorised, .keyringRefused, .behindPublished,
            .differsFromPublished, .contentMissing, .contentRemoved:
            .refused
        default: .couldNotRun
        }
    }
}
