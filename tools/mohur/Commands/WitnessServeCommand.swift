internal import EventFormat
internal import Processes
internal import Serving
internal import Transparency
internal import Witnessing

extension Command {
    static let witnessServe = Command(
        "witness serve", "Serve a witness until it is interrupted", usage: "DIR [--listen ADDRESS:PORT]",
        details: """
            Answers POST /add-checkpoint and GET /HASH/checkpoint (C2SP tlog-witness), in plain HTTP: put a reverse proxy
            with TLS in front of it. Prints its URL when it is ready, and a line to standard error for each request. At an
            interrupt or a request to terminate it answers what is under way and ends.
            """,
        options: [
            Option(
                "listen", "ADDRESS:PORT",
                "numeric address and port (127.0.0.1:8080); port 0: any that is free; [::1]:8080 for IPv6")
        ], operands: 1...1
    ) { arguments in
        let options = try listening(arguments)
        let witness = try Witness(WitnessFolder(arguments.operands[0])) {
            UInt64(max(0, Timestamp.now.microseconds / 1_000_000))
        }
        let server = try HTTPServer(options, observer: { LogLine.write($0.logLine) }) { request in
            HTTPResponse(
                witness.reply(isPost: request.method == .post, path: request.path, body: request.body))
        }
        ThisProcess.onEndSignal { server.stop() }
        Output.line("\(server.url) serves \(witness.key.name)")
        Output.flush()
        while true { try await Task.sleep(for: .seconds(86_400)) }
    }

    private static func listening(_ arguments: Arguments) throws(UsageError) -> HTTPServerOptions {
        var options = HTTPServerOptions()
        options.port = 8080
        guard let text = arguments.string("listen") else { return options }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw arguments.usage("--listen takes ADDRESS:PORT, such as 127.0.0.1:8080")
        }
        options.port = port
        options.address = String(text[..<colon])
        if options.address.hasPrefix("["), options.address.hasSuffix("]") {
            options.address = String(options.address.dropFirst().dropLast())
        }
        return options
    }
}

extension HTTPResponse {
    fileprivate init(_ answer: HTTPAnswer) {
        var headers: [Header] = []
        if let allowed = answer.allowed { headers.append(Header("Allow", allowed)) }
        // What a witness says holds for the moment.
        headers.append(Header("Cache-Control", "no-store"))
        headers.append(Header("Access-Control-Allow-Origin", "*"))
        self.init(
            answer.status, contentType: answer.contentType, headers: headers, body: answer.body,
            remark: answer.remark)
    }
}

extension HTTPExchange {
    /// When, who, what, the status, how long, and what the witness has to say of it.
    fileprivate var logLine: String {
        let milliseconds = Int(duration / .milliseconds(1))
        let words = "\(Timestamp.now) \(client) \(method) \(path) \(status) \(milliseconds) ms"
        return remark.isEmpty ? words : "\(words) \(remark)"
    }
}
