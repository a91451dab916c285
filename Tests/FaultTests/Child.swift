import Foundation
import Glibc
import Ledger

/// A worker process of a test. Its output goes to a file, where what it wrote stays though it is killed.
final class Child: Sendable {
    let pid: pid_t
    private let output: String

    /// Starts the worker `mode` with `words` (`name=value`) and `environment` beside the usual.
    convenience init(
        _ mode: String, _ words: [String], environment: [String: String] = [:], folder: Folder
    ) throws {
        try self.init([Child.program, mode] + words, environment: environment, folder: folder)
    }

    /// Starts a program, whose path is the first of `arguments`.
    init(_ arguments: [String], environment: [String: String], folder: Folder) throws {
        output = folder.path("output-\(UUID().uuidString)")
        var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        variables["SWIFT_BACKTRACE"] = "enable=no"
        pid = try Child.spawn(arguments, variables.map { "\($0.key)=\($0.value)" }, output: output)
    }

    private static func spawn(_ arguments: [String], _ variables: [String], output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream: Int32 in [1, 2] {
            posix_spawn_file_actions_addopen(&actions, stream, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, arguments[0], &actions, nil, &argv, &envp)
        guard status == 0 else { throw Failure(text: "the worker did not start: \(status)") }
        return pid
    }

    /// The folder of what was built: the test bundle's own.
    private static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()
    static let program = products.appendingPathComponent("LedgerWorker").path
    /// The command line, `mohur`.
    static let mohur = products.appendingPathComponent("mohur").path
    /// The library that makes calls fail, for LD_PRELOAD.
    static let injection = products.appendingPathComponent("libFaultInjection.so").path
    static var canInject: Bool { FileManager.default.fileExists(atPath: injection) }

    /// All that it has written so far, errors too.
    var text: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    /// The complete lines that it has written so far.
    var lines: [[Substring]] {
        text.split(separator: "\n").map { $0.split(separator: " ") }
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Waits until it ends; returns how, as `waitpid` tells, or nil when it has not within `limit`.
    @discardableResult
    func end(within limit: Duration = .seconds(60)) async throws -> Int32? {
        let deadline = ContinuousClock.now + limit
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            guard ContinuousClock.now < deadline else { return nil }
            try await Task.sleep(for: .milliseconds(2))
        }
        return status
    }

    func killAndWait() async throws {
        signal(SIGKILL)
        try await end()
    }

    /// Waits until a line begins with `word`; false when none does within `limit`.
    func waits(for word: String, within limit: Duration = .seconds(20)) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while !lines.contains(where: { $0.first == word[...] }) {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(2))
        }
        return true
    }
}

struct Failure: Error {
    let text: String
}

/// A directory of its own, removed with all that is in it when the last reference goes.
final class Folder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("fault-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a ledger in it, closes it and returns its path.
    func makeLedger() async throws -> String {
        let path = path("ledger")
        let ledger = try await Ledger.create(at: path, origin: Origin("records.example.gov/tests"))
        await ledger.close()
        return path
    }
}
