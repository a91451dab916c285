import Digests
import EventFormat
import Foundation
import Ledger
import Testing

/// Strikes every call on a file of the commands that store, remove and copy documents.
@Suite(.enabled(if: Child.canInject, "libFaultInjection.so is not beside the test bundle"))
struct ContentFaultTests {
    private let document = Array("the plan of a house".utf8)

    private func run(
        _ words: [String], in folder: Folder, _ variables: [String: String] = [:]
    ) async throws -> (status: Int32?, text: String) {
        let child = try Child([Child.mohur] + words, environment: variables, folder: folder)
        return (try await child.end(), child.text)
    }

    /// A folder with the document in a file, and a ledger with an authority whose key is beside it.
    private func scene() async throws -> Folder {
        let folder = try Folder()
        try Data(document).write(to: URL(fileURLWithPath: folder.path("plan")))
        #expect(try await run(["key", "make", folder.path("key")], in: folder).status == 0)
        let words = ["create", folder.path("ledger"), "--origin", "records.example.gov/tests", "--authority"]
        #expect(try await run(words + [folder.path("key.pub")], in: folder).status == 0)
        return folder
    }

    private var file: String {
        let hex = ContentName(of: document.span).digest.hex
        return "contents/\(hex.prefix(2))/\(hex)"
    }

    private func checkEnd(_ note: String, _ action: String, _ run: (status: Int32?, text: String)) {
        guard action != "kill", run.status != 0 else { return }
        #expect(run.status.map { $0 >> 8 } == 2 && run.text.contains("mohur: "), "\(note): \(run)")
    }

    @Test(.timeLimit(.minutes(10)), arguments: FileFaults.actions)
    func `a document whose storing is struck at any call is not there or whole, and can be stored again`(
        _ action: String
    ) async throws {
        let folder = try await scene()
        let contents = folder.path("ledger/contents")
        let add = ["content", "add", folder.path("ledger"), folder.path("plan")]
        let count = try await FileFaults.sweep(action, below: contents, in: folder) { note, variables in
            try folder.remove("ledger/contents")
            let added = try await run(add, in: folder, variables)
            checkEnd(note, action, added)
            if added.status == 0 || folder.exists("ledger/\(file)") {
                let found = try Data(contentsOf: URL(fileURLWithPath: folder.path("ledger/\(file)")))
                #expect(Array(found) == document, "\(note)")
            }
            try await verify(folder.path("ledger"), note)
            let again = try await run(add, in: folder)
            #expect(again.status == 0, "\(note): \(again.text)")
            let drafts = try FileManager.default.contentsOfDirectory(atPath: "\(contents)/drafts")
            #expect(drafts == [] || action != "kill" && added.status == 0, "\(note): \(drafts) are left")
            return added.status
        }
        #expect(count >= 6)
    }

    @Test(.timeLimit(.minutes(10)), arguments: FileFaults.actions)
    func `a removal that is struck at any call is recorded or not, and finished by the next`(
        _ action: String
    ) async throws {
        let folder = try await scene()
        #expect(try await run(["content", "add", folder.path("ledger"), folder.path("plan")], in: folder).status == 0)
        try folder.copy("ledger", to: "start")
        let path = folder.path("try")
        let remove = [
            "content", "remove", path, ContentName(of: document.span).text, "--authority", "order 4", "--key",
            folder.path("key"),
        ]
        let count = try await FileFaults.sweep(action, below: "\(path)/contents", in: folder) { note, variables in
            try folder.copy("start", to: "try")
            let removed = try await run(remove, in: folder, variables)
            checkEnd(note, action, removed)
            let again = try await run(remove, in: folder)
            #expect(again.status == 0, "\(note): \(again.text)")
            #expect(!folder.exists("try/\(file)"), "\(note)")
            let ledger = try await Ledger.open(at: path)
            #expect(try await ledger.size() == 2, "\(note)")
            await ledger.close()
            try await verify(path, note)
            return removed.status
        }
        #expect(count >= 2)
    }

    @Test(.timeLimit(.minutes(10)), arguments: FileFaults.actions)
    func `a backup whose copying of documents is struck is brought up to date by the next`(
        _ action: String
    ) async throws {
        let folder = try await scene()
        let ledger = try await Ledger.open(at: folder.path("ledger"))
        for number in 0..<3 {
            let name = try await ledger.store(content: document + [UInt8(number)]).name
            try await ledger.append(
                [Event(type: "t", source: "s", payload: .json(#"{"content":"\#(name)"}"#))], to: "d-1")
        }
        await ledger.close()
        let backup = ["backup", folder.path("ledger"), folder.path("copy")]
        let count = try await FileFaults.sweep(action, below: folder.path("copy/contents"), in: folder) {
            note, variables in
            try folder.remove("copy")
            let copied = try await run(backup, in: folder, variables)
            checkEnd(note, action, copied)
            let again = try await run(backup, in: folder)
            #expect(again.status == 0, "\(note): \(again.text)")
            try await verify(folder.path("copy"), note)
            #expect(try folder.content(below: "copy/contents") == folder.content(below: "ledger/contents"), "\(note)")
            return copied.status
        }
        #expect(count >= 6)
    }

    @Test(.timeLimit(.minutes(10)), arguments: ["kill", "EIO"])
    func `a removal of payloads that is struck at any commit is finished by the next`(_ action: String) async throws {
        let folder = try await scene()
        let ledger = try await Ledger.open(at: folder.path("ledger"))
        for number in 0..<40 {
            let text = "{\"secret\":\"\(String(repeating: "\(number % 10)", count: 1 << 19))\"}"
            try await ledger.append([Event(type: "t", source: "s", payload: .json(text))], to: "d-1")
        }
        await ledger.close()
        try folder.copy("ledger", to: "start")
        let path = folder.path("try")
        let remove =
            ["payload", "remove", path] + (1...40).map { "\($0)" } + [
                "--authority", "order 4", "--key", folder.path("key"),
            ]
        var kills = 0
        for commit in 1... {
            try folder.copy("start", to: "try")
            let faults = [
                "FAULT_KIND": "meta", "FAULT_AT": "\(commit)", "FAULT_ACTION": action, "LD_PRELOAD": Child.injection,
            ]
            let removed = try await run(remove, in: folder, faults)
            if removed.status == 0 { break }
            kills += 1
            if action == "EIO", commit > 1 {
                #expect(removed.text.contains("the removal is recorded"), "\(removed.text)")
            }
            #expect(try await run(remove, in: folder).status == 0, "\(action) at commit \(commit)")
            let again = try await Ledger.open(at: path)
            #expect(try await again.size() == 42, "\(action) at commit \(commit)")
            for index in 1...40 as ClosedRange<UInt64> {
                #expect(try await again.event(at: EntryIndex(index)).isPayloadRemoved, "\(action) at commit \(commit)")
            }
            await again.close()
            try await verify(path, "\(action) at commit \(commit)")
        }
        #expect(kills >= 3, "the event, and more than one commit of removals")
    }
}
