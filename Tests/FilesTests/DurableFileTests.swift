import Files
import Foundation
import Testing

@Suite struct DurableFileTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/files-\(UUID().uuidString)"

    init() throws { try Folder.make(folder) }

    @Test(arguments: [0, 1, 5, 100_000]) func `what is written is read back`(count: Int) throws {
        let bytes = [UInt8]((0..<count).map { UInt8(truncatingIfNeeded: $0) })
        try DurableFile.replace("\(folder)/a", with: [1, 2, 3].span)
        try DurableFile.replace("\(folder)/a", with: bytes.span)
        #expect(try DurableFile.read("\(folder)/a", atMost: count) == bytes)
        #expect(try Folder.names(in: folder) == ["a"], "no draft is left")
    }

    @Test func `a file larger than the limit is refused, not read`() throws {
        try DurableFile.replace("\(folder)/a", with: [1, 2, 3].span)
        #expect(throws: FileError(.tooLarge, "")) { try DurableFile.read("\(folder)/a", atMost: 2) }
    }

    @Test func `creating does not replace`() throws {
        try DurableFile.create("\(folder)/a", with: [1].span, mode: 0o600)
        #expect(throws: FileError(.exists, "")) { try DurableFile.create("\(folder)/a", with: [2].span) }
        #expect(try DurableFile.read("\(folder)/a", atMost: 9) == [1])
        #expect(try Folder.names(in: folder) == ["a"])
        let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/a")[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `folders, pipes and missing files are told apart`() throws {
        #expect(throws: FileError(.notAFile, "")) { try DurableFile.read(folder, atMost: 9) }
        #expect(throws: FileError(.notFound, "")) { try DurableFile.read("\(folder)/none", atMost: 9) }
        #expect(try DurableFile.readIfPresent("\(folder)/none", atMost: 9) == nil)
        #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
        #expect(throws: FileError(.notAFile, "")) { try DurableFile.read("\(folder)/pipe", atMost: 9) }
        #expect(throws: FileError(.notFound, "")) {
            try DurableFile.replace("\(folder)/none/a", with: [1].span)
        }
    }

    @Test func `a lock is held by one at a time and is free again afterwards`() throws {
        func take() throws { _ = try FileLock("\(folder)/lock", purpose: "testing") }
        do {
            let lock = try FileLock("\(folder)/lock", purpose: "testing")
            #expect(throws: FileError(.locked, "")) { try take() }
            withExtendedLifetime(lock) {}
        }
        try take()
    }
}
