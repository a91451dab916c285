import ArchiveFormat
import Digests
import Merkle
import TestSupport
import Testing

@Suite struct FuzzTests {
    @Test func `bag-info is read strictly, and written as it was read`() throws {
        let report = try Fuzz("bag-info").run { try BagInfo(parsing: $0).bytes }
        #expect(report.failures == [])
    }

    @Test func `a tag manifest is read strictly, and written as it was read`() throws {
        let report = try Fuzz("tagmanifest").run { try TagManifest(parsing: $0).bytes }
        #expect(report.failures == [])
    }

    @Test func `a manifest is read strictly, and written as it was read`() throws {
        let folder = try TestFolder()
        let report = try Fuzz("manifest").run { bytes in
            try folder.write(bytes, "manifest-sha256.txt")
            var digest = Digest.zero
            let manifest = try Manifest(in: folder.path, digest: &digest) { error throws(ArchiveError) in throw error }
            var text = ""
            for file in manifest.contents { text += "\(try manifest.digest(of: file)?.hex ?? "")  \(file.path)\n" }
            return Array(text.utf8)
        }
        #expect(report.failures == [])
    }

    @Test func `a bundle of payloads is read strictly, and written as it was read`() throws {
        let report = try Fuzz("payloads").run { bytes in
            var bundle = PayloadBundle(bytes: bytes, width: 5)
            var (output, envelope): ([UInt8], [UInt8]) = ([], [])
            while let record = try bundle.next(&envelope) {
                switch record {
                case .none: output.append(contentsOf: [0, 0, 0, 0])
                case .removed: output.append(contentsOf: [255, 255, 255, 255])
                case .envelope(let count):
                    output.append(bigEndian: UInt32(count))
                    output += envelope
                }
            }
            try bundle.finish { error throws(ArchiveError) in throw error }
            return output
        }
        #expect(report.failures == [])
    }

    @Test func `a bundle of entries is read strictly`() throws {
        let report = try Fuzz("entries").run { bytes in
            let list = EntryList(bytes, width: 4)
            if let fault = list.fault { throw ArchiveError(.malformed, "", fault) }
            return list.ranges.flatMap { range in
                [UInt8(range.count >> 8), UInt8(range.count & 255)] + bytes[range]
            }
        }
        #expect(report.failures == [])
    }
}
