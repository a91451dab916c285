import Digests
import EventFormat
import Foundation
import Keyring
import Ledger
import Signing
import Testing
import Verifying

/// `mohur verify` over a ledger's contents.
@Suite struct ContentTests {
    private let documents = [Array("plan".utf8), Array("letter".utf8), []]

    /// A ledger whose entries 1 to 3 name a document each, and the names.
    private func ledger(
        in folder: Folder, _ body: (Ledger, PrivateKey, [ContentName]) async throws -> Void = { _, _, _ in }
    ) async throws -> (path: String, names: [ContentName]) {
        let (path, key) = (folder.place(), try PrivateKey.generate())
        let ledger = try await Ledger.create(
            at: path, origin: Origin("records.example.gov/tests"), authorities: [key.publicKey])
        var names: [ContentName] = []
        for document in documents { names.append(try await ledger.store(content: document).name) }
        try await ledger.append(
            names.map { Event(type: "a.b", source: "urn:t", payload: .json(#"{"content":"\#($0)"}"#)) }, to: "d-1")
        try await body(ledger, key, names)
        await ledger.close()
        return (path, names)
    }

    private func file(_ name: ContentName, in path: String) -> String {
        "\(path)/contents/\(name.digest.hex.prefix(2))/\(name.digest.hex)"
    }

    private func findings(_ path: String) throws -> [Finding] { try Verifier(directory: path).run().findings }

    @Test func `whole contents are counted, and nothing is found`() async throws {
        let folder = try Folder()
        let (path, _) = try await ledger(in: folder)
        let report = try Verifier(directory: path).run()
        #expect(report.verdict == .intact && report.contents == 3)
        #expect(!report.remarks.contains { $0.contains("content") }, "\(report.remarks)")
    }

    @Test func `a content that is gone is found at the entry that names it`() async throws {
        let folder = try Folder()
        let (path, names) = try await ledger(in: folder)
        try FileManager.default.removeItem(atPath: file(names[1], in: path))
        let found = try findings(path)
        #expect(found.map(\.kind) == [.content] && found[0].index == 2 && found[0].detail.contains("\(names[1])"))
    }

    @Test func `an altered content is found by its file`() async throws {
        let folder = try Folder()
        let (path, names) = try await ledger(in: folder)
        let place = file(names[0], in: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: place)
        try Data("plot".utf8).write(to: URL(fileURLWithPath: place))
        let found = try findings(path)
        #expect(found.map(\.kind) == [.content] && found[0].detail.contains(place), "\(found)")
    }

    @Test func `a content that was removed under an event is not missed, and one that stayed is told`() async throws {
        let folder = try Folder()
        let (path, names) = try await ledger(in: folder) { ledger, key, names in
            _ = try await ledger.remove(contents: [names[0]], authority: "order 4", signedBy: key)
            let removal = try ContentRemoval(contents: [names[1]], authority: "order 5", schedule: nil)
            try await ledger.record(.contentRemoved(removal), signedBy: key)
        }
        let found = try findings(path)
        #expect(found.count == 1 && found[0].detail.contains("\(names[1])"), "\(found)")
        #expect(found[0].detail.contains("event 5") && found[0].detail.contains("mohur content remove"))
    }

    @Test func `what is no content beside them is a remark`() async throws {
        let folder = try Folder()
        let (path, names) = try await ledger(in: folder)
        let part = "\(path)/contents/\(names[0].digest.hex.prefix(2))"
        try Data("x".utf8).write(to: URL(fileURLWithPath: "\(part)/notes.txt"))
        let report = try Verifier(directory: path).run()
        #expect(report.verdict == .intact)
        #expect(report.remarks.contains("\(part)/notes.txt is not the file of a content"), "\(report.remarks)")
    }

    @Test func `a payload that was removed under an event is not missed, and one that stayed is told`() async throws {
        let folder = try Folder()
        let (path, _) = try await ledger(in: folder) { ledger, key, _ in
            _ = try await ledger.remove(payloads: [1, 2], authority: "order 4", signedBy: key)
            let removal = try PayloadRemoval(entries: [3], authority: "order 5", schedule: nil)
            try await ledger.record(.payloadRemoved(removal), signedBy: key)
        }
        let found = try findings(path)
        #expect(found.count == 1 && found[0].index == 3 && found[0].kind == .payload, "\(found)")
        #expect(found[0].detail.contains("event 5") && found[0].detail.contains("mohur payload remove"))
    }

    @Test func `a payload that is gone without an event is found`() async throws {
        let folder = try Folder()
        let (path, _) = try await ledger(in: folder)
        guard var store = Store(reading: "\(path)/data.mdb") else {
            Issue.record("the store cannot be read")
            return
        }
        store[2].envelope = Array(repeating: 0, count: store[2].envelope.count)
        let found = try store.verified().findings
        #expect(found.contains { $0.index == 2 && $0.kind == .payload && $0.detail.contains("no recorded event") })
    }
}
