import Foundation
import Testing

/// The benchmark's output, and what it leaves behind. No test asserts a speed.
@Suite(.serialized) struct BenchTests {
    /// The keys of a row that `docs/cli.md` documents.
    private static func documentedKeys() throws -> [String] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/cli.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "## `mohur bench`").dropFirst().first)
        let table = try #require(section.components(separatedBy: "| key | type | meaning |").dropFirst().first)
        return table.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { row in
            row.split(separator: "|")[0].split(separator: ",").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            }
        }
    }

    /// The rows of a short run that also has `words`.
    private func rows(_ words: [String], in folder: Folder) throws -> [[String: Any]] {
        let ending = try Mohur.run(
            ["bench", "--rounds", "1", "--events", "2000", "--entries", "2000", "--json"] + words, in: folder)
        #expect(ending.code == 0, "\(ending.error)")
        let object = try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any]
        #expect(object?.keys.sorted() == ["machine", "rows", "settings"])
        return try #require(object?["rows"] as? [[String: Any]])
    }

    private func names(_ rows: [[String: Any]]) -> [String] { rows.compactMap { $0["name"] as? String } }

    /// What the benchmark left in the folder.
    private func remains(_ folder: Folder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("mohur-bench-") }
    }

    @Test func `rows of appends have the documented keys, and nothing is left behind`() throws {
        let folder = try Folder()
        let rows = try rows(["--row", "append"], in: folder)
        #expect(
            names(rows) == [
                "append.batch", "append.signed", "append.concurrent.64", "append.concurrent.256", "append.processes",
                "append.single", "append.services",
            ])
        let keys = try BenchTests.documentedKeys().sorted()
        #expect(keys.count == 13)
        for row in rows {
            #expect(row.keys.sorted() == keys)
            for key in ["value", "min", "max", "floor", "ratio", "p50", "p99", "memory"] {
                #expect((row[key] as? Double ?? 0) > 0, "\(key) of \(row)")
            }
            #expect(row["met"] is Bool)
        }
        #expect(try remains(folder) == [])
    }

    @Test func `all other rows are measured on small ledgers too`() throws {
        let folder = try Folder()
        let names = ["scan", "verify", "proof", "open", "growth", "disk", "follow", "project", "publish", "audit"]
        let rows = try rows(names.flatMap { ["--row", $0] }, in: folder)
        #expect(rows.count == 18)
        #expect(rows.allSatisfy { ($0["value"] as? Double ?? 0) > 0 && ($0["memory"] as? Double ?? 0) > 0 })
        #expect(try remains(folder) == [])
    }

    @Test(arguments: ["short", "hot", "zipf"])
    func `each shape of streams can be measured with other payloads`(_ shape: String) throws {
        let rows = try rows(["--row", "append.b", "--shape", shape, "--payload", "4096"], in: try Folder())
        #expect(names(rows) == ["append.batch"])
        #expect(rows[0]["target"] is NSNull, "the targets are those of other events")
    }

    @Test func `peers are measured beside the rows that are asked for`() throws {
        let folder = try Folder()
        let all = try rows(["--row", "open", "--against", "sqlite", "--against", "lmdb"], in: folder)
        #expect(names(all) == ["open", "sqlite.single", "sqlite.batch", "lmdb.single", "lmdb.batch"])
        #expect(all.dropFirst().allSatisfy { $0["floor"] is NSNull && ($0["value"] as? Double ?? 0) > 0 })
        #expect(names(try rows(["--row", "lmdb.batch", "--against", "lmdb"], in: folder)) == ["lmdb.batch"])
    }

    private static var hasPostgres: Bool {
        (10...40).contains { access("/usr/lib/postgresql/\($0)/bin/initdb", X_OK) == 0 }
    }

    @Test(.enabled(if: hasPostgres, "PostgreSQL (package postgresql) is not installed"))
    func `PostgreSQL runs for the measurement only`() throws {
        let folder = try Folder()
        chmod(folder.path, 0o711)
        let rows = try rows(["--row", "postgres.chain.1", "--against", "postgres"], in: folder)
        #expect(names(rows) == ["postgres.chain.1", "postgres.chain.16"])
        #expect(rows.allSatisfy { ($0["value"] as? Double ?? 0) > 0 && ($0["memory"] as? Double ?? 0) > 0 })
        #expect(try remains(folder) == [])
        #expect(processes(naming: folder.path) == [])
    }

    // MARK: Ends that come early

    /// The ids of the processes whose command line has `text`.
    private func processes(naming text: String) -> [Int32] {
        let ids = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return ids.filter { id in
            guard let words = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") else { return false }
            return String(decoding: words, as: UTF8.self).contains(text)
        }
    }

    private func isSoon(_ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if try condition() { return true }
            usleep(10_000)
        }
        return false
    }

    /// A long benchmark, in which a row's process is at work.
    private func startLong(_ folder: Folder) throws -> Child {
        let child = try Mohur.start(["bench", "--row", "append.single", "--events", "50000000"], in: folder)
        let work = "bench-task\0\(child.pid)\0lmdb.segments"
        #expect(isSoon { processes(naming: work).count == 1 })
        #expect(try remains(folder).count == 1)
        return child
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a signal ends the row's process and removes what was made`(_ number: Int32) throws {
        let folder = try Folder()
        let child = try startLong(folder)
        child.signal(number)
        #expect(child.wait(within: 20) == 128 + number)
        #expect(try remains(folder) == [])
        #expect(isSoon { processes(naming: "bench-task\0\(child.pid)\0").isEmpty })
    }

    @Test func `a row's process does not outlive a benchmark that is killed`() throws {
        let folder = try Folder()
        let child = try startLong(folder)
        child.signal(SIGKILL)
        #expect(child.wait() == 128 + SIGKILL)
        #expect(isSoon { processes(naming: "bench-task\0\(child.pid)\0").isEmpty })
    }

    @Test func `a task without its benchmark ends at once`() throws {
        let ending = try Mohur.run(["bench-task", "1", "floor.nodes"], in: try Folder())
        #expect(ending.code == 2)
        #expect(ending.output.isEmpty)
    }

    @Test func `a disk that has no room is an error, and nothing is left behind`() throws {
        let folder = try Folder()
        let words = "bench --row append.batch --events 20000 --rounds 1"
        let child = try Child(
            ["/bin/bash", "-c", "ulimit -f 4096; exec '\(Mohur.path)' \(words)"], in: folder.path,
            output: .file("out"), error: "err", environment: Mohur.environment)
        #expect(child.wait() == 2)
        let said = try folder.lines(of: "err").filter { $0.hasPrefix("mohur: ") }
        #expect(said.count == 2, "\(said)")
        #expect(said.last?.hasPrefix("mohur: measuring ") == true)
        #expect(try remains(folder) == [])
    }
}
