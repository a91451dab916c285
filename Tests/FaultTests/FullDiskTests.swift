import Foundation
import Ledger
import Testing

@Suite(.serialized) struct FullDiskTests {
    /// Whether a file system can be mounted, which needs more than root's name in some containers.
    private static let canMount: Bool = {
        guard getuid() == 0, let folder = try? Folder() else { return false }
        let tests = FullDiskTests()
        guard (try? tests.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path)) != nil else {
            return false
        }
        return (try? tests.run("umount", "--lazy", folder.path)) != nil
    }()

    /// Mounts a file system of 6 MiB, calls `body` with its path, and unmounts it.
    private func withSmallDisk(_ body: (String) async throws -> Void) async throws {
        let folder = try Folder()
        try run("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder.path)
        do {
            try await body(folder.path)
        } catch {
            try run("umount", "--lazy", folder.path)
            throw error
        }
        try run("umount", "--lazy", folder.path)
    }

    private func run(_ words: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(text: "\(words) failed") }
    }

    private func event() -> Event {
        Event(
            type: "t", source: "s",
            payload: Payload(bytes: [UInt8](repeating: 1, count: 20_000), mediaType: "application/octet-stream"))
    }

    /// Appends until it is refused; returns what was acknowledged and the refusal.
    private func appendUntilRefused(_ ledger: Ledger) async throws -> ([AppendedEvent], LedgerError, Event) {
        var places: [AppendedEvent] = []
        while true {
            let event = event()
            do throws(LedgerError) {
                places += try await ledger.append([event], to: "a-1")
            } catch {
                return (places, error, event)
            }
            try #require(places.count < 10_000)
        }
    }

    @Test(.enabled(if: FullDiskTests.canMount, "needs permission to mount a file system"), .timeLimit(.minutes(15)))
    func `a full disk is said to be full, loses nothing, and is gone on with when there is room`() async throws {
        try await withSmallDisk { disk in
            try Data(repeating: 0, count: 2 << 20).write(to: URL(fileURLWithPath: disk + "/filler"))
            let path = disk + "/ledger"
            let ledger = try await Ledger.create(at: path, origin: Origin("records.example.gov/tests"))
            var (places, error, refused) = try await appendUntilRefused(ledger)
            for _ in 0..<3 {
                #expect(
                    error.code == .diskFull && error.reason.contains("full") && error.reason.contains("not recorded"))
                (_, error, _) = try await appendUntilRefused(ledger)
            }
            #expect(places.count > 20)
            let size = try await ledger.size()
            for place in places { #expect(try await ledger.index(of: place.id) == place.index) }
            #expect(try await ledger.index(of: refused.id) == nil)
            try FileManager.default.removeItem(atPath: disk + "/filler")
            let next = try await ledger.append([refused], to: "a-1")[0]
            #expect(next.index.rawValue == size && !next.repeated)
            places.append(next)
            await ledger.close()
            let again = try await Ledger.open(at: path)
            #expect(try await again.append([event()], to: "a-1")[0].index.rawValue == size + 1)
            for place in places { #expect(try await again.event(at: place.index).id == place.id) }
            try await checkOrder(again)
            await again.close()
            let other = try Folder()
            let child = try Child("append", ["dir=\(path)", "seed=1", "count=3"], folder: other)
            #expect(try await child.end() == 0)
            #expect(child.lines.filter { $0[0] == "A" }.count == 3)
            try await verify(path)
        }
    }

    @Test(.enabled(if: FullDiskTests.canMount, "needs permission to mount a file system"), .timeLimit(.minutes(15)))
    func `on a full disk no ledger is made and one that is there is read`() async throws {
        try await withSmallDisk { disk in
            let path = disk + "/ledger"
            let ledger = try await Ledger.create(at: path, origin: Origin("records.example.gov/tests"))
            await ledger.close()
            let filler = open(disk + "/filler", O_WRONLY | O_CREAT, 0o600)
            let zeros = [UInt8](repeating: 0, count: 4096)
            while write(filler, zeros, zeros.count) > 0 {}
            close(filler)
            var options = LogOptions()
            options.roomAhead = 0
            let again = try await Ledger.open(at: path, options: options)
            #expect(try await again.size() == 1)
            let refused = await refusalCode { try await again.append([event()], to: "a-1") }
            #expect(refused == .diskFull)
            await again.close()
            let origin = try Origin("records.example.gov/more")
            #expect(await refusalCode { try await Ledger.create(at: disk + "/more", origin: origin) } == .diskFull)
            let names = try FileManager.default.contentsOfDirectory(atPath: disk).sorted()
            #expect(names == ["filler", "ledger"])
        }
    }

    private func refusalCode<R>(_ body: () async throws -> R) async -> LedgerError.Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? LedgerError)?.code
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `a limit on the file's size refuses appends until it is lifted`() async throws {
        let folder = try Folder()
        let path = try await folder.makeLedger()
        let words = ["dir=\(path)", "seed=1", "count=60", "fill=20000", "fsize=600000", "lift=1", "tries=3"]
        let child = try Child("append", words, folder: folder)
        #expect(try await child.end() == 0)
        var account = Accounts()
        try account.take(child.lines)
        #expect(account.acknowledged.count == 60 && account.unresolved == [] && !account.errors.isEmpty)
        let ledger = try await Ledger.open(at: path)
        try await account.check(ledger)
        #expect(try await checkOrder(ledger).count == 61)
        await ledger.close()
        try await verify(path)
    }
}
