import Foundation
import Ledger
import Synchronization
import Testing

@Suite struct BackupTests {
    @Test(.timeLimit(.minutes(15)), arguments: Store.all)
    func `a backup made while appends go on is a prefix that reads the same`(_ store: Store) async throws {
        let folder = try Folder()
        let ledger = try await store.create(folder.path("a"), LogOptions())
        try await ledger.append((0..<3000).map { note("\($0)") }, to: "a-1")
        let appending = Task {
            var count = 0
            while !Task.isCancelled {
                try await ledger.append([note(), note()], to: try StreamName("b-\(count % 9)"))
                count += 1
            }
            return count
        }
        let steps = Mutex<[CopyProgress]>([])
        let copied = try await ledger.backup(to: folder.path("copy")) { step in steps.withLock { $0.append(step) } }
        appending.cancel()
        #expect(try await appending.value > 0 && copied >= 3001)
        let last = steps.withLock { $0.last }
        #expect(last?.done == copied && last?.total == copied)
        let copy = try await store.open(folder.path("copy"), LogOptions())
        let size = try await copy.size()
        #expect(size == copied)
        #expect(try await copy.root().root == ledger.root(size: TreeSize(size)).root)
        #expect(try await copy.events().collected() == ledger.events(below: EntryIndex(size)).collected())
        for name in ["a-1", "b-0", "b-8", "ledger"] as [StreamName] {
            #expect(try await copy.head(of: name) == ledger.head(of: name, below: EntryIndex(size)))
        }
        #expect(copy.genesis == ledger.genesis)
        let event = try await copy.event(at: 2000)
        #expect(try await copy.event(id: event.id) == event)
        await copy.close()
        await ledger.close()
    }

    @Test(arguments: Store.all)
    func `a second backup adds what is new, and a copy can be appended to`(_ store: Store) async throws {
        let folder = try Folder()
        let ledger = try await store.create(folder.path("a"), LogOptions())
        try await ledger.append((0..<10).map { _ in note() }, to: "a-1")
        #expect(try await ledger.backup(to: folder.path("copy/")) == 11)
        #expect(try await ledger.backup(to: folder.path("copy")) == 0)
        try await ledger.append((0..<5).map { _ in note() }, to: "a-1")
        #expect(try await ledger.backup(to: folder.path("copy")) == 5)
        #expect(folder.names == ["a", "copy"])
        let copy = try await store.open(folder.path("copy"), LogOptions())
        #expect(try await copy.summary() == ledger.summary())
        #expect(try await copy.append([note()], to: "a-1", expecting: .revision(14))[0].index == 16)
        await copy.close()
        let error = await refusal { try await ledger.backup(to: folder.path("copy")) }
        #expect(says(error, .alreadyExists, "entries that this one does not have"))
        await ledger.close()
    }

    @Test(arguments: Store.all)
    func `a backup does not go into another ledger, into itself, or over other files`(_ store: Store) async throws {
        let folder = try Folder()
        let ledger = try await store.create(folder.path("a"), LogOptions())
        let other = try await store.create(folder.path("b"), LogOptions())
        try await ledger.append([note()], to: "a-1")
        let itself = await refusal { try await ledger.backup(to: folder.path("a")) }
        #expect(says(itself, .alreadyExists, "open in this process", "into itself"))
        #expect(says(await refusal { try await ledger.backup(to: folder.path("b")) }, .alreadyExists))
        await other.close()
        let foreign = await refusal { try await ledger.backup(to: folder.path("b")) }
        #expect(says(foreign, .alreadyExists, "holds another ledger", folder.path("b")))
        #expect(says(await refusal { try await ledger.backup(to: folder.path) }, .alreadyExists, "not empty"))
        let missing = await refusal { try await ledger.backup(to: folder.path("x/y")) }
        #expect(says(missing, .notFound, folder.path("x/y")))
        #expect(folder.names == ["a", "b"])
        let untouched = try await store.open(folder.path("b"), LogOptions())
        #expect(try await untouched.size() == 1)
        await untouched.close()
        await ledger.close()
    }

    @Test(arguments: Store.all)
    func `what an interrupted backup leaves does not stop the next one`(_ store: Store) async throws {
        let folder = try Folder()
        let ledger = try await store.create(folder.path("a"), LogOptions())
        try await ledger.append([note()], to: "a-1")
        try FileManager.default.createDirectory(
            atPath: folder.path("copy.creating-\(EventID())"), withIntermediateDirectories: false)
        #expect(try await ledger.backup(to: folder.path("copy")) == 2)
        await ledger.close()
    }

    @Test(.timeLimit(.minutes(15)), arguments: Store.all)
    func `a backup of large payloads is exact`(_ store: Store) async throws {
        let folder = try Folder()
        let ledger = try await store.create(folder.path("a"), LogOptions())
        for number in 0..<6 {
            let bytes = [UInt8](repeating: UInt8(number), count: number % 2 == 0 ? 1 << 20 : 900_001)
            let payload = Payload(bytes: bytes, mediaType: "application/octet-stream")
            try await ledger.append((0..<5).map { _ in Event(type: "t", source: "s", payload: payload) }, to: "a-1")
        }
        #expect(try await ledger.backup(to: folder.path("copy")) == 31)
        let copy = try await store.open(folder.path("copy"), LogOptions())
        #expect(try await copy.summary() == ledger.summary())
        #expect(try await copy.event(at: 30) == ledger.event(at: 30))
        await copy.close()
        await ledger.close()
    }
}
