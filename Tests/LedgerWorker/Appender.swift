import Glibc
import Ledger
import Signing

/// Appends events one at a time and says of each what became of it:
///
/// - `S number`: it is about to be appended;
/// - `A number id stream revision index repeated`: it is acknowledged;
/// - `E number code`: it is not;
/// - `C revision`, `X`: the shared counter was moved on to `revision`, or somebody else was first.
struct Appender: Sendable {
    let ledger: Ledger
    let arguments: Arguments
    /// Signs all but the shared counter's events; nil: they go unsigned.
    let signer: PrivateKey?

    private var seed: Int { arguments.number("seed") }

    /// `tasks` tasks append `count` events each (0: for ever), from `from` on; first those of `retry`.
    func run() async throws {
        for number in arguments.numbers("retry") { try await append(number) }
        let count = arguments.number("count")
        let start = arguments.number("from")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<arguments.number("tasks", or: 1) {
                group.addTask {
                    var step = 0
                    while count == 0 || step < count {
                        try await append(task * 1_000_000 + start + step)
                        if task < arguments.number("counter") { try await moveCounter() }
                        step += 1
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Appends until it is acknowledged, at most `tries` times.
    private func append(_ number: Int) async throws {
        let item = try WorkerEvent(seed: seed, number: number, fill: arguments.number("fill"))
        for _ in 0..<arguments.number("tries", or: 1) {
            Output.line("S \(number)")
            do throws(LedgerError) {
                let place = try await ledger.append([item.event], to: item.stream, signedBy: signer)[0]
                Output.traceAcknowledgement()
                let words = "\(place.id) \(place.stream) \(place.revision) \(place.index) \(place.repeated)"
                return Output.line("A \(number) \(words)")
            } catch {
                Output.line("E \(number) \(error.code)")
                if arguments.number("lift") > 0 { Limits.liftFileSize() }
                try await Task.sleep(for: .milliseconds(arguments.number("wait")))
            }
        }
    }

    private func moveCounter() async throws {
        let stream: StreamName = "counter-all"
        let head = try await ledger.head(of: stream)
        let event = Event(type: "counter.moved", source: "urn:worker:\(seed)")
        do throws(LedgerError) {
            let expectation = head.map { Expectation.revision($0) } ?? .none
            let place = try await ledger.append([event], to: stream, expecting: expectation)[0]
            Output.line("C \(place.revision)")
        } catch {
            guard error.code == .expectationFailed else { throw error }
            Output.line("X")
        }
    }
}

/// The process's own limits.
enum Limits {
    /// Makes writes behind `bytes` of any file fail, instead of ending the process.
    static func setFileSize(_ bytes: Int) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t.max)
        let status = setrlimit(__rlimit_resource_t(1), &limit)
        precondition(status == 0, "the file size could not be limited")
    }

    static func liftFileSize() {
        var limit = rlimit(rlim_cur: rlim_t.max, rlim_max: rlim_t.max)
        _ = setrlimit(__rlimit_resource_t(1), &limit)
    }
}
