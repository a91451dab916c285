import Foundation
import Ledger
import Testing

@Suite struct CreatingTests {
    @Test(arguments: Store.all)
    func `a new ledger has its genesis as entry 0 and is the same when opened again`(_ store: Store) async throws {
        let folder = try Folder()
        let ledger = try await store.create(folder.path("new"), LogOptions())
        let first = try await ledger.event(at: 0)
        #expect(first.type == "ledger.created" && first.stream == .ledger && first.revision == 0)
        #expect(ledger.genesis.origin.text == "records.example.gov/tests" && first.id == ledger.genesis.incarnation)
        let summary = try await ledger.summary()
        #expect(summary.size == 1 && summary.streamCount == 1)
        await ledger.close()
        let again = try await store.open(folder.path("new"), LogOptions())
        #expect(again.genesis == ledger.genesis)
        #expect(try await again.summary() == summary)
        await again.close()
    }

    @Test(arguments: Store.all)
    func `an empty directory is taken, also when named with a slash at the end`(_ store: Store) async throws {
        let folder = try Folder()
        for name in ["plain", "slash/", "slashes//"] {
            let path = folder.path(name)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            let ledger = try await store.create(path, LogOptions())
            #expect(try await ledger.size() == 1)
            await ledger.close()
        }
        let fresh = try await store.create(folder.path("fresh/"), LogOptions())
        #expect(try await fresh.size() == 1)
        await fresh.close()
        #expect(folder.names == ["fresh", "plain", "slash", "slashes"])
    }

    @Test(arguments: Store.all)
    func `a ledger is not made over another one`(_ store: Store) async throws {
        let folder = try Folder()
        let ledger = try await store.create(folder.path("a"), LogOptions())
        try await ledger.append([note()], to: "case-1")
        let error = await refusal { try await store.create(folder.path("a"), LogOptions()) }
        #expect(says(error, .alreadyExists, "there is a ledger", folder.path("a"), "open it"))
        #expect(try await ledger.size() == 2)
        await ledger.close()
    }

    @Test(arguments: Store.all)
    func `a directory with something else in it is left alone`(_ store: Store) async throws {
        let folder = try Folder()
        try Data("mine".utf8).write(to: URL(fileURLWithPath: folder.path("letter.txt")))
        let error = await refusal { try await store.create(folder.path, LogOptions()) }
        #expect(says(error, .alreadyExists, "not empty", folder.path))
        #expect(folder.names == ["letter.txt"])
    }

    @Test(arguments: Store.all)
    func `a file in the way is named`(_ store: Store) async throws {
        let folder = try Folder()
        let path = folder.path("file")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
        #expect(says(await refusal { try await store.create(path, LogOptions()) }, .alreadyExists, path, "file"))
        #expect(says(await refusal { try await store.open(path, LogOptions()) }, .notFound, path))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("mine".utf8))
    }

    @Test(arguments: Store.all)
    func `a parent that is missing, or an empty path, is refused and nothing is made`(_ store: Store) async throws {
        let folder = try Folder()
        let path = folder.path("no/such")
        #expect(says(await refusal { try await store.create(path, LogOptions()) }, .notFound, path))
        #expect(says(await refusal { try await store.create("", LogOptions()) }, .invalid, "path is empty"))
        #expect(folder.names == [])
    }

    @Test(arguments: Store.all)
    func `opening where no ledger is says so and makes nothing`(_ store: Store) async throws {
        let folder = try Folder()
        let error = await refusal { try await store.open(folder.path("none"), LogOptions()) }
        #expect(says(error, .notFound, "no ledger at \(folder.path("none"))", "create"))
        #expect(says(await refusal { try await store.open(folder.path, LogOptions()) }, .notFound, folder.path))
        #expect(folder.names == [])
    }

    @Test func `a data file that is none is refused`() async throws {
        let folder = try Folder()
        try Data(repeating: 0x61, count: 20_000).write(to: URL(fileURLWithPath: folder.path("data.mdb")))
        let error = await refusal { try await Ledger.open(at: folder.path) }
        #expect(says(error, .damaged, "mohur verify"))
    }

    @Test(.enabled(if: Mount.isPossible, "needs root to mount a file system"), arguments: Store.all)
    func `a file system that cannot be written is refused`(_ store: Store) async throws {
        let mount = try Mount(options: "size=1m,ro")
        let error = await refusal { try await store.create(mount.path + "/ledger", LogOptions()) }
        #expect(says(error, .notPermitted, mount.path))
    }

    @Test(arguments: Store.all)
    func `two makings of one origin are two ledgers`(_ store: Store) async throws {
        let folder = try Folder()
        let first = try await store.create(folder.path("a"), LogOptions())
        let second = try await store.create(folder.path("b"), LogOptions())
        #expect(first.genesis.incarnation != second.genesis.incarnation)
        #expect(try await first.root().root != second.root().root)
        await first.close()
        await second.close()
    }
}

/// A tmpfs of its own, unmounted with the last reference.
final class Mount: Sendable {
    static var isPossible: Bool { getuid() == 0 }

    private let folder: Folder
    var path: String { folder.path }

    init(options: String) throws {
        folder = try Folder()
        try Mount.run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder.path])
    }

    deinit {
        try? Mount.run("umount", [folder.path])
    }

    private static func run(_ tool: String, _ words: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + words
        try process.run()
        process.waitUntilExit()
        struct Failure: Error {}
        guard process.terminationStatus == 0 else { throw Failure() }
    }
}
