import Foundation
import Ledger
import Testing

/// Promise 2 against kill -9. `MOHUR_KILL_ROUNDS` sets the number of rounds, 200 without it.
@Suite(.serialized) struct KillTests {
    private static var rounds: Int {
        ProcessInfo.processInfo.environment["MOHUR_KILL_ROUNDS"].flatMap { Int($0) } ?? 200
    }

    private func start(_ writer: Int, _ account: Accounts, _ path: String, _ folder: Folder) throws -> Child {
        let retry = account.unresolved.map(String.init).joined(separator: ",")
        let next = account.next % 1_000_000
        let words = ["dir=\(path)", "seed=\(writer)", "tasks=4", "count=0", "from=\(next)", "retry=\(retry)"]
        return try Child("append", words, folder: folder)
    }

    @Test(.timeLimit(.minutes(15)))
    func `killing writers at any moment loses nothing and repeats nothing`() async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        var accounts = [Accounts(), Accounts(), Accounts()]
        let rounds = KillTests.rounds
        for round in 1...rounds {
            var before: [Set<Int>] = []
            let children = try (0..<3).map { try start($0, accounts[$0], path, folder) }
            for child in children { #expect(try await child.waits(for: "O")) }
            for child in children.shuffled() {
                try await Task.sleep(for: .milliseconds(Int.random(in: 10...50)))
                child.signal(SIGKILL)
            }
            let ledger = try await Ledger.open(at: path)
            for (number, child) in children.enumerated() {
                try await child.end()
                before.append(Set(accounts[number].acknowledged.keys))
                try accounts[number].take(child.lines)
                let new = Set(accounts[number].acknowledged.keys).subtracting(before[number])
                try await accounts[number].check(ledger, only: new)
            }
            await ledger.close()
            if round % 20 == 0 || round == rounds { try await verify(path, "round \(round)") }
        }
        try await resolve(&accounts, path, folder)
        let ledger = try await Ledger.open(at: path)
        let ids = try await checkOrder(ledger)
        for account in accounts { try await account.check(ledger) }
        let count = accounts.reduce(0) { $0 + $1.acknowledged.count }
        #expect(ids.count == 1 + count && count > rounds)
        await ledger.close()
        try await verify(path)
        print("kill test: \(rounds) rounds, \(count) events acknowledged")
    }

    /// Appends again what was sent and not acknowledged.
    private func resolve(_ accounts: inout [Accounts], _ path: String, _ folder: Folder) async throws {
        for writer in accounts.indices {
            let retry = accounts[writer].unresolved.map(String.init).joined(separator: ",")
            let words = ["dir=\(path)", "seed=\(writer)", "tasks=0", "count=1", "retry=\(retry)"]
            let child = try Child("append", words, folder: folder)
            #expect(try await child.end() == 0)
            try accounts[writer].take(child.lines)
            #expect(accounts[writer].unresolved == [] && accounts[writer].errors == [])
        }
    }

    @Test(
        .enabled(if: Child.canInject, "libFaultInjection.so is not beside the test bundle"), .timeLimit(.minutes(15)),
        arguments: ["data", "sync", "meta"])
    func `a process that is stopped and killed inside a commit does not block the others`(_ kind: String) async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let faults = ["FAULT_KIND": kind, "FAULT_AT": "5", "FAULT_ACTION": "stop", "LD_PRELOAD": Child.injection]
        let holder = try Child(
            "append", ["dir=\(path)", "seed=1", "count=0"], environment: faults, folder: folder)
        while try String(contentsOfFile: "/proc/\(holder.pid)/stat", encoding: .utf8).split(separator: " ")[2] != "T" {
            try await Task.sleep(for: .milliseconds(2))
        }
        let ledger = try await Ledger.open(at: path)
        let size = try await ledger.size()
        let waiting = Task { try await ledger.append([Event(type: "t", source: "s")], to: "a-1") }
        try await Task.sleep(for: .milliseconds(200))
        #expect(try await ledger.size() <= size + 1)
        #expect(try await ledger.head(of: "a-1") == nil, "the lock was not held")
        try await holder.killAndWait()
        #expect(try await waiting.value[0].revision == 0)
        var account = Accounts()
        try account.take(holder.lines)
        try await account.check(ledger)
        #expect(!account.acknowledged.isEmpty || kind == "data")
        await ledger.close()
        try await verify(path)
    }
}
