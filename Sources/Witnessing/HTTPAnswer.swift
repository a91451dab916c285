internal import Digests
internal import Transparency

/// A witness's answer as HTTP has it.
public struct HTTPAnswer: Hashable, Sendable {
    public let status: Int
    public let contentType: String
    public let body: [UInt8]
    /// The methods that may be used, when the status is 405.
    public let allowed: String?
    /// For the witness's own log: what was asked and how it ended, in a few words. Holds any character.
    public let remark: String

    static let plainText = "text/plain; charset=utf-8"

    init(
        _ status: Int, _ body: [UInt8], contentType: String = HTTPAnswer.plainText, allowed: String? = nil,
        remark: String = ""
    ) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.allowed = allowed
        self.remark = remark
    }

    init(_ status: Int, _ sentence: String, allowed: String? = nil, remark: String? = nil) {
        self.init(status, Array("\(sentence)\n".utf8), allowed: allowed, remark: remark ?? sentence)
    }

    /// The answer to a request about the log `origin`, nil when the request did not get that far.
    init(_ answer: WitnessAnswer, origin: LogOrigin?) {
        let outcome: String
        var body = answer.body
        switch answer {
        case .cosigned: outcome = "cosigned"
        case .conflict(let latest): outcome = "last cosigned \(latest)"
        case .malformed(let reason), .unsigned(let reason), .unknownLog(let reason), .inconsistent(let reason):
            outcome = reason
        case .failed(_, let reason):
            outcome = reason
            // What went wrong with this machine's files is for its own log.
            body = Array("the witness could not keep the checkpoint, and did not cosign it\n".utf8)
        }
        self.init(
            answer.status, body, contentType: answer.contentType,
            remark: origin.map { "\($0): \(outcome)" } ?? outcome)
    }
}

extension Witness {
    /// Answers a request: `POST /add-checkpoint`, `GET /<SHA-256 of an origin>/checkpoint`, and `GET /`, which shows
    /// who the witness is.
    ///
    /// `isPost` is false for GET and HEAD; `path` is as it was sent.
    public func reply(isPost: Bool, path: String, body: [UInt8]) -> HTTPAnswer {
        if path == "/add-checkpoint" {
            guard isPost else { return HTTPAnswer(405, "add-checkpoint takes POST", allowed: "POST") }
            let (answer, origin) = addCheckpoint(body)
            return HTTPAnswer(answer, origin: origin)
        }
        guard path == "/" || Witness.hash(in: path) != nil else { return HTTPAnswer(404, "there is nothing here") }
        guard !isPost else { return HTTPAnswer(405, "this takes GET", allowed: "GET, HEAD") }
        guard let hash = Witness.hash(in: path) else { return HTTPAnswer(200, "\(key.vkey)", remark: "") }
        guard let checkpoint = last(ofLogWith: hash) else {
            return HTTPAnswer(404, "this witness has cosigned nothing of such a log")
        }
        return HTTPAnswer(200, checkpoint.bytes)
    }

    /// The digest of a path `/<64 lowercase hexadecimal digits>/checkpoint`.
    private static func hash(in path: String) -> Digest? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, parts[2] == "checkpoint", parts[1] == parts[1].lowercased() else {
            return nil
        }
        return Digest(hex: String(parts[1]))
    }
}
