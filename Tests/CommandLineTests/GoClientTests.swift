import Foundation
import TestSupport
import Testing

/// Go's implementation of signed notes and tiles, from which those of C2SP come, where Debian's packages of it are.
enum GoClient {
    private static let packages = "/usr/share/gocode"

    static let isThere =
        FileManager.default.isExecutableFile(atPath: "/usr/bin/go")
        && FileManager.default.fileExists(atPath: "\(packages)/src/golang.org/x/mod/sumdb/tlog")

    /// Builds the client in `folder`; its path.
    static func build(in folder: Folder) throws -> String {
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Clients/sumdb.go").path
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/go")
        process.arguments = ["build", "-o", folder.path("client"), source]
        process.environment = [
            "GOPATH": packages, "GO111MODULE": "off", "GOCACHE": folder.path("cache"), "HOME": folder.path,
            "PATH": "/usr/bin:/bin",
        ]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return folder.path("client")
    }

    /// Runs it; its exit code and what it printed.
    static func run(_ client: String, _ words: [String]) throws -> (code: Int32, lines: [String]) {
        let process = Process()
        process.executableURL = URL(filePath: client)
        process.arguments = words
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, lines(String(decoding: output, as: UTF8.self)))
    }
}

@Suite(.enabled(if: GoClient.isThere, "the packages golang-go and golang-golang-x-mod-dev are not installed"))
struct GoClientTests {
    @Test(.timeLimit(.minutes(5)))
    func `the implementation of the Go project proves what was published, and refuses what was altered`() throws {
        let folder = try Folder.withSimulation(299)
        func mohur(_ words: String...) throws -> String {
            let ending = try Mohur.run(words, in: folder)
            try #require(ending.code == 0, "\(ending.error)")
            return ending.output
        }
        _ = try mohur("key", "make", "log")
        let shown = lines(try mohur("key", "show", "log.pub", "--name", "records.example.gov/tests"))
        let vkey = try #require(shown.first { $0.hasPrefix("vkey") }?.split(separator: " ").last.map(String.init))
        _ = try mohur("publish", "l", "site", "--key", "log")
        _ = try mohur("prove", "l", "--event", "17", "-o", "early.tlog-proof")
        try folder.write(Events.lines(300..<67_000), to: "events.jsonl")
        _ = try mohur("import", "cloudevents", "l", "events.jsonl", "--stream", "more")
        _ = try mohur("publish", "l", "site", "--key", "log")
        _ = try mohur("prove", "l", "--event", "66000", "-o", "late.tlog-proof")

        let client = try GoClient.build(in: folder)
        let words = [folder.path("site"), vkey, folder.path("early.tlog-proof"), folder.path("late.tlog-proof")]
        let sound = try GoClient.run(client, words)
        #expect(
            sound.lines == [
                "verified 67000 entries", "entry 17 is in the tree of 300 which continues to 67000",
                "entry 66000 is in the tree of 67000 which continues to 67000",
            ])
        #expect(sound.code == 0)
        for file in ["tile/0/100", "tile/1/000", "tile/entries/x001/000", "tile/entries/077", "checkpoint"] {
            let path = folder.path("site/\(file)")
            guard var bytes = FileManager.default.contents(atPath: path) else { continue }
            bytes[bytes.count / 2] ^= 1
            let original = FileManager.default.contents(atPath: path)
            try bytes.write(to: URL(filePath: path))
            let altered = try GoClient.run(client, words)
            #expect(altered.code == 1 && altered.lines.last?.hasPrefix("refused:") == true, "\(file)")
            try original?.write(to: URL(filePath: path))
        }
        #expect(try GoClient.run(client, words).code == 0)
    }
}
