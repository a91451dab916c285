import ArchiveFormat
import Archiving
import Digests
import EventFormat
import EventLog
import Foundation
import Ledger
import Merkle
import Publishing
import Signing
import TestSupport
import Testing

/// The example in docs/archive.md, whose digests were computed from docs/format.md by other code than this.
@Suite struct PageTests {
    @Test func `the page's example is what is written for the entries of the format's page`() async throws {
        let folder = try TestFolder()
        let page = try FormatPage()
        var draft = try LogDraft(at: folder.path("l"))
        for number in 0..<3 {
            let (entry, leaf) = (try page.block("entry-\(number)"), try page.digest("leaf-\(number)"))
            let envelope = number < 2 ? try page.block("envelope-\(number)") : []
            try draft.add(entry.span, envelope: envelope.span, leaf: leaf)
        }
        try draft.commit()
        try draft.publish()
        let ledger = try await Ledger.open(at: folder.path("l"))
        let key = try PrivateKey.generate(.ed25519)
        let (store, origin) = (CheckpointStore(ledger: ledger.path), ledger.genesis.origin)
        _ = try await ledger.blocking { log throws(PublishingError) in try store.sign(log, by: key, of: origin) }
        let summary = try await ArchiveWriter(folder: folder.path("a")).update(from: ledger)
        #expect(try summary.root == page.digest("root-3"))
        let manifest = String(decoding: try folder.bytes("a/manifest-sha256.txt"), as: UTF8.self)
        let lines = manifest.split(separator: "\n")
        #expect(lines[0].hasSuffix("  data/checkpoints/00000000000000000003.checkpoint"))
        let example = try block("manifest")
        #expect(example.count == 4 && lines.dropFirst().elementsEqual(example))
        let history = String(decoding: try folder.bytes("a/data/keys/00000000000000000003.json"), as: UTF8.self)
        #expect(try history.split(separator: "\n").elementsEqual(block("json")))
        let note = try folder.bytes("a/data/checkpoints/00000000000000000003.checkpoint")
        #expect(
            try String(decoding: note, as: UTF8.self).split(separator: "\n").prefix(3).elementsEqual(
                block("").prefix(3)))
    }

    /// The lines of the last block of the page that is marked `name`.
    private func block(_ name: String) throws -> [Substring] {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/archive.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let blocks = text.components(separatedBy: "\n```\(name)\n").dropFirst()
        let found = name.isEmpty ? blocks.first { $0.hasPrefix("records.example.gov/permits\n3\n") } : blocks.last
        let block = try #require(found).components(separatedBy: "\n```")[0]
        return block.split(separator: "\n").map { Substring($0) }
    }
}
