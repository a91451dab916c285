import Digests
import EventFormat
import Foundation
import Ledger
import StoreFormat
import Testing

@testable import EventLog

/// Several processes whose events stand in one commit, and what becomes of them when the one that commits fails.
@Suite(.serialized, .enabled(if: Child.canInject, "libFaultInjection.so is not beside the test bundle"))
struct SharedCommitTests {
    private static let tasks = 8

    /// Lets workers that were started with `go` begin, when all of them are ready.
    private func begin(_ children: [Child], _ folder: Folder) async throws {
        for child in children { #expect(try await child.waits(for: "O")) }
        try Data().write(to: URL(fileURLWithPath: folder.path("go")))
    }

    private func start(
        _ seeds: ClosedRange<Int>, _ words: [String], _ variables: [String: String], _ path: String, _ folder: Folder
    ) throws -> [Child] {
        let words =
            ["dir=\(path)", "tasks=\(SharedCommitTests.tasks)", "recent=100", "go=\(folder.path("go"))"] + words
        return try seeds.map {
            try Child("append", words + ["seed=\($0)"], environment: variables, folder: folder)
        }
    }

    private func account(of child: Child) throws -> Accounts {
        var account = Accounts()
        try account.take(child.lines)
        return account
    }

    @Test(.timeLimit(.minutes(15)))
    func `four processes need fewer flushes than each for itself would, and wait for whole commits`() async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let trace = folder.path("trace")
        let variables = ["FAULT_TRACE": trace, "LD_PRELOAD": Child.injection]
        let children = try start(1...4, ["count=60"], variables, path, folder)
        try await begin(children, folder)
        for child in children { #expect(try await child.end() == 0) }
        let letters = try String(contentsOfFile: trace, encoding: .utf8)
        let calls = letters.filter { $0 != "A" }
        #expect(calls.wholeMatch(of: /(d+sm)+/) != nil, "commits overlap: \(calls)")
        let events = 4 * SharedCommitTests.tasks * 60
        #expect(letters.count { $0 == "A" } == events)
        // No task has its first acknowledgement before the first commit, nor more of them than there were commits.
        #expect(letters.firstIndex(of: "m")! < letters.firstIndex(of: "A")!)
        #expect(letters.count { $0 == "m" } >= 60)
        let ledger = try await Ledger.open(at: path)
        for child in children {
            let account = try account(of: child)
            #expect(account.newCount == events / 4 && account.errors == [])
            try await account.check(ledger)
        }
        try await checkOrder(ledger)
        await ledger.close()
        #expect(try sharedCommitCount(path) > 0, "no commit has events of two processes")
        try await verify(path)
    }

    @Test(.timeLimit(.minutes(15)), arguments: ["data", "sync", "meta"])
    func `a process that dies in a commit with others' events in it leaves none of them waiting`(
        _ kind: String
    ) async throws {
        for place in [10, 11, 14] { _ = try await kill(at: kind == "data" ? place * 6 : place, of: kind, "stop") }
    }

    /// The one case in which an append that was called once is answered as one that was recorded before.
    @Test(.timeLimit(.minutes(15)))
    func `what a process committed for others before it died is found and not recorded again`() async throws {
        var repeated = 0
        for place in 10..<30 where repeated == 0 { repeated += try await kill(at: place, of: "meta", "stopBehind") }
        #expect(repeated > 0, "no commit that was struck had events of others")
    }

    /// Stops one of four processes at a call, kills it, and checks that the others end and have lost nothing; how many
    /// of their events they found recorded.
    private func kill(at place: Int, of kind: String, _ action: String) async throws -> Int {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let faults = [
            "FAULT_KIND": kind, "FAULT_AT": "\(place)", "FAULT_ACTION": action, "LD_PRELOAD": Child.injection,
        ]
        let others = try start(2...4, ["count=80"], [:], path, folder)
        let committer = try start(1...1, ["count=0"], faults, path, folder)[0]
        try await begin(others + [committer], folder)
        try await waitsUntilStopped(committer)
        try await Task.sleep(for: .milliseconds(60))
        try await committer.killAndWait()
        let ledger = try await Ledger.open(at: path)
        var repeated = 0
        for child in others {
            #expect(try await child.end() == 0, "a process waits for one that has died")
            let account = try account(of: child)
            #expect(account.acknowledged.count == 80 * SharedCommitTests.tasks && account.errors == [])
            repeated += account.acknowledged.count - account.newCount
            try await account.check(ledger)
        }
        try await account(of: committer).check(ledger)
        try await checkOrder(ledger)
        await ledger.close()
        try await verify(path)
        return repeated
    }

    @Test(.timeLimit(.minutes(15)), arguments: ["data", "sync", "meta"], ["EIO", "late"])
    func `a commit that fails is tried again by those whose events were in it`(
        _ kind: String, _ action: String
    ) async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let faults = [
            "FAULT_KIND": kind, "FAULT_AT": kind == "data" ? "50" : "10", "FAULT_COUNT": "3", "FAULT_ACTION": action,
            "LD_PRELOAD": Child.injection,
        ]
        let others = try start(2...4, ["count=60"], [:], path, folder)
        let committer = try start(1...1, ["count=150", "tries=40"], faults, path, folder)[0]
        try await begin(others + [committer], folder)
        let ledger = try await Ledger.open(at: path)
        for child in others {
            #expect(try await child.end() == 0)
            let account = try account(of: child)
            #expect(account.acknowledged.count == 60 * SharedCommitTests.tasks)
            #expect(account.errors == [], "another process's disk error is not theirs")
            try await account.check(ledger)
        }
        #expect(try await committer.end() == 0)
        let account = try account(of: committer)
        #expect(account.acknowledged.count == 150 * SharedCommitTests.tasks)
        // Writes of data are those of zeros, too, which may fail unnoticed.
        #expect(kind == "data" || !account.errors.isEmpty)
        try await account.check(ledger)
        try await checkOrder(ledger)
        await ledger.close()
        try await verify(path)
    }

    @Test(.timeLimit(.minutes(15)))
    func `signed events of several processes share commits, and none is recorded behind its key's end`() async throws {
        let folder = try Folder()
        let authority = try PrivateKey.generate()
        try authority.write(file: folder.path("authority"))
        let path = folder.path("ledger")
        let ledger = try await Ledger.create(
            at: path, origin: Origin("records.example.gov/tests"), authorities: [authority.publicKey])
        var keys: [PrivateKey] = []
        for seed in 1...3 {
            let key = try PrivateKey.generate()
            keys.append(key)
            try key.write(file: folder.path("key-\(seed)"))
            let source = try SourceName("urn:worker:\(seed)")
            try await ledger.record(.sourceRegistered(source, name: nil, keys: [key.publicKey]), signedBy: authority)
        }
        let children = try (1...3).map { seed in
            try start(seed...seed, ["count=100", "signer=\(folder.path("key-\(seed)"))"], [:], path, folder)[0]
        }
        try await begin(children, folder)
        while try await ledger.size() < 400 { try await Task.sleep(for: .milliseconds(2)) }
        let ended = try await ledger.record(
            .keyRevoked(keys[0].publicKey.id, reason: "left", compromisedSince: nil), signedBy: authority)
        for child in children { #expect(try await child.end() == 0) }
        for (position, child) in children.enumerated() {
            let account = try account(of: child)
            try await account.check(ledger)
            guard position == 0 else {
                #expect(account.acknowledged.count == 100 * SharedCommitTests.tasks && account.errors == [])
                continue
            }
            #expect(account.acknowledged.values.allSatisfy { $0.index < ended.index.rawValue })
            #expect(!account.errors.isEmpty && Set(account.errors) == ["notAuthorised"])
        }
        try await checkOrder(ledger)
        await ledger.close()
        #expect(try sharedCommitCount(path) > 0)
        try await verify(path)
    }

    /// How many commits have events of several workers.
    private func sharedCommitCount(_ path: String) throws -> Int {
        let log = try EventLog(opening: path)
        defer { log.close() }
        var count = 0
        try log.read { transaction throws(LogError) in
            let first = [UInt8](bigEndian: UInt64(0))
            try transaction.forEachRow(transaction.tables.segments, from: first.span) { _, bytes throws(LogError) in
                let segment = try LogError.wrapping { () throws(StoreError) in try SegmentLayout(bytes) }
                var sources: Set<String> = []
                for position in 0..<segment.count {
                    let entry = try StoredEntry(position, of: segment, in: bytes)
                    sources.insert(entry.layout.text(entry.layout.source, in: bytes.extracting(entry.range)))
                }
                if sources.count > 1 { count += 1 }
                return true
            }
        }
        return count
    }

    private func waitsUntilStopped(_ child: Child) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try String(contentsOfFile: "/proc/\(child.pid)/stat", encoding: .utf8).split(separator: " ")[2] != "T" {
            guard ContinuousClock.now < deadline else { throw Failure(text: "the fault did not strike") }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
