internal import Digests
internal import EventFormat
internal import Files
internal import JSON
internal import Merkle
internal import Transparency

extension Command {
    static let check = Command(
        "check", "Check a receipt against a policy, without the ledger",
        usage: "FILE --policy FILE [--entry FILE] [--payload FILE] [--json]",
        details: """
            Reads what mohur prove has written, and .tlog-proof files of other logs. The policy (C2SP tlog-policy) names the
            logs and witnesses that you trust; it decides how many witnesses must have cosigned. Nobody is asked. Exits
            with 0 when the receipt holds and with 1 when it does not.
            """,
        options: [
            .policy, Option("entry", "FILE", "the entry's bytes, where the receipt does not hold them"),
            Option("payload", "FILE", "the payload's envelope, to be compared with the entry"), .json,
        ], operands: 1...1
    ) { arguments in
        let policy = try TrustFiles.policy(try arguments.required("policy"))
        TrustFiles.warn(of: policy)
        let bytes = try InputFile.read(arguments.operands[0], atMost: RecordHistory.maximumByteCount)
        let (entry, payload) = (try file("entry", arguments), try file("payload", arguments))
        let verdict: ReceiptVerdict
        do throws(ReceiptRefusal) {
            verdict = try ReceiptVerdict(bytes, policy, entry: entry, payload: payload)
        } catch {
            let isUsage = [ReceiptRefusal.notApplicable, ReceiptRefusal.noEntry].contains(error.code)
            guard !isUsage else { throw arguments.usage(error.reason) }
            guard error.code != ReceiptRefusal.noReceipt || arguments.json else {
                throw Failure(.refused, "\(arguments.operands[0].escapingControls) \(error.reason)")
            }
            guard arguments.json else { throw Failure(.refused, "THE RECEIPT DOES NOT HOLD: \(error.reason)") }
            var object = JSONObject()
            object.add("verdict", "refused")
            object.add("code", error.code)
            object.add("reason", error.reason)
            Output.line(object.bytes)
            throw Failure(.refused)
        }
        if arguments.json { Output.line(verdict.json.bytes) } else { verdict.lines.forEach { Output.line($0) } }
    }

    private static func file(_ name: String, _ arguments: Arguments) throws -> [UInt8]? {
        try arguments.string(name).map { try InputFile.read($0, atMost: Envelope.maximumByteCount) }
    }
}
