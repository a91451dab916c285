import ArchiveFormat
import Digests
import EventFormat
import Foundation
import Merkle
import Transparency

/// Writes archives as docs/archive.md says, from whatever it is given, right or wrong.
struct ArchiveForge {
    var bundles: [[UInt8]]
    var leaves: [Digest]
    var payloads: [[UInt8]?]
    var checkpoints: [SignedCheckpoint]
    /// Documents that payloads name.
    var documents: [[UInt8]] = []
    let history: History

    /// An archive of `history` that ends with the last of `checkpoints`.
    init(_ history: History, _ checkpoints: [SignedCheckpoint]) throws {
        self.history = history
        self.checkpoints = checkpoints
        bundles = try history.bytes
        leaves = history.leaves
        payloads = history.envelopes.enumerated().map { history.removed.contains($0.offset) ? nil : $0.element }
    }

    func write(to folder: String) throws {
        let size = UInt64(leaves.count)
        for checkpoint in checkpoints {
            let file = ArchiveFile.checkpoint(checkpoint.checkpoint.size)
            try put(checkpoint.bytes, "\(folder)/\(file.path)")
        }
        let contents = try ArchiveContents(
            checkpoints: checkpoints.map { .init(size: $0.checkpoint.size, isTimestamped: false) })
        precondition(contents.size == TreeSize(size), "the last checkpoint covers the archive")
        for number in 0..<contents.bundleCount {
            let range = Int(number) * 256..<min(leaves.count, Int(number + 1) * 256)
            try put(entryBundle(range), "\(folder)/\(contents.entries(number).path)")
            try put(payloadBundle(range), "\(folder)/\(contents.payloads(number).path)")
        }
        var level = leaves
        for number in 0..<contents.levelCount {
            for tile in 0..<contents.tileCount(level: number) {
                let range = Int(tile) * 256..<min(level.count, Int(tile + 1) * 256)
                try put(level[range].flatMap(\.bytes), "\(folder)/\(contents.tile(level: number, index: tile).path)")
            }
            level = stride(from: 0, to: level.count - level.count % 256, by: 256).map { start in
                var tree = CompactRange()
                for hash in level[start..<start + 256] { tree.append(hash) }
                return tree.root
            }
        }
        for document in documents {
            try put(document, "\(folder)/\(ArchiveFile.content(ContentName(of: document.span)).path)")
        }
        try put(keyHistory(size), "\(folder)/\(contents.keyHistory.path)")
        try ArchiveForge.rebag(folder, contents, origin: history.origin.text, root: history.root())
    }

    private func entryBundle(_ range: Range<Int>) -> [UInt8] {
        bundles[range].flatMap { [UInt8(truncatingIfNeeded: $0.count >> 8), UInt8(truncatingIfNeeded: $0.count)] + $0 }
    }

    private func payloadBundle(_ range: Range<Int>) -> [UInt8] {
        payloads[range].flatMap { envelope -> [UInt8] in
            guard let envelope else { return [0xff, 0xff, 0xff, 0xff] }
            let count = UInt32(envelope.count)
            return (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * UInt32($0))) } + envelope
        }
    }

    private func keyHistory(_ size: UInt64) -> [UInt8] {
        var lines: [String] = []
        for (number, entry) in history.entries.enumerated() where entry.stream == .ledger {
            let payload = String(decoding: history.envelopes[number].dropFirst(16), as: UTF8.self)
            lines.append(
                #"{"index":\#(number),"recorded":"\#(entry.recorded)","type":"\#(entry.type)","payload":\#(payload)}"#)
        }
        let head = #"{"format":"mohur/key-history/v1","origin":"\#(history.origin.text)","size":\#(size),"events":["#
        return Array("\(head)\n\(lines.joined(separator: ",\n"))\n]}\n".utf8)
    }

    private func put(_ bytes: [UInt8], _ path: String) throws {
        let url = URL(filePath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}

extension ArchiveForge {
    /// The documents below `folder`, in the order of the manifest.
    private static func documents(in folder: String) throws -> [ArchiveFile] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
        return paths.filter { $0.hasPrefix("data/contents/") }.sorted().compactMap { ArchiveFile(path: $0) }
    }

    /// Makes the tag files of the archive in `folder` fit its files again, as somebody does who may write the folder.
    static func rebag(_ folder: String, _ contents: ArchiveContents, origin: String, root: Digest) throws {
        var (manifest, bytes) = ("", UInt64(0))
        let documents = try documents(in: folder)
        for file in Array(contents) + documents {
            let data = (try? Data(contentsOf: URL(filePath: "\(folder)/\(file.path)"))) ?? Data()
            bytes += UInt64(data.count)
            manifest += "\(SHA256.hash(Array(data).span).hex)  \(file.path)\n"
        }
        let incarnation = EventID(naming: [Array(origin.utf8)], at: .epoch)
        let info = BagInfo(
            date: "2026-11-25", byteCount: bytes, fileCount: contents.fileCount + UInt64(documents.count),
            origin: origin,
            incarnation: "\(incarnation)", description: "forged", agent: "a test", size: contents.size, root: root)
        var tags: [TagManifest.Item] = []
        let files = [
            ("README.txt", Array("an archive\n".utf8)), ("bag-info.txt", info.bytes), ("bagit.txt", Bag.declaration),
            ("manifest-sha256.txt", Array(manifest.utf8)),
        ]
        for (name, bytes) in files {
            try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
            tags.append(.init(file: name, digest: SHA256.hash(bytes.span)))
        }
        try Data(TagManifest(items: tags).bytes).write(to: URL(filePath: "\(folder)/tagmanifest-sha256.txt"))
    }
}
