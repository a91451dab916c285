import ArchiveFormat
import Archiving
import Digests
import EventFormat
import Foundation
import Ledger
import Merkle
import TestSupport
import Testing

@Suite struct DamageTests {
    private let folder: TestFolder
    private static let size = 300 as UInt64

    init() throws { folder = try TestFolder() }

    /// An archive with two checkpoints, one of them timestamped, as `a`.
    private func archive() async throws -> Record {
        let record = try await Record.make(at: folder.path("l"), isRuled: true).grow(to: 5)
        try folder.write(Array("request".utf8), "l/checkpoints/00000000000000000005.tsq")
        try folder.write(Array("response".utf8), "l/checkpoints/00000000000000000005.tsr")
        try await record.grow(to: DamageTests.size)
        try await record.archive(in: folder.path("a"))
        return record
    }

    /// Restores from `a`, which must fail, and leave nothing.
    private func refused(_ what: String) async throws -> ArchivingError? {
        let error = await refusal(of: folder.path("a"), to: folder.path("r"))
        #expect(error != nil, "\(what) was not noticed")
        #expect(try folder.names() == ["a", "good", "l"], "\(what) left something")
        try? folder.remove("r")
        return error
    }

    @Test func `an archive without one of its payloads, for which no event gives leave, is refused`() async throws {
        _ = try await archive()
        try folder.move("a", to: "good")
        try folder.copy("good", to: "a")
        // The record of entry 7 becomes one of a payload that was removed.
        let bytes = try folder.bytes("a/data/payloads/000")
        var start = 0
        func length(at offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        for _ in 0..<7 { start += 4 + length(at: start) }
        let removed = bytes[..<start] + [255, 255, 255, 255] + bytes[(start + 4 + length(at: start))...]
        try folder.write(Array(removed), "a/data/payloads/000")
        try reseal(folder, "a")
        let error = try await refused("a payload that was removed")
        #expect(error?.code == .archive)
        #expect(error?.reason.contains("payload of entry 7, and no recorded event authorises its removal") == true)
    }

    @Test func `a file that is changed, cut, lengthened, missing or renamed is named and nothing is restored`()
        async throws
    {
        _ = try await archive()
        try folder.move("a", to: "good")
        var generator = SeededGenerator(seed: printedSeed("damaged archives"))
        let files = folder.files(below: "good")
        #expect(files.count == 17)
        for file in files {
            let bytes = try folder.bytes("good/\(file)")
            for damage in ["changed", "cut", "lengthened", "missing", "renamed"] {
                try folder.copy("good", to: "a")
                switch damage {
                case "changed":
                    var changed = bytes
                    changed[Int.random(in: 0..<bytes.count, using: &generator)] ^= 1 << UInt8.random(in: 0...7)
                    try folder.write(changed, "a/\(file)")
                case "cut": try folder.write(Array(bytes.prefix(bytes.count / 2)), "a/\(file)")
                case "lengthened": try folder.write(bytes + [0], "a/\(file)")
                case "missing": try folder.remove("a/\(file)")
                default: try folder.move("a/\(file)", to: "a/\(file)x")
                }
                let error = try await refused("\(file) \(damage)")
                // Damage to a list may be noticed by what it lists.
                let isList = file.hasSuffix("manifest-sha256.txt") || file == "bag-info.txt"
                guard damage != "renamed" || !file.hasPrefix("data/") else {
                    #expect(error?.archiveError == ArchiveError(.unexpected, "\(file)x", ""))
                    continue
                }
                #expect(
                    isList || error?.archiveError?.file == file || error?.archiveError?.file == "bag-info.txt",
                    "\(file) \(damage): \(error?.reason ?? "")")
                // A payload is compared with its entry before its file is at its end.
                if damage == "changed", file.hasPrefix("data/"), !file.hasPrefix("data/payloads") {
                    #expect(error?.archiveError == ArchiveError(.altered, file, ""))
                }
            }
        }
    }

    @Test(arguments: [
        "data/x", "data/tile/0/001", "data/tile/entries/001.p/43", "data/checkpoints/00000000000000000006.checkpoint",
    ])
    func `a file that the manifest does not name is named`(file: String) async throws {
        _ = try await archive()
        try folder.move("a", to: "good")
        try folder.copy("good", to: "a")
        try folder.write([1, 2, 3], "a/\(file)")
        #expect(try await refused(file)?.archiveError == ArchiveError(.unexpected, file, ""))
    }

    @Test func `an empty folder, and links in the places of files and folders, are refused`() async throws {
        _ = try await archive()
        try folder.move("a", to: "good")
        let manager = FileManager.default
        try folder.copy("good", to: "a")
        try manager.createDirectory(atPath: folder.path("a/data/contents"), withIntermediateDirectories: false)
        #expect(try await refused("an empty folder")?.archiveError == ArchiveError(.unexpected, "data/contents", ""))
        for file in ["data/tile/entries/000", "data/payloads", "data", "README.txt", "manifest-sha256.txt"] {
            try folder.copy("good", to: "a")
            try folder.remove("a/\(file)")
            try manager.createSymbolicLink(
                atPath: folder.path("a/\(file)"), withDestinationPath: folder.path("good/\(file)"))
            #expect(try await refused("a link \(file)")?.archiveError?.file == file)
        }
    }

    /// What somebody can do who may write the folder and computes all manifests again.
    @Test func `content that is changed with all manifests computed again is still found out`() async throws {
        _ = try await archive()
        try folder.move("a", to: "good")
        var generator = SeededGenerator(seed: printedSeed("resealed archives"))
        for file in folder.files(below: "good/data") where !file.contains(".ts") {
            for _ in 0..<4 {
                try folder.copy("good", to: "a")
                var bytes = try folder.bytes("good/data/\(file)")
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^=
                    1 << UInt8.random(in: 0...7, using: &generator)
                try folder.write(bytes, "a/data/\(file)")
                try reseal(folder, "a")
                let error = try await refused(file)
                #expect(error?.archiveError?.code != .altered)
            }
        }
    }

    @Test func `swapped payloads, swapped entries and a payload too many are found out`() async throws {
        _ = try await archive()
        try folder.move("a", to: "good")
        let payloads = try folder.bytes("good/data/payloads/000")
        var records: [[UInt8]] = []
        var bundle = PayloadBundle(bytes: payloads, width: 256)
        var envelope: [UInt8] = []
        while let record = try bundle.next(&envelope) {
            if case .envelope(let count) = record {
                records.append([0, 0, UInt8(count >> 8), UInt8(count & 255)] + envelope)
            } else {
                records.append([0, 0, 0, 0])
            }
        }
        #expect(records.flatMap { $0 } == payloads)
        let full = records.indices.filter { records[$0].count > 4 }
        var variants: [[[UInt8]]] = []
        variants.append(records)
        variants[0].swapAt(full[3], full[9])
        variants.append(records)
        variants[1][full[5]] = [0, 0, 0, 0]
        variants.append(records)
        variants[2][full[5]] = [255, 255, 255, 255]
        variants.append(records + [[0, 0, 0, 0]])
        for (number, variant) in variants.enumerated() {
            try folder.copy("good", to: "a")
            try folder.write(variant.flatMap { $0 }, "a/data/payloads/000")
            try reseal(folder, "a")
            let error = try await refused("variant \(number)")
            #expect(error?.code == .archive)
            #expect(error?.reason.contains("data/payloads/000") ?? false)
        }
        let list = EntryList(try folder.bytes("good/data/tile/entries/000"), width: 256)
        var entries = list.ranges.map { Array(list.bytes[$0.lowerBound - 2..<$0.upperBound]) }
        entries.swapAt(40, 41)
        try folder.copy("good", to: "a")
        try folder.write(entries.flatMap { $0 }, "a/data/tile/entries/000")
        try reseal(folder, "a")
        #expect(
            try await refused("swapped entries")?.archiveError
                == ArchiveError(.contradiction, "data/tile/entries/000", ""))
    }

    @Test func `a restore does not touch what is there, and leaves no half of a ledger`() async throws {
        _ = try await archive()
        try folder.write([1], "r/file")
        let error = await refusal(of: folder.path("a"), to: folder.path("r"))
        #expect(error?.ledgerError == LedgerError(.alreadyExists, ""))
        #expect(try folder.names() == ["a", "l", "r"] && folder.names(in: "r") == ["file"])
        #expect(await refusal(of: folder.path("nothing"), to: folder.path("x"))?.archiveError?.code == .noArchive)
        #expect(await refusal(of: folder.path("r"), to: folder.path("x"))?.archiveError?.code == .noArchive)
    }
}
