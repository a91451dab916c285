internal import Auditing
internal import EventFormat
internal import Fetching
internal import Files
internal import Glibc
internal import JSON
internal import Threading
internal import Transparency

/// The stand-alone verifier: what `--help` says. Everything that it knows is in `Auditing`.
@main
struct MohurVerify {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            let arguments = try VerifyArguments(Array(CommandLine.arguments.dropFirst()))
            if arguments.wantsHelp { return print(VerifyArguments.help) }
            if arguments.wantsVersion { return print("mohur-verify 0.1.0") }
            exit(try await verify(arguments) ? 0 : 1)
        } catch {
            Terminal.error("mohur-verify: \(error)")
            exit(error is UsageError ? 64 : 2)
        }
    }

    /// Audits and reports; whether all is sound.
    private static func verify(_ arguments: VerifyArguments) async throws -> Bool {
        let auditor = try auditor(arguments)
        let progress = Terminal.Progress()
        let report = try await BlockingPool.shared.run { () throws(AuditError) in
            try auditor.run { progress.show($0.done, of: $0.total) }
        }
        progress.finish()
        print(
            arguments.json ? report.json.text : report.text.escapingForTerminal, terminator: arguments.json ? "\n" : "")
        if let html = arguments.html { try DurableFile.replace(html, with: Array(report.html.utf8).span) }
        return report.verdict.isSound
    }

    private static func auditor(_ arguments: VerifyArguments) throws -> Auditor {
        let policy = try policy(arguments.policy)
        var options = Auditor.Options()
        options.listsAllRecords = arguments.records
        if let anchors = arguments.anchors { options.anchors = try DurableFile.read(anchors, atMost: 1 << 20) }
        let subject = arguments.subject
        if subject.hasPrefix("http://") || subject.hasPrefix("https://") {
            try Fetcher.check(subject)
            return Auditor(tiles: URLSource(subject), named: subject, policy: policy, options: options)
        }
        return try Auditor(folder: subject, policy: policy, options: options)
    }

    private static func policy(_ path: String) throws -> TrustPolicy {
        let bytes = try DurableFile.read(path, atMost: TrustPolicy.maximumByteCount)
        let policy: TrustPolicy
        do throws(TransparencyError) { policy = try TrustPolicy(bytes) } catch {
            throw AuditError(.policy, "the policy \(path): \(error)")
        }
        for warning in policy.warnings() { Terminal.error("mohur-verify: warning: \(warning)") }
        return policy
    }
}
