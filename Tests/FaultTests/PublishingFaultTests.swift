import Digests
import Files
import Foundation
import Ledger
import Merkle
import Publishing
import Signing
import TestSupport
import Testing
import Transparency

/// The sizes that are published one after the other.
private let (old, new) = (UInt64(300), UInt64(700))

/// Stops or fails the first, second, third … call on a file while a ledger is published, until a run passes untouched.
@Suite(.serialized, .enabled(if: Child.canInject, "libFaultInjection.so is not beside the test bundle"))
struct PublishingFaultTests {
    /// A ledger of 700 entries that was published at 300, and what a reader then found.
    private struct Scene {
        let folder: Folder
        let roots: [UInt64: Digest]
        let entries: [[UInt8]]

        init(publishedBefore: Bool) async throws {
            folder = try Folder()
            let path = try await folder.makeLedger()
            try PrivateKey.generate(.ed25519).write(file: folder.path("key"))
            let ledger = try await Ledger.open(at: path)
            try await Scene.grow(ledger, to: old)
            if publishedBefore {
                let key = try PrivateKey(file: folder.path("key"))
                _ = try await Publisher(ledger, into: folder.path("tiles"), client: NoWitnessClient()).publish(
                    signedBy: key)
            }
            try await Scene.grow(ledger, to: new)
            roots = [
                old: try await ledger.root(size: TreeSize(old)).root,
                new: try await ledger.root(size: TreeSize(new)).root,
            ]
            var entries: [[UInt8]] = []
            for index in 0..<new { entries.append(try await ledger.event(at: EntryIndex(index)).entry.encoded()) }
            self.entries = entries
            await ledger.close()
        }

        private static func grow(_ ledger: Ledger, to size: UInt64) async throws {
            let count = size - (try await ledger.size())
            let events = (0..<count).map { Event(type: "note.made", source: "urn:t", payload: .json("{\"n\":\($0)}")) }
            try await ledger.append(events, to: "note-1")
        }

        /// A copy of ledger and tree to be broken.
        func copy(_ name: String) throws -> (ledger: String, tiles: String) {
            let place = folder.path(name)
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            for part in ["ledger", "tiles"] where FileManager.default.fileExists(atPath: folder.path(part)) {
                try FileManager.default.copyItem(atPath: folder.path(part), toPath: "\(place)/\(part)")
            }
            return ("\(place)/ledger", "\(place)/tiles")
        }

        func publish(_ place: (ledger: String, tiles: String), _ environment: [String: String] = [:]) async throws
            -> Int32?
        {
            let words = ["dir=\(place.ledger)", "to=\(place.tiles)", "key=\(folder.path("key"))", "prune=1"]
            let child = try Child("publish", words, environment: environment, folder: folder)
            return try await child.end()
        }

        /// What a reader finds: the size of the folder's checkpoint, nil when there is none. Reads the whole tree that
        /// it names, and that of `old` where it was published.
        func read(_ place: (ledger: String, tiles: String), publishedBefore: Bool, _ note: String) throws -> UInt64? {
            let walker = TileWalker(folder: place.tiles)
            let published = try PublishedFolder(path: place.tiles).checkpoint()?.checkpoint
            let given = try CheckpointStore(ledger: place.ledger).published()?.checkpoint
            if let published {
                #expect((given?.size ?? 0) >= published.size, "\(note): the guard is behind what readers find")
                #expect(published.root == roots[published.size.rawValue], "\(note)")
            }
            for size in Set([published?.size.rawValue, publishedBefore ? old : nil].compactMap { $0 }) {
                let found = (root: try walker.root(size: size), entries: try walker.entries(size: size))
                #expect(found.root == roots[size], "\(note): the tree of \(size)")
                #expect(found.entries.elementsEqual(entries.prefix(Int(size))), "\(note): the entries of \(size)")
            }
            return published?.size.rawValue
        }
    }

    /// Runs to the first call that nobody noticed; returns its number.
    private func sweep(_ action: String, publishedBefore: Bool) async throws -> Int {
        let scene = try await Scene(publishedBefore: publishedBefore)
        let folder = scene.folder
        return try await FileFaults.sweep(action, below: folder.path("try"), in: folder) { note, variables in
            let place = try scene.copy("try")
            let status = try await scene.publish(place, variables)
            let size = try scene.read(place, publishedBefore: publishedBefore, note)
            if status == 0 { #expect(size == new, "\(note)") }
            let again = try await scene.publish(place)
            #expect(again == 0, "\(note): the next publishing failed")
            #expect(try scene.read(place, publishedBefore: publishedBefore, note) == new, "\(note)")
            let sizes = try CheckpointStore(ledger: place.ledger).sizes()
            #expect(sizes == (publishedBefore ? [TreeSize(old), TreeSize(new)] : [TreeSize(new)]), "\(note)")
            let names = try Files.Folder.names(in: place.tiles)
            #expect(names == ["checkpoint", "tile"], "\(note): \(names)")
            try folder.remove("try")
            return status
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: [true, false])
    func `a publishing killed at any call leaves what readers know, and the next one completes it`(
        _ publishedBefore: Bool
    ) async throws {
        #expect(try await sweep("kill", publishedBefore: publishedBefore) >= 40)
    }

    @Test(.timeLimit(.minutes(15)), arguments: ["EIO", "ENOSPC", "short"])
    func `a publishing whose call fails leaves what readers know, and the next one completes it`(
        _ action: String
    ) async throws {
        #expect(try await sweep(action, publishedBefore: true) >= 40)
    }
}
