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

    @Test func `a file that others may reach is refused where that is asked for, through a link too`() throws {
        try DurableFile.create("\(folder)/own", with: [1].span, mode: 0o600)
        try DurableFile.create("\(folder)/open", with: [1].span, mode: 0o640)
        for name in ["own", "open"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/to-\(name)", withDestinationPath: "\(folder)/\(name)")
        }
        for name in ["own", "to-own"] {
            #expect(try DurableFile.read("\(folder)/\(name)", atMost: 9, forbidding: 0o077) == [1])
        }
        for name in ["open", "to-open"] {
            let error = #expect(throws: FileError(.openToOthers, "")) {
                try DurableFile.read("\(folder)/\(name)", atMost: 9, forbidding: 0o077)
            }
            #expect(error?.reason.contains("mode 0640") == true)
            #expect(try DurableFile.read("\(folder)/\(name)", atMost: 9) == [1])
        }
    }

    @Test(arguments: ["\u{301}x", "\u{20dd}", "e\u{301}"])
    func `a name that begins with a combining mark has its folder and name`(name: String) throws {
        #expect(Folder.parent(of: "/a/\(name)") == "/a")
        #expect(Array(Folder.name(of: "/a/\(name)").utf8) == Array(name.utf8))
        try DurableFile.replace("\(folder)/\(name)", with: [1].span)
        #expect(try Folder.names(in: folder).map { Array($0.utf8) } == [Array(name.utf8)])
    }

    @Test func `a link that leads nowhere is no missing file`() throws {
        let path = "\(folder)/link"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "\(folder)/nowhere")
        #expect(throws: FileError(.notFound, "")) { try DurableFile.readIfPresent(path, atMost: 9) }
        #expect(throws: FileError(.notFound, "")) { try OutputFile.write([1].span, to: path) }
        #expect(try Folder.names(in: folder) == ["link"])
    }

    @Test func `a result replaces a file, also behind a link, and is written into pipes and devices`() throws {
        let (file, link, pipe) = ("\(folder)/file", "\(folder)/link", "\(folder)/pipe")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "file")
        for bytes: [UInt8] in [[1, 2], [3]] {
            try OutputFile.write(bytes.span, to: bytes.count == 2 ? file : link)
            #expect(try DurableFile.read(file, atMost: 9) == bytes)
        }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "file")
        #expect(mkfifo(pipe, 0o600) == 0)
        // Both ends in one: what fits the pipe is written and read without waiting for anybody.
        let ends = try #require(FileHandle(forUpdatingAtPath: pipe))
        let long = [UInt8](repeating: 7, count: 20_000)
        try OutputFile.write(long.span, to: pipe)
        #expect(try ends.read(upToCount: long.count).map { [UInt8]($0) } == long)
        try OutputFile.write(long.span, to: "/dev/null")
        let full = #expect(throws: FileError(.diskFull, "")) { try OutputFile.write([1].span, to: "/dev/full") }
        #expect(full?.reason.contains("/dev/full") == true)
        #expect(throws: FileError(.notAFile, "")) { try OutputFile.write([1].span, to: folder) }
        #expect(try Folder.names(in: folder) == ["file", "link", "pipe"])
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

    @Test func `an input may be a pipe or a device, which is read to its end or its limit`() throws {
        let (file, pipe) = ("\(folder)/file", "\(folder)/pipe")
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try DurableFile.create(file, with: bytes.span)
        #expect(try InputFile.read(file, atMost: bytes.count) == bytes)
        #expect(mkfifo(pipe, 0o600) == 0)
        for limit in [bytes.count, bytes.count - 1] {
            Thread.detachNewThread { try? Data(bytes).write(to: URL(fileURLWithPath: pipe)) }
            if limit == bytes.count {
                #expect(try InputFile.read(pipe, atMost: limit) == bytes)
            } else {
                #expect(throws: FileError(.tooLarge, "")) { try InputFile.read(pipe, atMost: limit) }
            }
        }
        #expect(try InputFile.read("/dev/null", atMost: 0) == [])
        #expect(throws: FileError(.tooLarge, "")) { try InputFile.read("/dev/zero", atMost: 1 << 20) }
        #expect(throws: FileError(.notAFile, "")) { try InputFile.read(folder, atMost: 9) }
        #expect(throws: FileError(.notFound, "")) { try InputFile.read("\(folder)/none", atMost: 9) }
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

@Suite struct StagingTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/staging-\(UUID().uuidString)"

    init() throws { try Folder.make(folder) }

    @Test(arguments: [1, 40]) func `staged files get their places together`(count: Int) throws {
        let staging = try Staging(below: folder)
        let drafts = try (0..<count).map { try staging.stage([UInt8($0)].span, for: "a/\($0 % 3)/\($0)") }
        #expect(try Folder.names(in: folder) == [".staging"])
        try staging.place(drafts)
        try staging.remove()
        #expect(try Folder.names(in: folder) == ["a"])
        for number in 0..<count {
            #expect(try DurableFile.read("\(folder)/a/\(number % 3)/\(number)", atMost: 9) == [UInt8(number)])
        }
    }

    @Test func `what is in its place already is not written again, and anything else is replaced`() throws {
        try DurableFile.replace("\(folder)/same", with: [1, 2].span)
        try DurableFile.replace("\(folder)/other", with: [1, 2, 3].span)
        let staging = try Staging(below: folder)
        let drafts = try ["same", "other"].map { try staging.stage([1, 2].span, for: $0) }
        #expect(try Folder.names(in: "\(folder)/.staging") == ["other"])
        try staging.place(drafts)
        #expect(try DurableFile.read("\(folder)/other", atMost: 9) == [1, 2])
    }

    @Test func `drafts of an interrupted run are removed`() throws {
        _ = try Staging(below: folder).stage([1].span, for: "a")
        let staging = try Staging(below: folder)
        try staging.place([try staging.stage([2].span, for: "a")])
        #expect(try DurableFile.read("\(folder)/a", atMost: 9) == [2])
    }

    @Test func `a folder is locked without a file in it`() throws {
        let lock = try FileLock(folder: folder, purpose: "testing")
        #expect(throws: FileError(.locked, "")) { _ = try FileLock(folder: folder, purpose: "testing") }
        #expect(try Folder.names(in: folder) == [])
        withExtendedLifetime(lock) {}
    }
}
