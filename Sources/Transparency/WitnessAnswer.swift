public import Merkle

/// What a witness answers to a checkpoint (C2SP tlog-witness v1.0.0, "add-checkpoint").
public enum WitnessAnswer: Hashable, Sendable {
    /// 200: signature lines, at least one. Whether they hold is not known yet.
    case cosigned([NoteSignature])
    /// 400: the request is malformed, or its old size is larger than the checkpoint's.
    case malformed(String)
    /// 403: no trusted key of the log signed, or a signature does not hold.
    case unsigned(String)
    /// 404: the witness does not know the log.
    case unknownLog(String)
    /// 409: the witness knows another size, 0 when none; ask again with a proof from there.
    case conflict(latest: TreeSize)
    /// 422: the checkpoint does not continue what the witness knows; a fork, unless the proof is wrong.
    case inconsistent(String)
    /// Any other status.
    case failed(status: Int, String)
}

// MARK: - Writing

extension WitnessAnswer {
    /// The media type of the body of a 409.
    public static let sizeType = "text/x.tlog.size"

    /// The HTTP status.
    public var status: Int {
        switch self {
        case .cosigned: 200
        case .malformed: 400
        case .unsigned: 403
        case .unknownLog: 404
        case .conflict: 409
        case .inconsistent: 422
        case .failed(let status, _): status
        }
    }

    /// The value of the header Content-Type.
    public var contentType: String {
        if case .conflict = self { WitnessAnswer.sizeType } else { "text/plain; charset=utf-8" }
    }

    /// The body: signature lines, a size, or a sentence, with a newline at the end.
    public var body: [UInt8] {
        switch self {
        case .cosigned(let lines): lines.flatMap(\.line)
        case .conflict(let latest): Array("\(latest)\n".utf8)
        case .malformed(let reason), .unsigned(let reason), .unknownLog(let reason), .inconsistent(let reason),
            .failed(_, let reason):
            Array("\(reason)\n".utf8)
        }
    }
}

// MARK: - Reading

extension WitnessAnswer {
    /// The most bytes of an answer, 128 KiB.
    public static let maximumByteCount = 128 << 10

    /// Reads an answer.
    ///
    /// A 409 without a size is how some witnesses tell of another root: it is read as ``inconsistent(_:)``. The media
    /// type is not asked for. Reasons are shortened and their controls written out. Throws `malformedAnswer` when
    /// status 200 comes without signature lines or 409 with a body that is no size, and `tooLarge`.
    public init(status: Int, body: [UInt8]) throws(TransparencyError) {
        guard body.count <= WitnessAnswer.maximumByteCount else {
            throw TransparencyError(
                .tooLarge, "the answer has \(body.count) bytes; at most \(WitnessAnswer.maximumByteCount) are allowed")
        }
        let reason = quoted(body.prefix { $0 != newline })
        switch status {
        case 200: self = .cosigned(try WitnessAnswer.readLines(body))
        case 400: self = .malformed(reason)
        case 403: self = .unsigned(reason)
        case 404: self = .unknownLog(reason)
        case 409: self = try WitnessAnswer.readConflict(body)
        case 422: self = .inconsistent(reason)
        default: self = .failed(status: status, reason)
        }
    }

    private static func readLines(_ body: [UInt8]) throws(TransparencyError) -> [NoteSignature] {
        let lines: [NoteSignature]
        do throws(TransparencyError) { lines = try SignedNote.signatureLines(body) } catch {
            throw TransparencyError(.malformedAnswer, "the witness cosigned unreadably: \(error.reason)")
        }
        guard !lines.isEmpty else {
            throw TransparencyError(.malformedAnswer, "the witness says that it cosigned and sends no cosignature")
        }
        return lines
    }

    private static func readConflict(_ body: [UInt8]) throws(TransparencyError) -> WitnessAnswer {
        guard !body.isEmpty else { return .inconsistent("status 409 without a size: the roots differ") }
        guard body.last == newline, let size = UInt64(decimal: body.dropLast()) else {
            throw TransparencyError(
                .malformedAnswer, "the witness knows another size, and \(quoted(body)) is not one with its newline")
        }
        return .conflict(latest: TreeSize(size))
    }
}

// MARK: - Taking cosignatures

extension SignedCheckpoint {
    /// The checkpoint with those of `lines` that are cosignatures of it by `witnesses`.
    ///
    /// Lines of strangers are left out. Throws `badSignature` when a line of one of `witnesses` does not hold,
    /// `noKnownSignature` when none is left, `unsupportedAlgorithm` when those that are left out are of a type that
    /// this library cannot verify, `ambiguousKey`, and `tooLarge`.
    public func adding(
        _ lines: [NoteSignature], by witnesses: [NoteKey]
    ) throws(TransparencyError) -> SignedCheckpoint {
        let answer = try SignedNote(text: note.text, signatures: lines)
        _ = try answer.verified(by: witnesses)
        let held = try answer.verifiedSignatures(by: witnesses).map(\.signature)
        return try SignedCheckpoint(note.adding(held))
    }
}
