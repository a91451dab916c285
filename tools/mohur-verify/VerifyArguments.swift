internal import Digests

/// The words of the command line.
struct VerifyArguments: Sendable {
    static let help = """
        usage: mohur-verify ARCHIVE|TILES-DIR|URL --policy P [--known SIZE:ROOT]… [--anchors PEM] [--records] [--json]
            [--html FILE]

        Recompute a published ledger and say of each record what was found.

        ARCHIVE is the folder of a bag that mohur archive wrote, TILES-DIR one that mohur publish wrote, URL (http or
        https) where such a folder is served. Everything is recomputed from the bytes: entries, payloads, hashes, chain,
        streams, tree, signatures; and compared with the checkpoint, which must be signed by a log of the policy and by
        its quorum of witnesses. Needs no ledger, no database and no trust in whoever keeps the files.

        Options:
          --policy P     whom to trust: logs, witnesses and quorum, as text (C2SP tlog-policy); required
          --known SIZE:ROOT
                         the ledger once had SIZE entries and this root (hex), as a checkpoint or receipt that you kept
                         says; may be repeated
          --anchors PEM  certificates of timestamp authorities to trust; without, timestamps are not checked
          --records      list every record, intact ones too
          --json         print the report as JSON
          --html FILE    also write the report as a page for people
          --help         show this text
          --version      show the version

        Exit codes: 0 sound (intact, or what is gone is gone under a recorded event); 1 not sound; 2 could not run; 64
        usage.
        """

    var subject = ""
    var policy = ""
    var anchors: String?
    var known: [(size: UInt64, root: Digest)] = []
    var html: String?
    var json = false
    var records = false
    var wantsHelp = false
    var wantsVersion = false

    init(_ words: [String]) throws(UsageError) {
        var operands: [String] = []
        var rest = words[...]
        var onlyOperands = false
        while let word = rest.popFirst() {
            if onlyOperands || !word.hasPrefix("-") {
                operands.append(word)
            } else if word == "--" {
                onlyOperands = true
            } else {
                try take(word, &rest)
            }
        }
        guard !wantsHelp, !wantsVersion else { return }
        guard operands.count == 1 else {
            throw UsageError("one archive, folder of tiles or URL is needed; \(operands.count) were given")
        }
        guard !policy.isEmpty else {
            throw UsageError("--policy is missing: the file that says which log and which witnesses to trust")
        }
        subject = operands[0]
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch parts[0] {
        case "--policy": policy = try value(parts, &rest)
        case "--known": known.append(try root(value(parts, &rest)))
        case "--anchors": anchors = try value(parts, &rest)
        case "--html": html = try value(parts, &rest)
        case "--json" where parts.count == 1: json = true
        case "--records" where parts.count == 1: records = true
        case "--help" where parts.count == 1, "-h" where parts.count == 1: wantsHelp = true
        case "--version" where parts.count == 1: wantsVersion = true
        default: throw UsageError("there is no option \(word.debugDescription)")
        }
    }

    private func root(_ text: String) throws(UsageError) -> (size: UInt64, root: Digest) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let size = UInt64(parts[0]), size > 0, let root = Digest(hex: String(parts[1])) else {
            throw UsageError("--known takes SIZE:ROOT, such as 8577:5f3a… (64 hexadecimal digits)")
        }
        return (size, root)
    }

    private func value(_ parts: [String], _ rest: inout ArraySlice<String>) throws(UsageError) -> String {
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), !value.isEmpty else {
            throw UsageError("\(parts[0]) needs a value")
        }
        return value
    }
}

/// The command line was not as `--help` says.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ problem: String) {
        description = "\(problem)\ntry: mohur-verify --help"
    }
}
