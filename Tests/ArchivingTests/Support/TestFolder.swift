import Foundation

/// A directory of its own, removed with all that is in it when the last reference goes.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("archiving-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    func names(in name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(name)).sorted()
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(name))))
    }

    func write(_ bytes: [UInt8], _ name: String) throws {
        let parent = URL(filePath: path(name)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path(name)))
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

    func copy(_ name: String, to other: String) throws {
        try? FileManager.default.removeItem(atPath: path(other))
        try FileManager.default.copyItem(atPath: path(name), toPath: path(other))
    }

    func move(_ name: String, to other: String) throws {
        try FileManager.default.moveItem(atPath: path(name), toPath: path(other))
    }

    /// The regular files below the folder `name`, relative to it, sorted.
    func files(below name: String) -> [String] {
        let root = path(name)
        var found: [String] = []
        for case let file as String in FileManager.default.enumerator(atPath: root) ?? .init() {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(root)/\(file)")
            if attributes?[.type] as? FileAttributeType == .typeRegular { found.append(file) }
        }
        return found.sorted()
    }

    /// The files below `name` with their bytes, but for the day in `bag-info.txt` and what follows from it.
    func content(below name: String) throws -> [String: [UInt8]] {
        var content: [String: [UInt8]] = [:]
        for file in files(below: name) where file != "tagmanifest-sha256.txt" {
            var bytes = try bytes("\(name)/\(file)")
            if file == "bag-info.txt" {
                let text = String(decoding: bytes, as: UTF8.self)
                bytes = Array(text.split(separator: "\n").filter { !$0.hasPrefix("Bagging-Date") }.joined().utf8)
            }
            content[file] = bytes
        }
        return content
    }
}
