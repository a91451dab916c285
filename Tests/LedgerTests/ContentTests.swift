import Digests
import Foundation
import Ledger
import Testing

/// Documents that payloads name.
@Suite struct ContentTests {
    private let plan = Array("the plan of a house".utf8)

    private func event(naming names: ContentName..., id: EventID = EventID()) -> Event {
        let list = names.map { #"{"content":"\#($0)"}"# }.joined(separator: ",")
        return Event(
            id: id, type: "document.registered", source: "urn:example:registry", payload: .json("{\"files\":[\(list)]}")
        )
    }

    private func authorised(
        _ store: Store, _ body: (Ledger, PrivateKey) async throws -> Void
    ) async throws {
        let key = try PrivateKey.generate()
        try await store.withLedger(authorities: [key.publicKey]) { try await body($0, key) }
    }

    @Test(arguments: Store.all)
    func `a document is stored once, whatever it is called, and read back`(_ store: Store) async throws {
        let folder = try Folder()
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        for name in ["a.pdf", "b.pdf"] { try Data(bytes).write(to: URL(fileURLWithPath: folder.path(name))) }
        try await store.withLedger { ledger in
            let first = try await ledger.store(contentOf: folder.path("a.pdf"))
            let second = try await ledger.store(contentOf: folder.path("b.pdf"))
            let third = try await ledger.store(content: bytes)
            #expect(first.isNew && !second.isNew && !third.isNew)
            #expect(Set([first.name, second.name, third.name]) == [ContentName(of: bytes.span)])
            #expect(first.byteCount == 3_000_000)
            try await ledger.copy(content: first.name, to: folder.path("copy"))
            #expect(try Array(Data(contentsOf: URL(fileURLWithPath: folder.path("copy")))) == bytes)
            let empty = try await ledger.store(content: [])
            #expect(try await ledger.byteCount(ofContent: empty.name) == 0)
            let listed = try await ledger.contents().map { item -> ContentName? in
                if case .content(let name, _) = item { name } else { nil }
            }
            #expect(listed == [first.name, empty.name].sorted())
            #expect(folder.names == ["a.pdf", "b.pdf", "copy"])
        }
    }

    @Test(arguments: Store.all)
    func `an append that names a document is recorded once the document is there`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let name = ContentName(of: plan.span)
            let event = event(naming: name)
            let error = await refusal { try await ledger.append([event], to: "d-1") }
            #expect(error?.code == .contentMissing && error?.reason.contains(name.text) == true)
            #expect(try await ledger.size() == 1)
            _ = try await ledger.store(content: plan)
            let places = try await ledger.append([event], to: "d-1")
            #expect(places[0].index == 1)
            // What is recorded is answered for, whatever has become of the document.
            try FileManager.default.removeItem(atPath: "\(ledger.path)/contents")
            let again = try await ledger.append([event], to: "d-1")
            #expect(again.map(\.index) == [1] && again[0].repeated)
        }
    }

    @Test(arguments: Store.all)
    func `an append is refused as a whole for one document of many events`(_ store: Store) async throws {
        try await store.withLedger { ledger in
            let there = try await ledger.store(content: plan).name
            let absent = ContentName(of: [1].span)
            var events = (0..<400).map { _ in event(naming: there) }
            events[399] = event(naming: there, absent)
            let (size, batch) = (try await ledger.size(), events)
            let error = await refusal { try await ledger.append(batch, to: "d-1") }
            #expect(error?.code == .contentMissing && error?.reason.contains("\(events[399].id)") == true)
            #expect(try await ledger.size() == size)
            #expect(try await ledger.submit(Array(batch[..<399]).map { StreamEvent($0, to: "d-1") }).value.count == 399)
            let pending = try ledger.submit([StreamEvent(batch[399], to: "d-1")])
            #expect(await refusal { try await pending.value }?.code == .contentMissing)
        }
    }

    @Test func `an event names at most a thousand documents`() async throws {
        try await Store.all[0].withLedger { ledger in
            let name = try await ledger.store(content: plan).name
            let list = Array(repeating: #"{"content":"\#(name)"}"#, count: 1001)
            func event(_ count: Int) -> Event {
                Event(
                    type: "document.registered", source: "urn:example:registry",
                    payload: .json("[\(list[..<count].joined(separator: ","))]"))
            }
            #expect(await refusal { try await ledger.append([event(1001)], to: "d-1") }?.code == .tooLarge)
            #expect(try await ledger.append([event(1000)], to: "d-1").count == 1)
        }
    }

    @Test(arguments: Store.all)
    func `documents are removed under an event that says by whose authority, and do not come back`(
        _ store: Store
    ) async throws {
        try await authorised(store) { ledger, key in
            let (first, second) = (
                try await ledger.store(content: plan).name, try await ledger.store(content: [1, 2, 3]).name
            )
            try await ledger.append([event(naming: first, second)], to: "d-1")
            #expect(try await ledger.remove(contents: [first], authority: "order 4", signedBy: key) == 1)
            #expect(try await ledger.byteCount(ofContent: first) == nil)
            #expect(try await ledger.byteCount(ofContent: second) == 3)
            let removal = try #require(try await ledger.keyHistory().removal(of: first))
            #expect(removal.event == 2 && removal.authority == "order 4" && removal.schedule == nil)
            for again in [[first], [first, second]] {
                _ = try await ledger.remove(contents: again, authority: "order 5", schedule: "s", signedBy: key)
            }
            #expect(try await ledger.size() == 4)
            #expect(try await ledger.keyHistory().removal(of: second)?.schedule == "s")
            #expect(try await ledger.keyHistory().removal(of: first) == removal)
            let error = await refusal { try await ledger.store(content: plan) }
            #expect(error?.code == .contentRemoved && error?.reason.contains("order 4") == true)
            #expect(
                await refusal { try await ledger.append([event(naming: first)], to: "d-2") }?.code == .contentRemoved)
        }
    }

    @Test func `nothing is removed that no authority has signed`() async throws {
        try await authorised(Store.all[0]) { ledger, _ in
            let name = try await ledger.store(content: plan).name
            let stranger = try PrivateKey.generate()
            let error = await refusal {
                try await ledger.remove(contents: [name], authority: "me", signedBy: stranger)
            }
            #expect(error?.code == .notAuthorised)
            let text = await refusal { try await ledger.remove(contents: [name], authority: "", signedBy: stranger) }
            #expect(text?.code == .invalid)
            #expect(try await ledger.byteCount(ofContent: name) == 19)
        }
    }

    @Test func `a name that the ledger does not have is recorded as removed only when its loss is meant`() async throws
    {
        try await authorised(Store.all[0]) { ledger, key in
            let name = try await ledger.store(content: plan).name
            try await ledger.append([event(naming: name)], to: "d-1")
            let mistyped = ContentName(of: [1].span)
            let error = await refusal {
                try await ledger.remove(contents: [name, mistyped], authority: "order 4", signedBy: key)
            }
            #expect(error?.code == .notFound && error?.reason.contains("--lost") == true)
            #expect(try await ledger.size() == 2)
            #expect(try await ledger.byteCount(ofContent: name) == 19)
            let count = try await ledger.remove(
                contents: [mistyped], authority: "order 4", includingLost: true, signedBy: key)
            #expect(count == 0)
            #expect(try await ledger.keyHistory().removal(of: mistyped) != nil)
        }
    }

    @Test func `a document that may not outlast a loss of power does not count until it is stored again`() async throws
    {
        try await Store.all[0].withLedger { ledger in
            let name = try await ledger.store(content: plan).name
            let hex = name.digest.hex
            // What a process leaves that is killed between the renaming and the flush of the folder.
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: "\(ledger.path)/contents/\(hex.prefix(2))/\(hex)")
            #expect(
                await refusal { try await ledger.append([event(naming: name)], to: "d-1") }?.code == .contentMissing)
            #expect(try await !ledger.store(content: plan).isNew)
            #expect(try await ledger.append([event(naming: name)], to: "d-1").count == 1)
        }
    }

    @Test func `contents are for those who may read the ledger's directory, and nothing is stored through a reader`()
        async throws
    {
        try await Store.all[0].withLedger { ledger in
            let files = FileManager.default
            try files.setAttributes([.posixPermissions: 0o750], ofItemAtPath: ledger.path)
            let name = try await ledger.store(content: plan).name
            let hex = name.digest.hex
            func mode(_ path: String) throws -> Int? {
                try files.attributesOfItem(atPath: "\(ledger.path)/\(path)")[.posixPermissions] as? Int
            }
            #expect(try mode("contents") == 0o750 && mode("contents/\(hex.prefix(2))") == 0o750)
            #expect(try mode("contents/\(hex.prefix(2))/\(hex)") == 0o440)
            var options = LogOptions()
            options.readOnly = true
            let reader = try await Store.all[0].open(ledger.path, options)
            #expect(await refusal { try await reader.store(content: [1]) }?.code == .readOnly)
            #expect(try await reader.byteCount(ofContent: name) == 19)
            await reader.close()
        }
    }

    @Test func `a removal that was recorded and not carried out is carried out by the next`() async throws {
        try await authorised(Store.all[0]) { ledger, key in
            let name = try await ledger.store(content: plan).name
            let removal = try ContentRemoval(contents: [name], authority: "order 4", schedule: nil)
            try await ledger.record(.contentRemoved(removal), signedBy: key)
            #expect(try await ledger.remove(contents: [name], authority: "order 4", signedBy: key) == 1)
            #expect(try await ledger.size() == 2)
        }
    }

    @Test func `damage is found when a document is read, and mended when it is stored again`() async throws {
        try await Store.all[0].withLedger { ledger in
            let folder = try Folder()
            let name = try await ledger.store(content: plan).name
            let hex = name.digest.hex
            let file = "\(ledger.path)/contents/\(hex.prefix(2))/\(hex)"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
            try Data("the plan of a mouse".utf8).write(to: URL(fileURLWithPath: file))
            let error = await refusal { try await ledger.copy(content: name, to: folder.path("out")) }
            #expect(error?.code == .damaged && folder.names == [])
            #expect(try await ledger.store(content: plan).isNew)
            try await ledger.copy(content: name, to: folder.path("out"))
            #expect(folder.names == ["out"])
        }
    }

    @Test func `what is no regular file is refused, and drafts that were left are removed`() async throws {
        try await Store.all[0].withLedger { ledger in
            let folder = try Folder()
            for path in [folder.path, folder.path("nothing"), "/dev/zero"] {
                #expect(await refusal { try await ledger.store(contentOf: path) } != nil, "\(path)")
            }
            let drafts = "\(ledger.path)/contents/drafts"
            try FileManager.default.createDirectory(atPath: drafts, withIntermediateDirectories: true)
            try Data("half".utf8).write(to: URL(fileURLWithPath: "\(drafts)/1-2"))
            _ = try await ledger.store(content: plan)
            #expect(try FileManager.default.contentsOfDirectory(atPath: drafts) == [])
        }
    }

    @Test func `a backup has the documents, gains new ones, and loses what was removed`() async throws {
        try await authorised(Store.all[0]) { ledger, key in
            let folder = try Folder()
            let first = try await ledger.store(content: plan).name
            try await ledger.append([event(naming: first)], to: "d-1")
            try await ledger.backup(to: folder.path("copy"))
            let second = try await ledger.store(content: [9]).name
            try await ledger.append([event(naming: second)], to: "d-1")
            try await ledger.backup(to: folder.path("copy"))
            let copy = try await Store.all[0].open(folder.path("copy"), LogOptions())
            #expect(try await copy.contents() == ledger.contents())
            await copy.close()
            _ = try await ledger.remove(contents: [first], authority: "order 4", signedBy: key)
            try await ledger.backup(to: folder.path("copy"))
            let again = try await Store.all[0].open(folder.path("copy"), LogOptions())
            #expect(try await again.contents() == [.content(second, byteCount: 1)])
            await again.close()
        }
    }

    @Test func `many tasks store the same document at once`() async throws {
        try await Store.all[0].withLedger { ledger in
            let bytes = [UInt8](repeating: 3, count: 200_000)
            let names = try await withThrowingTaskGroup(of: ContentName.self) { group in
                for _ in 0..<12 { group.addTask { try await ledger.store(content: bytes).name } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(names.count == 1)
            #expect(try await ledger.contents().count == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(ledger.path)/contents/drafts") == [])
        }
    }
}
