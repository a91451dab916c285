public import Transparency

/// The logs that a witness knows: a vkey a line, or `log <vkey> [url]` as in trust policies. Empty lines and lines that
/// begin with `#` count for nothing.
///
/// A log may have several keys, a line each, while it changes from one to the next: each may sign. Logs are told apart
/// by origin, not by key: what a log signs names its origin, so one key may serve several logs of an operator.
public struct LogList: Hashable, Sendable {
    /// The most bytes that are read.
    public static let maximumByteCount = 16 << 20

    /// A log by its origin, which is the name of its keys.
    public struct Log: Hashable, Sendable {
        public let origin: LogOrigin
        public let keys: [NoteKey]
    }

    /// In the order of their first lines.
    public let logs: [Log]

    /// Throws `invalid` for a line that is none of these, a key that is not of the type Ed25519 (1), and a vkey
    /// that stands twice.
    public init(_ bytes: [UInt8]) throws(WitnessError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw WitnessError(.invalid, "the list of logs is not UTF-8")
        }
        var keys: [LogOrigin: [NoteKey]] = [:]
        var order: [LogOrigin] = []
        var seen: Set<NoteKey> = []
        for (offset, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard first == "log" ? (2...3).contains(words.count) : words.count == 1 else {
                throw WitnessError(
                    .invalid, "the list of logs, line \(offset + 1): write a vkey, or \"log\", a vkey and perhaps a URL"
                )
            }
            let key = try LogList.key(String(first == "log" ? words[1] : first), line: offset + 1)
            guard seen.insert(key).inserted else {
                throw WitnessError(.invalid, "the list of logs, line \(offset + 1): this key stands there twice")
            }
            let origin = try LogList.origin(of: key)
            if keys[origin] == nil { order.append(origin) }
            keys[origin, default: []].append(key)
        }
        logs = order.map { Log(origin: $0, keys: keys[$0] ?? []) }
    }

    /// The origin of the log that has this key.
    public static func origin(of key: NoteKey) throws(WitnessError) -> LogOrigin {
        do throws(TransparencyError) { return try LogOrigin("\(key.name)") } catch {
            throw WitnessError(.invalid, error.reason)
        }
    }

    /// Throws `invalid` when one of the keys is the witness's `own`.
    static func check(_ keys: [NoteKey], against own: NoteKey) throws(WitnessError) {
        for key in keys where key.wrapsSameKey(as: own) {
            throw WitnessError(.invalid, "the key of \(key.name) is this witness's own: no log may have it")
        }
    }

    /// The key of a log that `vkey` tells. Throws `invalid`, also for keys of other types than Ed25519 (1).
    public static func key(_ vkey: String, line: Int? = nil) throws(WitnessError) -> NoteKey {
        let place = line.map { "the list of logs, line \($0): " } ?? ""
        let key: NoteKey
        do throws(TransparencyError) { key = try NoteKey(vkey: vkey) } catch {
            throw WitnessError(.invalid, place + error.reason)
        }
        guard key.type == .ed25519 else {
            throw WitnessError(
                .invalid,
                "\(place)the key of \(key.name) has the type \(key.type); a log's key has the type 1 (Ed25519)")
        }
        return key
    }
}
