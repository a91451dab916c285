import Foundation

/// Mutated inputs for a parser, from a small corpus of right ones: seeded, bounded, the same from the same seed.
///
/// The corpus of a format is the folder Corpus/<format> beside the test file that calls. Rounds: MOHUR_FUZZ_ROUNDS,
/// or 2,000; seed: MOHUR_FUZZ_SEED, or a fresh one; both are printed. A crash ends the test process, and the seed
/// printed before it repeats it.
public struct Fuzz {
    /// The files of the corpus by name, sorted.
    public let corpus: [(name: String, bytes: [UInt8])]

    private let format: String

    /// Reads the corpus of `format`; throws when it is not there or empty.
    public init(_ format: String, beside file: String = #filePath) throws {
        self.format = format
        let folder = URL(filePath: file).deletingLastPathComponent().appending(path: "Corpus/\(format)")
        corpus = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            (name, Array(try Data(contentsOf: folder.appending(path: name))))
        }
        guard !corpus.isEmpty else { throw Empty(description: "the corpus \(folder.path) has no files") }
    }

    /// A corpus without files.
    public struct Empty: Error, CustomStringConvertible {
        public let description: String
    }

    /// What a run found.
    public struct Report {
        /// How many inputs were given to the parser, the corpus included.
        public var rounds = 0
        /// How many of them it took.
        public var accepted = 0
        /// What went wrong, a sentence each with the input in base64; none when all is well.
        public var failures: [String] = []
    }

    /// Gives the corpus and mutations of it to `parse`, which returns what it serialises again or throws.
    ///
    /// A failure is: a file of the corpus that is refused; an input that is taken and comes back as other bytes; an
    /// input that takes more than `seconds`. Stops at the tenth.
    public func run(seconds: Double = 5, _ parse: ([UInt8]) throws -> [UInt8]) -> Report {
        let environment = ProcessInfo.processInfo.environment
        let rounds = environment["MOHUR_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 2_000
        let seed = environment["MOHUR_FUZZ_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
        print("fuzz of \(format): MOHUR_FUZZ_SEED=\(seed) MOHUR_FUZZ_ROUNDS=\(rounds)")
        var report = Report()
        for (name, bytes) in corpus where !check(bytes, seconds, &report, parse) {
            report.failures.append("\(name) of the corpus is refused")
        }
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<rounds where report.failures.count < 10 {
            check(mutation(&generator), seconds, &report, parse)
        }
        return report
    }

    /// Whether `bytes` were taken.
    @discardableResult
    private func check(
        _ bytes: [UInt8], _ seconds: Double, _ report: inout Report, _ parse: ([UInt8]) throws -> [UInt8]
    ) -> Bool {
        report.rounds += 1
        let start = ContinuousClock.now
        let output = try? parse(bytes)
        let input = Data(bytes.prefix(4096)).base64EncodedString()
        if ContinuousClock.now - start > .seconds(seconds) {
            report.failures.append("\(format): more than \(seconds) s for \(input)")
        }
        guard let output else { return false }
        report.accepted += 1
        if output != bytes { report.failures.append("\(format): taken and written as other bytes: \(input)") }
        return true
    }
}

// MARK: - Mutations

extension Fuzz {
    /// A file of the corpus after one to four changes.
    public func mutation(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = seed(&generator)
        for _ in 0..<Int.random(in: 1...4, using: &generator) { change(&bytes, &generator) }
        return bytes
    }

    private func seed(_ generator: inout SeededGenerator) -> [UInt8] {
        corpus[Int.random(in: 0..<corpus.count, using: &generator)].bytes
    }

    private func change(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let start = Int.random(in: 0...bytes.count, using: &generator)
        let length = min(bytes.count - start, Int.random(in: 1...64, using: &generator))
        switch Int.random(in: 0..<9, using: &generator) {
        case 0 where start < bytes.count: bytes[start] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        case 1 where start < bytes.count: bytes[start] = UInt8.random(in: 0...255, using: &generator)
        case 2: bytes.removeSubrange(start..<start + length)
        case 3: bytes.removeSubrange(start...)
        case 4: bytes.insert(contentsOf: bytes[start..<start + length], at: start)
        case 5:
            let other = seed(&generator)
            let cut = Int.random(in: 0...other.count, using: &generator)
            bytes = Array(bytes[..<start]) + other[cut...]
        case 6: repeatLine(at: start, of: &bytes, Int.random(in: 1...130, using: &generator))
        case 7: bytes.insert(contentsOf: Fuzz.morsels.randomElement(using: &generator) ?? [], at: start)
        default: replaceDigit(of: &bytes, from: start, &generator)
        }
    }

    /// Texts that parsers trip over.
    private static let morsels: [[UInt8]] = [
        [0x0a], [0x0a, 0x0a], [0x0d, 0x0a], [0x00], [0x20], [0x09], [0x2b], [0x3d], [0xff], [0xc3], [0xc2, 0xa0],
        [0xe2, 0x80, 0x94, 0x20], [0xe2, 0x80, 0x83], [0xed, 0xa0, 0x80], [0xc2, 0x85],
        Array("18446744073709551616".utf8),
        Array("9223372036854775808".utf8), Array("-1".utf8), Array("00".utf8), Array("====".utf8),
        [UInt8](repeating: 0xff, count: 9),
    ]

    /// Writes the line that begins behind `start` `count` times more.
    private func repeatLine(at start: Int, of bytes: inout [UInt8], _ count: Int) {
        guard bytes.count < 1 << 16, let first = bytes[start...].firstIndex(of: 0x0a) else { return }
        let line = bytes[(first + 1)...].prefix { $0 != 0x0a } + [0x0a]
        guard line.count < 1 << 10 else { return }
        bytes.insert(contentsOf: (0..<count).flatMap { _ in line }, at: first + 1)
    }

    /// Puts another digit in the place of the first one from `start` on.
    private func replaceDigit(of bytes: inout [UInt8], from start: Int, _ generator: inout SeededGenerator) {
        guard let place = bytes[start...].firstIndex(where: { (0x30...0x39).contains($0) }) else { return }
        bytes[place] = UInt8.random(in: 0x30...0x39, using: &generator)
    }
}
