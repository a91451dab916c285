internal import Digests
internal import EventFormat
internal import Files
internal import JSON
internal import Merkle
internal import Signing
internal import Transparency

/// Files that the commands of trust read and write.
enum TrustFiles {
    /// Reads a policy (tlog-policy).
    static func policy(_ path: String) throws -> TrustPolicy {
        let bytes = try DurableFile.read(path, atMost: TrustPolicy.maximumByteCount)
        do throws(TransparencyError) { return try TrustPolicy(bytes) } catch {
            throw Failure(.refused, "\(path.escapingControls): \(error)")
        }
    }

    /// Says on standard error what deserves a word about the policy; `logKeys` are keys that logs are known to have.
    @MainActor
    static func warn(of policy: TrustPolicy, logKeys: [PublicKey] = []) {
        for warning in policy.warnings(logKeys: logKeys) { Output.error("mohur: warning: \(warning)") }
    }

    /// Writes a result to the file that `--output` names, which is replaced.
    static func write(_ bytes: [UInt8], to path: String) throws {
        try DurableFile.replace(path, with: bytes.span)
    }
}

extension Option {
    static let output = Option("output", "FILE", "the file to write, also -o (required)")
    static let policy = Option("policy", "FILE", "which logs and witnesses are trusted (tlog-policy)")
    static let anchors = Option("anchors", "FILE", "the certificates that timestamp authorities lead to (PEM)")
}

extension Arguments {
    /// A tree's size.
    func size(_ name: String) throws(UsageError) -> TreeSize? { try number(name).map { TreeSize($0) } }
}

extension Timestamp {
    /// Seconds since 1970 as a time, or as a number when they lie beyond the years that are written.
    static func text(seconds: UInt64) -> String {
        guard seconds <= UInt64(latest.microseconds / 1_000_000) else { return "second \(seconds)" }
        let time = try? Timestamp(microseconds: Int64(seconds) * 1_000_000)
        return time?.description ?? "second \(seconds)"
    }
}

extension PolicyResult {
    /// A line for each witness that cosigned.
    var lines: [String] {
        cosignatures.map { "cosigned by \("\($0.name)".escapingControls) at \(Timestamp.text(seconds: $0.time))" }
    }

    /// The witnesses that cosigned, for machines.
    var cosignatureList: JSONArray {
        var list = JSONArray()
        for cosignature in cosignatures {
            var item = JSONObject()
            item.add("witness", "\(cosignature.name)")
            item.add("time", Timestamp.text(seconds: cosignature.time))
            list.append(item)
        }
        return list
    }
}
