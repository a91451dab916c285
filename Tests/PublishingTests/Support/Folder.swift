import Foundation

/// A directory of its own, removed with all that is in it when the last reference goes.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("publishing-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// The regular files below the folder `name`, relative to it, with their bytes' number.
    func files(below name: String) -> [String: Int] {
        let root = path(name)
        var found: [String: Int] = [:]
        for case let file as String in FileManager.default.enumerator(atPath: root) ?? .init() {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(root)/\(file)")
            guard attributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            found[file] = attributes?[.size] as? Int ?? -1
        }
        return found
    }
}
