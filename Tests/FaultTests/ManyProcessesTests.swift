import Foundation
import Ledger
import Testing

/// Promises 1–5 with several processes at once.
@Suite(.serialized) struct ManyProcessesTests {
    @Test(.timeLimit(.minutes(15)))
    func `eight processes of 64 callers each are all recorded, in order and once`() async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let words = ["dir=\(path)", "tasks=64", "count=8", "counter=4", "fill=100"]
        let children = try (1...8).map { try Child("append", words + ["seed=\($0)"], folder: folder) }
        var accounts: [Accounts] = []
        for child in children {
            #expect(try await child.end(within: .seconds(120)) == 0)
            var account = Accounts()
            try account.take(child.lines)
            #expect(account.acknowledged.count == 64 * 8 && account.newCount == 64 * 8 && account.errors == [])
            accounts.append(account)
        }
        let ledger = try await Ledger.open(at: path)
        let ids = try await checkOrder(ledger)
        for account in accounts { try await account.check(ledger) }
        let counter = accounts.flatMap(\.counterRevisions).sorted()
        #expect(counter == Array(0..<UInt64(counter.count)) && counter.count > 8)
        #expect(try await ledger.head(of: "counter-all")?.rawValue == counter.last)
        #expect(ids.count == 1 + 8 * 64 * 8 + counter.count)
        await ledger.close()
        try await verify(path)
    }

    @Test(.timeLimit(.minutes(15)))
    func `followers see what other processes append, without gaps and soon`() async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let ledger = try await Ledger.open(at: path)
        let follower = try Child("follow", ["dir=\(path)", "until=601"], folder: folder)
        let mine = (0..<6).map { _ in
            Task {
                var seen: [UInt64] = []
                for try await event in ledger.follow() {
                    seen.append(event.index.rawValue)
                    if seen.count == 601 { break }
                }
                return seen
            }
        }
        for burst in 0..<20 {
            let words = ["dir=\(path)", "seed=1", "tasks=1", "count=15", "from=\(burst * 15)"]
            let child = try Child("append", words, folder: folder)
            for _ in 0..<15 { try await ledger.append([Event(type: "t", source: "s")], to: "mine-1") }
            #expect(try await child.end() == 0)
        }
        for task in mine { #expect(try await task.value == Array(0..<601)) }
        #expect(try await follower.end(within: .seconds(10)) == 0)
        #expect(follower.lines.filter { $0[0] == "F" }.map { $0[1] } == (0..<601).map { "\($0)"[...] })
        await ledger.close()
    }

    @Test(.timeLimit(.minutes(15)), arguments: [true, false])
    func `a killed reader does not keep pages for ever`(_ isClearedByOpening: Bool) async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let ledger = try await Ledger.open(at: path)
        func append(_ count: Int) async throws -> Int {
            for _ in 0..<count { try await ledger.append([Event(type: "t", source: "s")], to: "a-1") }
            let attributes = try FileManager.default.attributesOfItem(atPath: path + "/data.mdb")
            return try #require(attributes[.size] as? Int)
        }
        let before = try await append(200)
        let reader = try Child("pin", ["dir=\(path)"], folder: folder)
        #expect(try await reader.waits(for: "P"))
        let pinned = try await append(400)
        try await reader.killAndWait()
        // The writer looks for dead readers every 1,024 commits, and whoever opens the ledger does; afterwards the
        // pages that were kept are used again.
        if isClearedByOpening {
            let opening = try Child("append", ["dir=\(path)", "count=1"], folder: folder)
            #expect(try await opening.end() == 0)
        }
        let cleared = try await append(isClearedByOpening ? 1 : 1100)
        let after = try await append(400)
        #expect(pinned - before > 400 * 4096, "the reader kept nothing: \(before) \(pinned)")
        #expect(after - cleared < (pinned - before) / 2, "\(before) \(pinned) \(cleared) \(after)")
        await ledger.close()
    }
}
