import Foundation
import Ledger
import Testing

/// Fails the first, second, third … write or flush of the data file until a run passes without one (SQLite's way of
/// testing input/output errors).
@Suite(.serialized, .enabled(if: Child.canInject, "libFaultInjection.so is not beside the test bundle"))
struct InjectedFaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let kind: String
        let action: String
        /// How many calls fail; 0: all from there on.
        var count = 1

        var testDescription: String { "\(kind) \(action) \(count == 0 ? "for ever" : "\(count)")" }

        func variables(at number: Int) -> [String: String] {
            [
                "FAULT_KIND": kind, "FAULT_AT": "\(number)", "FAULT_ACTION": action, "FAULT_COUNT": "\(count)",
                "LD_PRELOAD": Child.injection,
            ]
        }
    }

    static let passing = [
        Fault(kind: "data", action: "EIO"), Fault(kind: "data", action: "ENOSPC"), Fault(kind: "data", action: "short"),
        Fault(kind: "sync", action: "EIO"), Fault(kind: "sync", action: "late"), Fault(kind: "meta", action: "EIO"),
        Fault(kind: "meta", action: "ENOSPC"), Fault(kind: "meta", action: "short"),
        Fault(kind: "meta", action: "late", count: 1), Fault(kind: "meta", action: "late", count: 2),
        Fault(kind: "data", action: "EIO", count: 3), Fault(kind: "sync", action: "EIO", count: 3),
    ]

    /// Runs a worker that appends four events with up to `tries` tries each, and checks what is left behind; returns
    /// whether the fault struck.
    private func strikes(
        _ fault: Fault, at number: Int, tries: Int, tasks: Int = 1, room: Int = 0
    ) async throws -> Bool {
        let events = 4 * tasks
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let work = ["dir=\(path)", "seed=1", "count=4", "fill=9000", "tasks=\(tasks)", "room=\(room)"]
        let words = work + ["tries=\(tries)"]
        let child = try Child("append", words, environment: fault.variables(at: number), folder: folder)
        let status = try await child.end()
        var account = Accounts()
        try account.take(child.lines.filter { $0[0] != "!" })
        let note = "\(fault.testDescription) at \(number)"
        if fault.action != "kill" { #expect(status == 0, "\(note): \(child.lines.last ?? [])") }
        if fault.count > 0, fault.action != "kill" {
            #expect(account.acknowledged.count == events && account.unresolved == [], "\(note) \(account.errors)")
        }
        let allowed: Set<String> = ["inputOutput", "diskFull", "outcomeUnknown"]
        #expect(Set(account.errors).subtracting(allowed) == [], "\(note)")
        let ledger = try await Ledger.open(at: path)
        try await account.check(ledger)
        let ids = try await checkOrder(ledger)
        #expect(ids.count <= 1 + account.acknowledged.count + account.unresolved.count, "\(note)")
        await ledger.close()
        try await verify(path, note)
        let again = try Child("append", work, folder: folder)
        #expect(try await again.end() == 0)
        try account.take(again.lines)
        let after = try await Ledger.open(at: path)
        #expect(account.acknowledged.count == events, "\(note)")
        #expect(try await checkOrder(after).count == 1 + events, "\(note)")
        await after.close()
        return !account.errors.isEmpty || status != 0
    }

    /// The number of the first call whose failing nobody noticed, because there was no such call.
    private func sweep(_ fault: Fault, tries: Int) async throws -> Int {
        for number in 1... {
            guard try await strikes(fault, at: number, tries: tries) else { return number }
            try #require(number < 100)
        }
        return 0
    }

    @Test(.timeLimit(.minutes(15)), arguments: passing)
    func `after a fault that passes the same process goes on and loses nothing`(_ fault: Fault) async throws {
        #expect(try await sweep(fault, tries: 6) >= 5)
    }

    @Test(.timeLimit(.minutes(15)), arguments: ["data", "sync", "meta"], [2, 3, 5, 8, 13])
    func `groups that were made on a commit that failed are made again`(_ kind: String, _ number: Int) async throws {
        for action in kind == "data" ? ["EIO", "short"] : ["EIO", "late"] {
            let struck = try await strikes(Fault(kind: kind, action: action), at: number, tries: 6, tasks: 12)
            #expect(struck || number > 2, "the fault did not strike")
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: ["EIO", "ENOSPC", "short", "kill"], 1...6)
    func `a fault while room is made ahead costs no event`(_ action: String, _ number: Int) async throws {
        let fault = Fault(kind: "data", action: action)
        _ = try await strikes(fault, at: number, tries: action == "kill" ? 1 : 6, room: 256 << 10)
    }

    static let lasting = [
        Fault(kind: "data", action: "EIO", count: 0), Fault(kind: "data", action: "ENOSPC", count: 0),
        Fault(kind: "sync", action: "EIO", count: 0), Fault(kind: "meta", action: "EIO", count: 0),
        Fault(kind: "meta", action: "late", count: 0),
    ]

    @Test(.timeLimit(.minutes(15)), arguments: lasting)
    func `after a fault that lasts what was acknowledged is there and the rest can be appended again`(
        _ fault: Fault
    ) async throws {
        #expect(try await sweep(fault, tries: 1) >= 5)
    }

    @Test(.timeLimit(.minutes(15)), arguments: ["data", "sync", "meta"])
    func `a process killed at any write or flush leaves a whole ledger`(_ kind: String) async throws {
        #expect(try await sweep(Fault(kind: kind, action: "kill"), tries: 1) >= 5)
    }
}
