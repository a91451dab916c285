import Foundation
import Ledger
import Testing

/// A kind of storage that the contract holds for. Every test of the contract runs over each of ``all``.
struct Store: Sendable, CustomTestStringConvertible {
    let name: String
    /// Makes a ledger with the authority keys at a path that does not exist.
    let make: @Sendable (String, [PublicKey], LogOptions) async throws -> Ledger
    /// Opens what ``make`` has made.
    let open: @Sendable (String, LogOptions) async throws -> Ledger

    var testDescription: String { name }

    /// The index tables cover all entries after each commit, or are written every few entries, or as it is usual.
    static let all = [
        lmdb("LMDB"), lmdb("LMDB, indexed at once", recentCount: 0), lmdb("LMDB, indexed by threes", recentCount: 3),
    ]

    private static func lmdb(_ name: String, recentCount: Int? = nil) -> Store {
        @Sendable func adapted(_ options: LogOptions) -> LogOptions {
            var options = options.withSmallMap
            if let recentCount { options.recentCount = recentCount }
            return options
        }
        return Store(
            name: name,
            make: { path, authorities, options in
                try await Ledger.create(
                    at: path, origin: Origin("records.example.gov/tests"), authorities: authorities,
                    options: adapted(options))
            },
            open: { path, options in try await Ledger.open(at: path, options: adapted(options)) })
    }

    /// Makes a ledger without keys at a path that does not exist.
    func create(_ path: String, _ options: LogOptions) async throws -> Ledger { try await make(path, [], options) }

    /// Calls `body` with a new ledger, closes it and removes it.
    func withLedger<R>(
        _ options: LogOptions = LogOptions(), authorities: [PublicKey] = [], _ body: (Ledger) async throws -> R
    ) async throws -> R {
        let folder = try Folder()
        let ledger = try await make(folder.path("ledger"), authorities, options)
        do {
            let result = try await body(ledger)
            await ledger.close()
            return result
        } catch {
            await ledger.close()
            throw error
        }
    }
}

/// A directory of its own, removed with all that is in it when the last reference goes.
final class Folder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// The error that `body` throws; nil when it throws none.
func refusal<R>(_ body: () async throws -> R) async -> LedgerError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? LedgerError
    }
}

/// Whether a refusal has the code and all of the words.
func says(_ error: LedgerError?, _ code: LedgerError.Code, _ words: String...) -> Bool {
    guard let error, error.code == code else { return false }
    return words.allSatisfy { error.reason.contains($0) }
}

/// A small event.
func note(_ text: String = "x", type: String = "note.made", id: EventID = EventID()) -> Event {
    Event(id: id, type: type, source: "urn:test", payload: .json("{\"note\":\"\(text)\"}"))
}

extension EventSequence {
    /// All that comes.
    func collected() async throws -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        for try await event in self { events.append(event) }
        return events
    }
}

extension LogOptions {
    /// A map of 4 GiB where no other is asked for: many tests at once, each with its ledgers, share one process's
    /// addresses.
    fileprivate var withSmallMap: LogOptions {
        var options = self
        if options.mapSize == LogOptions().mapSize { options.mapSize = 4 << 30 }
        return options
    }
}
