import ArchiveFormat
import Auditing
import Foundation
import TestSupport
import Testing

/// Random damage to archives: no verifier crashes, none finds a changed archive sound, and both say the same.
@Suite struct MutationTests {
    @Test func `whatever is changed in whatever file, it is found, and both verifiers say the same of it`() throws {
        let seed =
            ProcessInfo.processInfo.environment["MOHUR_FUZZ_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)
        print("mutations of archives: MOHUR_FUZZ_SEED=\(seed)")
        var generator = SeededGenerator(seed: seed)
        let folder = try Scratch()
        let agency = try Agency(size: 300)
        let sound = try agency.write("sound", in: folder, [agency.checkpoint(100), agency.checkpoint()])
        let files = try FileManager.default.subpathsOfDirectory(atPath: "\(sound)/data").sorted().filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(sound)/data/\($0)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }
        #expect(files.count >= 10)
        for round in 0..<25 {
            let path = folder.path("round-\(round)")
            try FileManager.default.copyItem(atPath: sound, toPath: path)
            let file = files.randomElement(using: &generator) ?? files[0]
            let url = URL(filePath: "\(path)/data/\(file)")
            let before = [UInt8](try Data(contentsOf: url))
            let after = mutate(before, &generator)
            guard after != before else { continue }
            try Data(after).write(to: url)
            let report = try BothVerifiers.agree(path, agency.policy)
            #expect(!report.verdict.isSound, "round \(round): \(file) was changed")
            try FileManager.default.removeItem(atPath: path)
        }
    }

    private func mutate(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + 40))
        case 2: bytes.insert(contentsOf: bytes[max(0, place - 40)..<place], at: place)
        default: bytes.removeSubrange(place...)
        }
        return bytes
    }
}
