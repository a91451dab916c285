internal import Digests
internal import EventFormat
internal import Ledger
internal import Processes
internal import Threading
internal import Verifying

extension BenchTask {
    /// How long short work is repeated: half a second.
    private static let leastSeconds = 0.5

    /// Calls `pass` until half a second has gone, at least once; returns how many units a second went through, each
    /// pass having `units` of them.
    private static func rate(_ units: Int, _ pass: () async throws -> Void) async throws -> Double {
        let start = MonotonicTime.now
        var passes = 0
        repeat {
            try await pass()
            passes += 1
        } while MonotonicTime.seconds(since: start) < leastSeconds
        return Double(units * passes) / MonotonicTime.seconds(since: start)
    }

    /// Opens the ledger and goes through it, `pass` by pass.
    private static func going(
        through words: TaskWords, _ ready: Ready, _ pass: (Ledger, _ size: UInt64) async throws -> Void
    ) async throws -> Figures {
        let ledger = try await ledger(words)
        let size = try await ledger.size()
        await ready()
        var figures = Figures()
        figures.add("rate", try await rate(Int(size)) { try await pass(ledger, size) })
        await ledger.close()
        return figures
    }

    /// Every entry, read and decoded where it lies.
    static func scan(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        try await going(through: words, ready) { ledger, size in
            let count = try await ledger.scan(into: UInt64(0)) { count, entry, _ in
                if entry.index.rawValue == count { count += 1 }
            }
            guard count == size else { throw Failure(.refused, "a scan left entries out") }
        }
    }

    /// Every entry, read and decoded into values, without payloads.
    static func scanValues(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        try await going(through: words, ready) { ledger, size in
            var next: EntryIndex = 0
            while next.rawValue < size {
                next = try await ledger.page(from: next, limit: 8192, withPayloads: false).next
            }
        }
    }

    /// Every event, read with its payload and compared with its hashes.
    static func read(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        try await going(through: words, ready) { ledger, size in
            var next: EntryIndex = 0
            while next.rawValue < size { next = try await ledger.page(from: next, limit: 1024).next }
        }
    }

    static func verify(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let verifier = Verifier(directory: try words.text("path"))
        await ready()
        let report = try await BlockingPool.shared.run { try verifier.run() }
        guard report.verdict == .intact else { throw Failure(.refused, "the benchmark's own ledger is not intact") }
        var figures = Figures()
        figures.add(
            "rate",
            try await rate(Int(report.entries)) { _ = try await BlockingPool.shared.run { try verifier.run() } })
        return figures
    }

    /// SHA-256 over as many messages as verifying has for each entry, of the same sizes: envelope, entry, tree node.
    static func hashMessages(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let entry = [UInt8](repeating: 1, count: try words.number("entry"))
        let envelope = [UInt8](repeating: 2, count: try words.number("envelope"))
        await ready()
        var node = Digest.zero
        var figures = Figures()
        figures.add(
            "rate",
            try await rate(10_000) {
                for _ in 0..<10_000 {
                    let digest = Envelope.digest(envelope.span)
                    let leaf = SHA256.hash(prefix: Entry.leafPrefix, entry.span)
                    node = SHA256.hash(prefix: 1, leaf, digest)
                }
            })
        figures.add("check", Double(node.bytes[0]))
        return figures
    }

    /// Opening, until the size is known, in milliseconds: the first time in this process.
    static func open(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let path = try words.text("path")
        await ready()
        let start = MonotonicTime.now
        let ledger = try await Ledger.open(at: path)
        _ = try await ledger.size()
        var figures = Figures()
        figures.add("milliseconds", MonotonicTime.seconds(since: start) * 1e3)
        await ledger.close()
        return figures
    }
}
