import Foundation
import Synchronization

/// A running program. Its streams go to files of its folder or to pipes; killed when the last reference goes.
final class Child {
    /// Where one of the standard streams leads.
    enum Stream {
        case null
        case file(String)
        case pipe
    }

    struct SpawnFailure: Error {
        let status: Int32
    }

    /// Held while a pipe is made and while a program is started, which otherwise might inherit the pipe's ends.
    private static let starting = Mutex(())

    let pid: pid_t
    private var status: Int32?
    /// The writing end of the program's standard input, when that is a pipe.
    private(set) var input: Int32?
    /// The reading end of its standard output, when that is a pipe.
    private(set) var output: Int32?
    private var unread: [UInt8] = []

    /// Starts `words`, the first of which is a path, in `directory`. Standard error goes to the file `error`.
    init(
        _ words: [String], in directory: String, input: Stream = .null, output: Stream, error: String,
        environment: [String: String] = [:]
    ) throws {
        let inputEnds = try Child.open(input, reading: true, in: directory)
        let outputEnds = try Child.open(output, reading: false, in: directory)
        let errorEnds = try Child.open(.file(error), reading: false, in: directory)
        self.input = inputEnds.our
        self.output = outputEnds.our
        let theirs = [inputEnds.their, outputEnds.their, errorEnds.their]
        defer { for descriptor in theirs { close(descriptor) } }
        // The system cannot start a program in another directory; a shell goes there and becomes the program.
        let shell = ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, directory]
        pid = try Child.start(shell + words, theirs, environment)
    }

    private static func start(
        _ words: [String], _ streams: [Int32], _ environment: [String: String]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in streams.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
        }
        // A signal that whoever runs the tests ignores or blocks is none of the program's: it starts as from a shell.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var arguments = words.map { strdup($0) } + [nil]
        var settings = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in arguments + settings { free(pointer) } }
        var pid: pid_t = 0
        let result = starting.withLock { _ in
            posix_spawn(&pid, words[0], &actions, &attributes, &arguments, &settings)
        }
        guard result == 0 else { throw SpawnFailure(status: result) }
        return pid
    }

    deinit {
        if status == nil { kill() }
        for descriptor in [input, output] { if let descriptor { close(descriptor) } }
    }

    private static func open(
        _ stream: Stream, reading: Bool, in directory: String
    ) throws -> (their: Int32, our: Int32?) {
        let flags = (reading ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC) | O_CLOEXEC
        switch stream {
        case .null: return (Foundation.open("/dev/null", flags, 0o600), nil)
        case .file(let name): return (Foundation.open("\(directory)/\(name)", flags, 0o600), nil)
        case .pipe:
            var ends: [Int32] = [0, 0]
            let status = starting.withLock { _ in
                let status = pipe(&ends)
                for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
                return status
            }
            guard status == 0 else { throw SpawnFailure(status: errno) }
            return reading ? (ends[0], ends[1]) : (ends[1], ends[0])
        }
    }

    /// Writes text to the program's standard input.
    func write(_ text: String) {
        guard let input else { return }
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.write(input, $0.baseAddress! + offset, $0.count - offset) }
            guard count > 0 else { return }
            offset += count
        }
    }

    func closeInput() {
        if let input { close(input) }
        input = nil
    }

    /// The next line of standard output; nil at its end, or when none comes within `seconds`.
    func line(within seconds: Double = 20) -> String? {
        guard let output else { return nil }
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread.removeFirst(end + 1) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            let left = ContinuousClock.now.duration(to: deadline)
            var request = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard left > .zero, poll(&request, 1, Int32(left.components.seconds * 1000 + 1)) > 0 else { return nil }
            var part = [UInt8](repeating: 0, count: 4096)
            let count = read(output, &part, part.count)
            guard count > 0 else { return nil }
            unread += part[..<count]
        }
    }

    /// Waits for the end and returns the exit code; 128 and the signal's number when a signal ended it; nil when it had
    /// to be killed after `seconds`.
    func wait(within seconds: Double = 120) -> Int32? {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while status == nil {
            var value: Int32 = 0
            if waitpid(pid, &value, WNOHANG) == pid {
                status = value & 0x7f == 0 ? (value >> 8) & 0xff : 128 + (value & 0x7f)
            } else if ContinuousClock.now > deadline {
                kill()
                return nil
            } else {
                usleep(2000)
            }
        }
        return status
    }

    /// Sends a signal.
    func signal(_ number: Int32) {
        if status == nil { Foundation.kill(pid, number) }
    }

    private func kill() {
        Foundation.kill(pid, SIGKILL)
        var value: Int32 = 0
        waitpid(pid, &value, 0)
        status = 128 + SIGKILL
    }
}
