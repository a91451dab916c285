internal import Contents
internal import Digests
internal import EventFormat
internal import Files
internal import JSON
internal import Ledger

extension Command {
    static let contentAdd = Command(
        "content add", "Store documents that events are to name", usage: "LEDGER FILE… [--json]",
        details: """
            Stores each file once, by its SHA-256, and prints the name by which payloads of JSON refer to it:
            {"content":"ni:///sha-256;…"}, at whatever depth. Store a document before the event that names it: an append
            whose document is not there is refused.
            """,
        options: [.json], operands: 2...10_000
    ) { arguments in
        let ledger = try await Ledger.openForWriting(arguments.operands[0])
        for file in arguments.operands.dropFirst() {
            try refusePrivateKey(file)
            let stored = try await ledger.store(contentOf: file)
            show(stored.name, stored.byteCount, isNew: stored.isNew, file, arguments)
        }
        await ledger.close()
    }

    static let contentName = Command(
        "content name", "Print the names that files have as contents", usage: "FILE… [--json]",
        details: "Stores nothing and needs no ledger: for comparing a document with the one that a payload names.",
        options: [.json], operands: 1...10_000
    ) { arguments in
        for file in arguments.operands {
            let (name, byteCount) = try await BlockingCall.run { () throws(FileError) in
                try ContentStore.measure(file: file)
            }
            show(name, byteCount, file, arguments)
        }
    }

    static let contentList = Command(
        "content list", "List the documents that a ledger has", usage: "LEDGER [--json]",
        options: [.json], operands: 1...1
    ) { arguments in
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        for item in try await ledger.contents() {
            switch item {
            case .foreign(let path): Output.error("mohur: \(path) is not the file of a content")
            case .content(let name, let byteCount):
                guard arguments.json else {
                    Output.line("\(name)  \(byteCount.counting("byte", "bytes"))")
                    continue
                }
                var object = JSONObject()
                object.add("content", name.text)
                object.add("bytes", byteCount)
                Output.line(object.bytes)
            }
        }
        await ledger.close()
    }

    static let contentGet = Command(
        "content get", "Write a document to a file, or to standard output", usage: "LEDGER NAME [--output FILE]",
        details: """
            NAME is ni:///sha-256;… as payloads have it, or 64 hexadecimal digits. The bytes are compared with the name:
            a document that was altered is not written, or to standard output with exit code 1.
            """,
        options: [Option("output", "FILE", "the file to write, also -o; without it, standard output")],
        operands: 2...2
    ) { arguments in
        let name = try arguments.contentName(1)
        let ledger = try await Ledger.openForReading(arguments.operands[0])
        if let output = arguments.string("output") {
            try await ledger.copy(content: name, to: place(output))
        } else {
            try await print(name, try await ledger.reader(ofContent: name))
        }
        await ledger.close()
    }

    static let contentRemove = Command(
        "content remove", "Remove documents, and record by whose authority",
        usage:
            "LEDGER NAME… --authority TEXT [--schedule TEXT] [--lost] --key KEY [--passphrase-file F] [--json]",
        details: """
            Records content.removed, signed by an authority key, and then removes the files; entries and payloads stay as
            they are. What was interrupted is finished by doing it again. Copies elsewhere, backups and archives, lose the
            documents when they are next brought up to date; what a disk keeps of a removed file is the disk's.
            """,
        options: [
            Option("authority", "TEXT", "by whose authority, for everybody to read (required)"),
            Option("schedule", "TEXT", "the retention schedule and its rule, when it is that"),
            Option(flag: "lost", "also record documents that the ledger does not have any more"), .authorityKey,
            .passphrase,
            .json,
        ], operands: 2...10_000
    ) { arguments in
        let authority = try arguments.required("authority")
        let signer = try arguments.requiredSigner()
        let names = try (1..<arguments.operands.count).map { try arguments.contentName($0) }
        let ledger = try await Ledger.openForWriting(arguments.operands[0])
        let count = try await ledger.remove(
            contents: names, authority: authority, schedule: arguments.string("schedule"),
            includingLost: arguments.has("lost"), signedBy: signer)
        let history = try await ledger.keyHistory()
        await ledger.close()
        let report = TrustReport(json: arguments.json)
        for name in names {
            report.show(history.removal(of: name), of: name.text) { $0.add("content", name.text) }
        }
        report.showMissing(of: Set(names).count, removed: count)
    }

    /// Throws for a private key: it must not come into a ledger, and so not into its archives.
    private static func refusePrivateKey(_ file: String) throws {
        var head: [UInt8] = []
        if let reader = try? FileReader(Folder.resolved(file)) { try reader.read(64, at: 0, into: &head) }
        let line = String(decoding: head.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard line.hasPrefix("-----BEGIN "), line.contains("PRIVATE KEY-----") else { return }
        throw Failure(
            .refused, "\(file.escapingControls) holds a private key (PEM), which never goes into a ledger")
    }

    /// Where a document is written that is to stand at `path`. Throws for what may not be replaced.
    private static func place(_ path: String) throws -> String {
        try TrustFiles.checkReplaceable(path)
        if Folder.isFile(path) { return try Folder.resolved(path) }
        guard try Folder.kind(of: path) == nil else {
            throw Failure(
                .refused, "\(path.escapingControls) is no regular file; leave --output out for standard output")
        }
        return path
    }

    /// Prints a document part by part. Throws behind the last when its bytes are not those that its name says.
    @MainActor
    private static func print(_ name: ContentName, _ reader: FileReader) async throws {
        var hash = RunningSHA256()
        var offset: UInt64 = 0
        while offset < reader.size {
            let start = offset
            let part = try await BlockingCall.run { () throws(FileError) in
                var part: [UInt8] = []
                try reader.read(1 << 18, at: start, into: &part)
                return part
            }
            guard !part.isEmpty else { break }
            hash.add(part.span)
            offset += UInt64(part.count)
            Output.text(part)
            Output.flush()
        }
        guard hash.digest() != name.digest else { return }
        throw Failure(.refused, "\(reader.path) is damaged: its bytes are not \(name); store the document again")
    }

    @MainActor
    private static func show(
        _ name: ContentName, _ byteCount: UInt64, isNew: Bool? = nil, _ file: String, _ arguments: Arguments
    ) {
        guard arguments.json else { return Output.line("\(name)  \(file.escapingControls)") }
        var object = JSONObject()
        object.add("content", name.text)
        object.add("sha256", name.digest.hex)
        object.add("bytes", byteCount)
        object.add("file", file)
        if let isNew { object.add("new", isNew) }
        Output.line(object.bytes)
    }
}

extension Arguments {
    /// The content that the operand `place` names.
    fileprivate func contentName(_ place: Int) throws(UsageError) -> ContentName {
        let text = operands[place]
        if let name = ContentName(text) { return name }
        if let digest = Digest(hex: text) { return ContentName(digest) }
        throw usage("\(text.escapingControls) is no name of a content; write ni:///sha-256;… or 64 hexadecimal digits")
    }
}
