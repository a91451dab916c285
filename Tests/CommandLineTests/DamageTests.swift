import Foundation
import Testing

/// Ledgers whose data file somebody has changed.
@Suite struct DamageTests {
    /// Every command that opens a ledger.
    static let commands = [
        ["info", "d"], ["read", "d"], ["read", "d", "--stream", "ledger"], ["streams", "d"], ["verify", "d"],
        ["append", "d", "--stream", "a-1", "event"], ["import", "cloudevents", "d", "event"],
        ["project", "d", "--into", "v.sqlite"], ["backup", "d", "copy"], ["simulate", "d", "--events", "10"],
    ]

    /// A folder with a ledger `l` of a few hundred entries, and `d` with `bytes(of: data.mdb)`.
    private func folder(_ change: ([UInt8]) -> [UInt8]) throws -> Folder {
        let folder = try Folder.withSimulation(300)
        try FileManager.default.createDirectory(atPath: folder.path("d"), withIntermediateDirectories: true)
        try folder.write(change(try folder.read("l/data.mdb")), to: "d/data.mdb")
        try folder.write(Events.line(1, subject: "a-1"), to: "event")
        return folder
    }

    private func check(_ folder: Folder) throws {
        for command in DamageTests.commands {
            let ending = try Mohur.run(command, in: folder)
            let text = "\(command): \(ending)"
            if command[0] == "verify" {
                #expect(ending.code == 1 && ending.error.isEmpty && ending.output.contains("ALTERED: "), "\(text)")
                let json = try Mohur.run(command + ["--json"], in: folder)
                #expect(json.code == 1 && json.output.hasPrefix("{\"verdict\":\"altered\","), "\(json)")
            } else {
                #expect(ending.code == 1 || ending.code == 2, "\(text)")
                #expect(ending.error.hasPrefix("mohur: ") && lines(ending.error).count == 1, "\(text)")
            }
        }
    }

    @Test(arguments: [1, 100, 4096, 8191])
    func `a file that ends within its first two pages is an error and no crash`(_ size: Int) throws {
        try check(try folder { Array($0.prefix(size)) })
    }

    @Test func `a file without a byte is an error and stays as it is`() throws {
        let folder = try folder { _ in [] }
        try check(folder)
        #expect(try folder.read("d/data.mdb").isEmpty)
    }

    @Test(arguments: [2, 3, 10])
    func `a file that ends too early is an error and no crash`(_ pages: Int) throws {
        try check(try folder { Array($0.prefix(pages * 4096)) })
    }

    @Test func `a file of random bytes is an error and no crash`() throws {
        var generator = SystemRandomNumberGenerator()
        try check(try folder { $0.map { _ in UInt8.random(in: 0...255, using: &generator) } })
    }

    @Test(arguments: [UInt8(0), 0xff, 0x5a])
    func `pages filled with one byte are an error and no crash`(_ byte: UInt8) throws {
        try check(try folder { $0.prefix(8192) + [UInt8](repeating: byte, count: $0.count - 8192) })
    }

    @Test(arguments: [40, 47, 136, 143, 144, 151])
    func `damage in a meta page never crashes a command`(_ offset: Int) throws {
        for start in [0, 4096] {
            let folder = try folder { bytes in
                var bytes = bytes
                bytes[start + offset] ^= 0xff
                return bytes
            }
            for command in DamageTests.commands {
                let ending = try Mohur.run(command, in: folder)
                #expect(ending.code.map { $0 <= 2 } == true, "byte \(start + offset): \(command): \(ending)")
            }
        }
    }

    /// Where the bytes of an entry are that name its type, in the file.
    private func offset(of text: String, in bytes: [UInt8]) -> Int? {
        let needle = Array(text.utf8)
        return bytes.indices.dropLast(needle.count).first {
            bytes[$0] == needle[0] && bytes[$0...].starts(with: needle)
        }
    }

    @Test func `one changed byte of an entry is found and named`() throws {
        let folder = try Folder.withLedger()
        let secret = Events.line(1).replacing("\"t\"", with: "\"permit.refused\"")
        try folder.write(Events.line(7) + secret + Events.line(8), to: "events")
        #expect(try Mohur.run(["append", "l", "--stream", "a-1", "events"], in: folder).code == 0)
        #expect(try Mohur.run(["verify", "l"], in: folder).code == 0)
        var bytes = try folder.read("l/data.mdb")
        let place = try #require(offset(of: "permit.refused", in: bytes))
        bytes.replaceSubrange(place..<place + 14, with: Array("permit.granted".utf8))
        try folder.write(bytes, to: "l/data.mdb")

        let ending = try Mohur.run(["verify", "l"], in: folder)
        #expect(ending.code == 1)
        #expect(ending.error.isEmpty)
        let found = lines(ending.output)
        #expect(found.contains { $0.hasPrefix("entry 2: ") && $0.hasSuffix(" (leaf)") }, "\(ending.output)")
        #expect(found.allSatisfy { $0.hasPrefix("entry 2: ") || $0.hasPrefix("ALTERED: ") }, "\(ending.output)")

        let json = try Mohur.run(["verify", "l", "--json"], in: folder)
        #expect(json.code == 1)
        let report = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(
            report.keys.sorted() == [
                "contents", "entries", "findings", "root", "seconds", "signatures", "signedEntries", "verdict",
            ])
        #expect(report["verdict"] as? String == "altered")
        #expect(report["entries"] as? Int == 4)
        let findings = try #require(report["findings"] as? [[String: Any]])
        #expect(findings.count == found.count - 1)
        #expect(findings.allSatisfy { $0.keys.sorted() == ["detail", "index", "kind"] })
        #expect(findings.first?["index"] as? Int == 2)

        let backup = try Mohur.run(["backup", "l", "copy"], in: folder)
        #expect(backup.code == 1)
        #expect(backup.error.hasPrefix("mohur: "))
        #expect(!FileManager.default.fileExists(atPath: folder.path("copy")))
    }
}
