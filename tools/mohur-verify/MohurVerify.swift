internal import Auditing
internal import Digests
internal import EventFormat
internal import Fetching
internal import Files
internal import Glibc
internal import JSON
internal import Processes
internal import Threading
internal import Transparency

/// The stand-alone verifier: what `--help` says. Everything that it knows is in `Auditing`.
@main
struct MohurVerify {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            let arguments = try VerifyArguments(try words())
            if arguments.wantsHelp { return try Terminal.output(VerifyArguments.help + "\n") }
            if arguments.wantsVersion { return try Terminal.output("mohur-verify 0.1.0\n") }
            exit(try await verify(arguments) ? 0 : 1)
        } catch let error as UsageError {
            Terminal.error("mohur-verify: \(error)")
            exit(64)
        } catch {
            Terminal.error("mohur-verify: \("\(error)".escapingControls)")
            exit(2)
        }
    }

    private static func words() throws(UsageError) -> [String] {
        do throws(ProcessError) { return try ThisProcess.words() } catch {
            throw UsageError(error.reason.escapingControls)
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
        try Terminal.output(arguments.json ? report.json.text + "\n" : report.text.escapingForTerminal)
        if let html = arguments.html { try OutputFile.write(Array(report.html.utf8).span, to: html) }
        return report.verdict.isSound
    }

    private static func auditor(_ arguments: VerifyArguments) throws -> Auditor {
        try checkPage(arguments)
        var options = Auditor.Options()
        let policy = try policy(arguments.policy, &options)
        options.known = arguments.known
        options.listsAllRecords = arguments.records
        if let path = arguments.anchors {
            let anchors = try InputFile.read(path, atMost: 4 << 20)
            guard String(decoding: anchors, as: UTF8.self).contains("CERTIFICATE-----") else {
                throw AuditError(.policy, "\(path) has no certificate in it (PEM); give those of the authorities")
            }
            options.anchors = anchors
        }
        let subject = arguments.subject
        if subject.hasPrefix("http://") || subject.hasPrefix("https://") {
            try Fetcher.check(subject)
            return Auditor(tiles: URLSource(subject), named: subject, policy: policy, options: options)
        }
        return try Auditor(folder: subject, policy: policy, options: options)
    }

    /// The page must not be written among the files that it is about.
    private static func checkPage(_ arguments: VerifyArguments) throws {
        guard let html = arguments.html, let page = try? Folder.resolved(Folder.parent(of: html)),
            let subject = try? Folder.resolved(arguments.subject)
        else { return }
        guard page != subject, !page.hasPrefix(subject + "/") else {
            throw UsageError("--html names a file in \(arguments.subject.escapingControls), which is being verified")
        }
    }

    private static func policy(_ path: String, _ options: inout Auditor.Options) throws -> TrustPolicy {
        let bytes = try InputFile.read(path, atMost: TrustPolicy.maximumByteCount)
        options.policyDigest = SHA256.hash(bytes.span)
        let policy: TrustPolicy
        do throws(TransparencyError) { policy = try TrustPolicy(bytes) } catch {
            throw AuditError(.policy, "the policy \(path): \(error)")
        }
        for warning in policy.warnings() { Terminal.error("mohur-verify: warning: \(warning)") }
        return policy
    }
}
