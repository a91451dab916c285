import Foundation
import Ledger
import Testing

/// Promise 6: of a payload only its removal is possible, through a recorded event that says by whose authority.
@Suite struct PayloadRemovalTests {
    private func withNotes(
        _ store: Store, _ count: Int = 20, _ body: (Ledger, PrivateKey, [Event]) async throws -> Void
    ) async throws {
        let key = try PrivateKey.generate()
        try await store.withLedger(authorities: [key.publicKey]) { ledger in
            let events = (0..<count).map { note("secret \($0)") }
            for start in stride(from: 0, to: count, by: 4) {
                try await ledger.append(Array(events[start..<min(count, start + 4)]), to: StreamName("a-\(start % 3)"))
            }
            try await body(ledger, key, events)
        }
    }

    @Test(arguments: Store.all)
    func `what is removed is gone, and nothing else has changed`(_ store: Store) async throws {
        try await withNotes(store) { ledger, key, _ in
            let before = try await ledger.events().collected()
            let root = try await ledger.root().root
            #expect(try await ledger.remove(payloads: [3, 7, 8], authority: "order 4", signedBy: key) == 3)
            let after = try await ledger.events().collected()
            #expect(try await ledger.root(size: TreeSize(21)).root == root)
            for index in before.indices {
                let isGone = [3, 7, 8].contains(index)
                #expect(after[index].entry == before[index].entry && after[index].leaf == before[index].leaf)
                #expect(after[index].isPayloadRemoved == isGone)
                #expect(after[index].payload == (isGone ? nil : before[index].payload))
            }
            #expect(after.count == 22 && after[21].type == "payload.removed")
            #expect(try await ledger.keyHistory().removal(of: 7 as EntryIndex)?.authority == "order 4")
            let file = try Data(contentsOf: URL(fileURLWithPath: "\(ledger.path)/data.mdb"))
            #expect(file.range(of: Data("secret 9".utf8)) != nil)
        }
    }

    @Test(arguments: Store.all)
    func `an append of an event whose payload was removed is still known by its id`(_ store: Store) async throws {
        try await withNotes(store) { ledger, key, events in
            _ = try await ledger.remove(payloads: [1], authority: "order 4", signedBy: key)
            let again = try await ledger.append(Array(events[0..<4]), to: "a-0")
            #expect(again.map(\.index) == [1, 2, 3, 4] && again[0].repeated)
            let other = Event(
                id: events[0].id, type: "another.type", source: events[0].source, payload: events[0].payload)
            #expect(await refusal { try await ledger.append([other], to: "a-0") }?.code == .idConflict)
        }
    }

    @Test(arguments: Store.all)
    func `repeating a removal records nothing, and finishes what was begun`(_ store: Store) async throws {
        try await withNotes(store) { ledger, key, _ in
            let removal = try PayloadRemoval(entries: [5], authority: "order 4", schedule: "20 years")
            try await ledger.record(.payloadRemoved(removal), signedBy: key)
            #expect(try await ledger.event(at: 5).payload != nil)
            #expect(try await ledger.remove(payloads: [5], authority: "order 5", signedBy: key) == 1)
            #expect(try await ledger.remove(payloads: [5, 5], authority: "order 5", signedBy: key) == 0)
            #expect(try await ledger.size() == 22)
            #expect(try await ledger.event(at: 5).isPayloadRemoved)
            #expect(try await ledger.keyHistory().removal(of: 5 as EntryIndex)?.schedule == "20 years")
        }
    }

    @Test func `what has no payload, is not recorded, or is the ledger's own is not removed`() async throws {
        try await withNotes(Store.all[0]) { ledger, key, _ in
            try await ledger.append([Event(type: "t", source: "s")], to: "b-1")
            for (index, code) in [(21, LedgerError.Code.invalid), (99, .outOfRange), (0, .keyringRefused)] {
                let error = await refusal {
                    try await ledger.remove(
                        payloads: [2, EntryIndex(UInt64(index))], authority: "order 4", signedBy: key)
                }
                #expect(error?.code == code, "\(index): \(error?.reason ?? "removed")")
            }
            let stranger = try PrivateKey.generate()
            let error = await refusal {
                try await ledger.remove(payloads: [2], authority: "me", signedBy: stranger)
            }
            #expect(error?.code == .notAuthorised)
            #expect(try await ledger.event(at: 2).payload != nil)
            #expect(try await ledger.size() == 22)
        }
    }

    @Test func `payloads are removed while others append, from segments of every size`() async throws {
        try await withNotes(Store.all[0], 40) { ledger, key, _ in
            let large = Payload(bytes: Array(repeating: 7, count: 900_000), mediaType: "application/octet-stream")
            for number in 0..<30 {
                try await ledger.append(
                    (0...number % 3).map { _ in Event(type: "t", source: "s", payload: large) }, to: "large-1")
            }
            let size = try await ledger.size()
            let appending = Task {
                var count = 0
                while !Task.isCancelled {
                    try await ledger.append([note()], to: "c-1")
                    count += 1
                }
                return count
            }
            let indexes = (1..<size).filter { $0 % 2 == 0 }.map { EntryIndex($0) }
            let removed = try await ledger.remove(payloads: indexes, authority: "order 4", signedBy: key)
            appending.cancel()
            #expect(removed == indexes.count)
            #expect(try await appending.value > 0)
            for index in 1..<size {
                #expect(try await ledger.event(at: EntryIndex(index)).isPayloadRemoved == (index % 2 == 0))
            }
        }
    }

    @Test func `a new backup has nothing of what was removed, and an older one loses it`() async throws {
        try await withNotes(Store.all[0]) { ledger, key, _ in
            let folder = try Folder()
            try await ledger.backup(to: folder.path("older"))
            _ = try await ledger.remove(payloads: [4], authority: "order 4", signedBy: key)
            for name in ["older", "new"] {
                try await ledger.backup(to: folder.path(name))
                let copy = try await Store.all[0].open(folder.path(name), LogOptions())
                #expect(try await copy.event(at: 4).isPayloadRemoved)
                #expect(try await copy.root().root == ledger.root().root)
                await copy.close()
            }
            let file = try Data(contentsOf: URL(fileURLWithPath: folder.path("new/data.mdb")))
            #expect(file.range(of: Data("\"secret 3\"".utf8)) == nil)
            #expect(file.range(of: Data("\"secret 4\"".utf8)) != nil)
        }
    }
}
