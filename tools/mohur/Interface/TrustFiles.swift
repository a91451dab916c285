internal import Digests
internal import EventFormat
internal import Files
internal import JSON
internal import Merkle
internal import Signing
internal import StoreFormat
internal import Transparency

/// Files that the commands of trust read and write.
enum TrustFiles {
    /// Reads a policy (tlog-policy).
    static func policy(_ path: String) throws -> TrustPolicy {
        let bytes = try InputFile.read(path, atMost: TrustPolicy.maximumByteCount)
        do throws(TransparencyError) { return try TrustPolicy(bytes) } catch {
            throw Failure(.refused, "\(path.escapingControls): \(error)")
        }
    }

    /// Says on standard error what deserves a word about the policy; `logKeys` are keys that logs are known to have.
    @MainActor
    static func warn(of policy: TrustPolicy, logKeys: [PublicKey] = []) {
        for warning in policy.warnings(logKeys: logKeys) { Output.error("mohur: warning: \(warning)") }
    }

    /// Reads the certificates (PEM) that `--anchors` names.
    static func anchors(_ path: String) throws -> [UInt8] {
        let bytes = try InputFile.read(path, atMost: 4 << 20)
        guard String(decoding: bytes, as: UTF8.self).contains("CERTIFICATE-----") else {
            throw Failure(
                .refused, "\(path.escapingControls) has no certificate in it (PEM); give those of the authorities")
        }
        return bytes
    }

    /// Writes a result to the file that `--output` names. Refuses to replace what cannot be made again: files of a
    /// ledger, and keys.
    static func write(_ bytes: [UInt8], to path: String) throws {
        try checkReplaceable(path)
        try OutputFile.write(bytes.span, to: path)
    }

    /// Throws when `path` is that of a file that cannot be made again.
    static func checkReplaceable(_ path: String) throws {
        try refuseLedger(of: path)
        let isKey = Folder.isFile(path) && (try? DurableFile.read(path, atMost: 1 << 16))?.starts(with: pemHead) == true
        guard !isKey else {
            throw Failure(
                .refused, "\(path.escapingControls) holds a key or a certificate (PEM); choose another name")
        }
    }

    /// Runs `body`, which makes the folder `path`; when it fails, a folder that it made and has nothing in is removed.
    @MainActor
    static func leavingNoEmptyFolder<R: Sendable>(
        _ path: String, _ body: @MainActor () async throws -> R
    ) async throws -> R {
        let wasThere = try Folder.kind(of: path) != nil
        do { return try await body() } catch {
            if !wasThere { _ = try? Folder.removeIfEmpty(path) }
            throw error
        }
    }

    /// Throws when there is no ledger in the directory `path`, for commands that need only what lies beside its data.
    static func requireLedger(_ path: String) throws {
        let file = "\(path)/\(StoreLayout.dataFileName)"
        guard try Folder.kind(of: file) != nil else {
            throw Failure(
                .couldNotRun, "there is no ledger at \(path.escapingControls) (no \(StoreLayout.dataFileName))")
        }
    }

    /// Throws when `path` is to stand in the directory of a ledger, where nothing else belongs.
    static func refuseLedger(of path: String) throws {
        guard isWithinLedger((try? Folder.resolved(path)) ?? path) else { return }
        throw Failure(
            .refused,
            "\(path.escapingControls) would stand in the directory of a ledger, which is for the ledger alone; choose "
                + "another place")
    }

    /// Whether a ledger's directory is among the three folders above `path`: its files lie no deeper (contents/ab/…).
    private static func isWithinLedger(_ path: String) -> Bool {
        var folder = path
        for _ in 0..<3 {
            folder = Folder.parent(of: folder)
            if Folder.isFile("\(folder)/\(StoreLayout.dataFileName)") { return true }
        }
        return false
    }

    private static let pemHead = Array("-----BEGIN ".utf8)
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
