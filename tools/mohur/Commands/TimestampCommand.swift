internal import Digests
internal import EventFormat
internal import Fetching
internal import Files
internal import JSON
internal import Merkle
internal import Publishing
internal import Timestamping

extension Command {
    static let timestamp = Command(
        "timestamp", "Have an independent authority timestamp a checkpoint",
        usage:
            "LEDGER [--size N] --authority URL --anchors FILE [--json] | LEDGER [--size N] --request FILE [--response FILE --anchors FILE] [--json]",
        details: """
            Sends the authority (RFC 3161) the SHA-256 of the checkpoint of N entries, or of the newest, verifies the answer
            with the certificates of --anchors, and keeps request and answer beside the checkpoint. For an authority that
            is reached by other means, --request writes the request; --response then takes the answer to it.
            mohur checkpoint --list --anchors FILE verifies what is kept.
            """,
        options: [
            Option("size", "N", "the checkpoint of N entries (the newest)"),
            Option("authority", "URL", "where the authority is asked"),
            .anchors, Option("request", "FILE", "write the request here, or read it with --response"),
            Option("response", "FILE", "the authority's answer to --request"), .json,
        ], operands: 1...1
    ) { arguments in
        guard arguments.has("authority") != arguments.has("request") else {
            throw arguments.usage("give one of --authority and --request")
        }
        try TrustFiles.requireLedger(arguments.operands[0])
        let store = CheckpointStore(ledger: arguments.operands[0])
        guard let size = try arguments.size("size") ?? store.sizes().last else {
            throw Failure(
                .refused, "\(arguments.operands[0].escapingControls) has no checkpoint yet (mohur checkpoint)")
        }
        if let file = arguments.string("request"), !arguments.has("response") {
            let request = try store.timestampRequest(size)
            try TrustFiles.write(request.bytes, to: file)
            return report(size, writtenTo: file, json: arguments.json)
        }
        let anchors = try TrustFiles.anchors(try arguments.required("anchors"))
        let (request, response) = try await exchange(store, size, arguments)
        let lock = try store.lock(for: "keeping a timestamp")
        let verified = try store.keep(response, to: request, of: size, anchors: anchors)
        withExtendedLifetime(lock) {}
        guard arguments.json else {
            return Output.line(
                "the checkpoint of \(size.rawValue.counting("entry", "entries")) was seen at \(verified.text) by "
                    + verified.authority.escapingControls)
        }
        var object = JSONObject()
        object.add("entries", size.rawValue)
        object.add("time", verified.text)
        object.add("authority", verified.authority)
        object.add("serial", verified.serial)
        object.add("policy", verified.policy)
        Output.line(object.bytes)
    }

    @MainActor
    private static func report(_ size: TreeSize, writtenTo file: String, json: Bool) {
        guard json else {
            return Output.line(
                "wrote the request for the checkpoint of \(size.rawValue.counting("entry", "entries")) to "
                    + file.escapingControls)
        }
        var object = JSONObject()
        object.add("entries", size.rawValue)
        object.add("request", file)
        Output.line(object.bytes)
    }

    /// The request and the authority's answer to it, from files or over the network.
    private static func exchange(
        _ store: CheckpointStore, _ size: TreeSize, _ arguments: Arguments
    ) async throws -> (TimestampRequest, TimestampResponse) {
        if let file = arguments.string("response") {
            let question = try InputFile.read(try arguments.required("request"), atMost: 4096)
            let answer = try InputFile.read(file, atMost: TimestampResponse.byteLimit)
            do throws(TimestampError) { return (try TimestampRequest(question), TimestampResponse(answer)) } catch {
                throw Failure(.refused, error.reason)
            }
        }
        let request = try store.timestampRequest(size)
        let url = try arguments.required("authority")
        do throws(FetchingError) {
            let answer = try await Fetcher().post(
                url, contentType: "application/timestamp-query", body: request.bytes,
                timeout: .seconds(30), limit: TimestampResponse.byteLimit)
            return (request, TimestampResponse(try answer.body(expecting: 200)))
        } catch {
            throw Failure(.couldNotRun, error.reason.escapingControls)
        }
    }
}
