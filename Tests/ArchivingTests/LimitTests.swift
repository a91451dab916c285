import ArchiveFormat
import Digests
import Foundation
import Merkle
import Testing

@Suite struct LimitTests {
    // Each in a process of its own, where no other test takes memory.
    @Test func `a manifest of a million lines is read in little memory`() async {
        await #expect(processExitsWith: .success) {
            let folder = try TestFolder()
            let contents = try ArchiveContents(checkpoints: [.init(size: 85_000_000, isTimestamped: false)])
            precondition(contents.fileCount > 990_000)
            try writeManifest(contents, folder.path("manifest-sha256.txt"))
            let before = try residentMemory()
            var digest = Digest.zero
            let manifest = try Manifest(in: folder.path, digest: &digest) { error throws(ArchiveError) in throw error }
            let last = contents.entries(contents.bundleCount - 1)
            let found = [try manifest.digest(of: last), try manifest.digest(of: contents.tile(level: 2, index: 5))]
            precondition(found == [.zero, .zero])
            let grown = try residentMemory() - before
            precondition(grown < 16 << 20, "\(grown) bytes")
        }
    }

    @Test func `a line without an end is refused before it is held`() async {
        await #expect(processExitsWith: .success) {
            let folder = try TestFolder()
            let file = try FileHandle(forWritingTo: emptyFile(folder.path("manifest-sha256.txt")))
            try file.truncate(atOffset: 4 << 30)
            let before = try residentMemory()
            var digest = Digest.zero
            var code: ArchiveError.Code?
            do throws(ArchiveError) {
                _ = try Manifest(in: folder.path, digest: &digest) { error throws(ArchiveError) in throw error }
            } catch { code = error.code }
            precondition(code == .malformed)
            let grown = try residentMemory() - before
            precondition(grown < 16 << 20, "\(grown) bytes")
        }
    }

    @Test func `sizes that no ledger has, or that do not ascend, are refused`() {
        let cases: [[UInt64]] = [[], [0], [5, 5], [6, 5], [.max], [1 << 63 + 1], [0, 5]]
        for sizes in cases {
            #expect(throws: ArchiveError.self, "\(sizes)") {
                try ArchiveContents(checkpoints: sizes.map { .init(size: TreeSize($0), isTimestamped: false) })
            }
        }
    }

    @Test func `the largest archive's manifest has places for all its lines`() throws {
        let contents = try ArchiveContents(checkpoints: [.init(size: TreeSize(1 << 63), isTimestamped: true)])
        #expect(contents.levelCount == 8)
        #expect(contents.fileCount > 1 << 56)
        #expect(contents.contains(contents.entries(contents.bundleCount - 1)))
        #expect(contents.contains(contents.tile(level: 7, index: 0)))
    }

    @Test func `an envelope larger than any may be is refused before it is held`() throws {
        var bundle = PayloadBundle(bytes: [0x7f, 0xff, 0xff, 0xff, 1, 2], width: 3)
        var envelope: [UInt8] = []
        let error = #expect(throws: ArchiveError.self) { _ = try bundle.next(&envelope) }
        #expect(error?.code == .malformed)
        #expect(envelope.capacity < 1 << 16)
    }
}

/// The process's resident memory, in bytes.
private func residentMemory() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return (Int(fields[1]) ?? 0) * 4096
}

private func emptyFile(_ path: String) -> URL {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    return URL(filePath: path)
}

private func writeManifest(_ contents: ArchiveContents, _ path: String) throws {
    let file = try FileHandle(forWritingTo: emptyFile(path))
    let zero = String(repeating: "0", count: 64)
    var text = ""
    for path in contents.lazy.map(\.path) {
        text += "\(zero)  \(path)\n"
        guard text.utf8.count > 1 << 20 else { continue }
        try file.write(contentsOf: Data(text.utf8))
        text = ""
    }
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
}
