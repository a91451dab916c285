import Archiving
import EventLog
import Files
import Glibc
import Ledger
import Publishing
import Signing
import Transparency
import Witnessing

/// A process that uses a ledger, for tests that need several of them or have to kill one.
///
/// Prints one line for each thing done; ends with 0 when its mode is done, 1 and a line `! code reason` when the ledger
/// fails.
@main
struct Worker {
    static func main() async {
        let arguments = Arguments(CommandLine.arguments)
        if arguments.number("fsize") > 0 { Limits.setFileSize(arguments.number("fsize")) }
        do {
            try await run(arguments)
        } catch let error as LedgerError {
            Output.line("! \(error.code) \(error.reason)")
            exit(1)
        } catch {
            Output.line("! unknown \(error)")
            exit(1)
        }
    }

    private static func run(_ arguments: Arguments) async throws {
        switch arguments.mode {
        case "append": try await append(arguments)
        case "follow": try await follow(arguments)
        case "pin": try pin(arguments)
        case "backup": try await backup(arguments)
        case "publish": try await publish(arguments)
        case "archive": try await archive(arguments)
        case "trust": try await trust(arguments)
        case "witness": try witness(arguments)
        default: Output.line("! usage append|follow|pin|backup|publish|archive|trust|witness dir=PATH name=value …")
        }
    }

    private static func append(_ arguments: Arguments) async throws {
        var options = LogOptions()
        options.roomAhead = arguments.number("room", or: options.roomAhead)
        // Workers of one ledger write its index tables each at its own pace.
        options.recentCount = arguments.number("recent", or: [0, 7, 100, 4096].randomElement() ?? 0)
        let ledger = try await Ledger.open(at: arguments.directory, options: options)
        Output.line("O recent=\(options.recentCount)")
        let go = arguments.text("go")
        while !go.isEmpty, access(go, F_OK) != 0 { try await Task.sleep(for: .milliseconds(1)) }
        let key = arguments.text("signer")
        let signer = key.isEmpty ? nil : try PrivateKey(file: key)
        try await Appender(ledger: ledger, arguments: arguments, signer: signer).run()
        await ledger.close()
    }

    /// Prints `F index` for each entry until `until` entries are seen.
    private static func follow(_ arguments: Arguments) async throws {
        let ledger = try await Ledger.open(at: arguments.directory)
        let end = UInt64(arguments.number("until"))
        for try await event in ledger.follow(from: EntryIndex(UInt64(arguments.number("from")))) {
            Output.line("F \(event.index)")
            if event.index.rawValue + 1 >= end { break }
        }
        await ledger.close()
    }

    /// Copies the ledger into the directory `to`; prints `B entries`.
    private static func backup(_ arguments: Arguments) async throws {
        let ledger = try await Ledger.open(at: arguments.directory)
        Output.line("B \(try await ledger.backup(to: arguments.text("to")))")
        await ledger.close()
    }

    /// Publishes the ledger into the folder `to`, signed with the key in the file `key`; prints `P size`.
    private static func publish(_ arguments: Arguments) async throws {
        var options = LogOptions()
        options.readOnly = true
        let ledger = try await Ledger.open(at: arguments.directory, options: options)
        var publisher = Publisher(ledger, into: arguments.text("to"), client: NoWitnessClient())
        publisher.prunesPartials = arguments.number("prune") > 0
        let publication = try await publisher.publish(signedBy: try PrivateKey(file: arguments.text("key")))
        Output.line("P \(publication.checkpoint.checkpoint.size)")
        await ledger.close()
    }

    /// Brings the archive in the folder `to` up to date with the ledger; prints `Z entries`.
    private static func archive(_ arguments: Arguments) async throws {
        var options = LogOptions()
        options.readOnly = true
        let ledger = try await Ledger.open(at: arguments.directory, options: options)
        let summary = try await ArchiveWriter(folder: arguments.text("to")).update(from: ledger)
        Output.line("Z \(summary.size)")
        await ledger.close()
    }

    /// Opens the witness in `dir` and puts the requests in the files `request-1`, `request-2` … of the folder `from` to
    /// it; prints `W number status` for each.
    private static func witness(_ arguments: Arguments) throws {
        let witness = try Witness(WitnessFolder(arguments.directory)) { UInt64(time(nil)) }
        for number in 1...arguments.number("count") {
            let body = try DurableFile.read("\(arguments.text("from"))/request-\(number)", atMost: 1 << 20)
            Output.line("W \(number) \(witness.addCheckpoint(body).answer.status)")
        }
    }

    /// Records as the authority whose key the file `key` holds: that the key `revoke` is revoked, or that the source
    /// `source` has the key in the file `public`. Prints `T index`.
    private static func trust(_ arguments: Arguments) async throws {
        let authority = try PrivateKey(file: arguments.text("key"))
        let event: TrustEvent
        if let id = KeyID(hex: arguments.text("revoke")) {
            event = .keyRevoked(id, reason: "by another process", compromisedSince: nil)
        } else {
            let key = try PublicKey(file: arguments.text("public"))
            event = .sourceRegistered(try SourceName(arguments.text("source")), name: nil, keys: [key])
        }
        let ledger = try await Ledger.open(at: arguments.directory)
        Output.line("T \(try await ledger.record(event, signedBy: authority).index)")
        await ledger.close()
    }

    /// Keeps a reader's place until the process is killed.
    private static func pin(_ arguments: Arguments) throws {
        let pin = try ReaderPin(directory: arguments.directory)
        let done = pin.withPinned { transaction in
            Output.line("P \(transaction)")
            while true { pause() }
        }
        Output.line("! noPlace \(done)")
    }
}
