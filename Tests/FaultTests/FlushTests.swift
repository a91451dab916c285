import Foundation
import Ledger
import Testing

/// The order of the system calls behind an acknowledgement, from a trace of letters (`FaultInjection.h`).
@Suite(.serialized, .enabled(if: Child.canInject, "libFaultInjection.so is not beside the test bundle"))
struct FlushTests {
    private func trace(_ words: [String], _ faults: [String: String] = [:], path: String, folder: Folder) async throws
        -> String
    {
        let file = folder.path("trace")
        let variables = faults.merging(["FAULT_TRACE": file, "LD_PRELOAD": Child.injection]) { $1 }
        let child = try Child("append", ["dir=\(path)", "seed=1"] + words, environment: variables, folder: folder)
        #expect(try await child.end() == 0)
        return try String(contentsOfFile: file, encoding: .utf8)
    }

    @Test(.timeLimit(.minutes(15)))
    func `pages are flushed before the meta page, and that before the acknowledgement`() async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let letters = try await trace(["count=40", "fill=9000"], path: path, folder: folder)
        let commits = letters.split(separator: "A", omittingEmptySubsequences: false)
        #expect(commits.count == 41 && commits.last == "")
        for commit in commits.dropLast() {
            #expect(commit.wholeMatch(of: /d+sm/) != nil, "a commit made the calls \(commit)")
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `each of many callers is acknowledged after a whole commit`() async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let letters = try await trace(["tasks=16", "count=10"], path: path, folder: folder)
        #expect(letters.filter { $0 == "A" }.count == 160)
        let calls = String(letters.filter { $0 != "A" })
        #expect(calls.wholeMatch(of: /(d+sm)+/) != nil, "\(calls)")
        // A task waits for its acknowledgement before it goes on, so a commit has at most one event of each.
        var commits = 0
        var acknowledgements = 0
        for letter in letters {
            if letter == "m" { commits += 1 }
            if letter == "A" { acknowledgements += 1 }
            #expect(acknowledgements <= commits * 16)
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `an event found recorded after a failed flush is acknowledged only after a flush of its own`() async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let faults = [
            "FAULT_KIND": "meta", "FAULT_AT": "3", "FAULT_ACTION": "late", "FAULT_COUNT": "2",
        ]
        let letters = try await trace(["count=4", "tries=3"], faults, path: path, folder: folder)
        let commits = letters.split(separator: "A", omittingEmptySubsequences: false)
        #expect(commits.count == 5)
        let third = commits[2]
        #expect(third.hasPrefix("ds!!") || third.hasPrefix("dds!!"), "the fault did not strike: \(letters)")
        #expect(third.hasSuffix("sm"), "the third event was acknowledged after \(third)")
    }

    @Test(.timeLimit(.minutes(15)))
    func `an event that another process recorded is acknowledged after a flush, once`() async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        _ = try await trace(["count=5"], path: path, folder: folder)
        try FileManager.default.removeItem(atPath: folder.path("trace"))
        let letters = try await trace(["count=5"], path: path, folder: folder)
        #expect(letters.wholeMatch(of: /d+smAAAAA/) != nil, "\(letters)")
    }
}
