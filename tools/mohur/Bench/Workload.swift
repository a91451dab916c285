internal import EventFormat
internal import Ledger

/// How a benchmark's events are spread over streams.
enum StreamShape: String, CaseIterable, Sendable {
    /// Fifty streams in turn.
    case spread
    /// A new stream each five events.
    case short
    /// One stream.
    case hot
    /// Ten thousand streams, the n-th of which has 1/n of the first one's events.
    case zipf
}

/// The events that the append rows record. Payloads share one buffer; ids, streams and events are new.
struct Workload: Sendable {
    let shape: StreamShape
    private let payload: Payload
    /// Distinguishes the streams of several callers of one ledger.
    private let caller: Int
    private var number = 0
    private var random: UInt64
    private let zipf: [Double]
    /// The names of the fifty streams of ``StreamShape/spread``.
    private let spread: [StreamName]

    static let type = "application.recorded"
    static let source = "https://bench.example.gov/intake"
    static let payloadSizes = 64...Payload.maximumByteCount

    /// `payloadSize` is in bytes.
    init(shape: StreamShape, payloadSize: Int, caller: Int = 0) {
        self.shape = shape
        self.caller = caller
        payload = Workload.payload(payloadSize)
        random = UInt64(caller) &+ 1
        zipf = shape == .zipf ? Workload.zipfSums(10_000) : []
        spread = shape == .spread ? (0..<50).map { Workload.stream($0 + caller) } : []
    }

    /// JSON of exactly `size` bytes, 64 or more.
    static func payload(_ size: Int) -> Payload {
        let head = #"{"kind":"environment","channel":"desk","remark":""#
        let filler = String(repeating: "0123456789abcdef", count: size / 16 + 1)
        return .json(head + filler.prefix(max(0, size - head.utf8.count - 2)) + #""}"#)
    }

    var event: Event { Event(type: Workload.type, source: Workload.source, payload: payload) }

    mutating func next() -> StreamEvent { StreamEvent(event, to: nextStream()) }

    mutating func batch(_ count: Int) -> [StreamEvent] {
        (0..<count).map { _ in next() }
    }

    mutating func nextStream() -> StreamName {
        defer { number += 1 }
        switch shape {
        case .spread: return spread[number % spread.count]
        case .short: return Workload.stream((number / 5) * 1024 + caller % 1024)
        case .hot: return Workload.stream(0)
        case .zipf:
            // The generator MMIX of D. E. Knuth; its high bits are random enough.
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let place = Double(random >> 11) / Double(1 << 53) * (zipf.last ?? 1)
            return Workload.stream(zipf.firstIndex(sorted: place))
        }
    }

    /// The name of the stream `number`, as long as a case's is.
    static func stream(_ number: Int) -> StreamName {
        do throws(FormatError) {
            return try StreamName("application-0198c0de-0000-7000-8000-\(String(number + 100_000_000_000))")
        } catch {
            preconditionFailure("the benchmark's stream name is none: \(error)")
        }
    }

    /// The sums 1/1 + … + 1/n for n from 1 to `count`.
    private static func zipfSums(_ count: Int) -> [Double] {
        var sum = 0.0
        return (1...count).map { number in
            sum += 1 / Double(number)
            return sum
        }
    }
}

extension [Double] {
    /// The first index whose value is not less than `value`, in a sorted array; the last when all are less.
    fileprivate func firstIndex(sorted value: Double) -> Int {
        var range = 0..<Swift.max(0, count - 1)
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            range = self[middle] < value ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}
