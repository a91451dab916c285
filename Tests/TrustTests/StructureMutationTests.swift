import Auditing
import Foundation
import TestSupport
import Testing

/// Random damage to what an archive is made of, files, folders, links and lines: both verifiers say the same of it.
@Suite struct StructureMutationTests {
    /// MOHUR_FUZZ_SEED and MOHUR_FUZZ_ROUNDS choose other rounds, or more of them.
    @Test func `whatever is done to files, folders and lines, both verifiers say the same of it`() throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["MOHUR_FUZZ_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)
        let rounds = environment["MOHUR_FUZZ_ROUNDS"].flatMap(Int.init) ?? 15
        print("mutations of structure: MOHUR_FUZZ_SEED=\(seed)")
        var generator = SeededGenerator(seed: seed)
        let folder = try Scratch()
        let agency = try Agency(size: 300)
        let sound = try agency.write(
            "sound", in: folder, [agency.checkpoint(100), agency.checkpoint(256), agency.checkpoint()])
        for round in 0..<rounds {
            let path = folder.path("round-\(round)")
            try FileManager.default.copyItem(atPath: sound, toPath: path)
            var done: [String] = []
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let files = try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
                guard let name = files.randomElement(using: &generator) else { continue }
                let other = files.randomElement(using: &generator) ?? name
                done.append(try mutate(path, name, other, folder.path("\(round)-\(done.count)"), &generator))
            }
            do {
                _ = try BothVerifiers.agree(path, agency.policy)
            } catch is AuditError {
                try BothVerifiers.refuse(path, agency.policy)
            } catch {
                Issue.record("round \(round), \(done): \(error)")
            }
            try FileManager.default.removeItem(atPath: path)
        }
    }

    /// Changes the file or folder `name` of the archive at `path`; says how.
    private func mutate(
        _ path: String, _ name: String, _ other: String, _ spare: String, _ generator: inout SeededGenerator
    ) throws -> String {
        let (item, second) = ("\(path)/\(name)", "\(path)/\(other)")
        let manager = FileManager.default
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            try manager.removeItem(atPath: item)
            return "removed \(name)"
        case 1:
            try manager.moveItem(atPath: item, toPath: spare)
            try manager.createSymbolicLink(atPath: item, withDestinationPath: spare)
            return "linked \(name)"
        case 2:
            guard let bytes = manager.contents(atPath: second), manager.contents(atPath: item) != nil else { return "" }
            try Data(bytes).write(to: URL(filePath: item))
            return "copied \(other) to \(name)"
        case 3:
            try manager.createDirectory(atPath: "\(path)/data/contents", withIntermediateDirectories: true)
            return "made an empty folder"
        default:
            let file =
                "\(path)/\(["manifest-sha256.txt", "tagmanifest-sha256.txt"].randomElement(using: &generator) ?? "")"
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return "" }
            var lines = text.split(separator: "\n").map { "\($0)\n" }
            guard let place = lines.indices.randomElement(using: &generator) else { return "" }
            if Bool.random(using: &generator) { lines.remove(at: place) } else { lines.swapAt(place, 0) }
            try Data(lines.joined().utf8).write(to: URL(filePath: file))
            return "changed line \(place) of \(file)"
        }
    }
}
