import Foundation

/// The project's files, as the tidy tests read them.
enum Tree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct File {
        /// Relative to the root.
        let path: String
        let lines: [String]

        var name: String { String(path.split(separator: "/").last ?? "") }
        /// `EventLog` of `Sources/EventLog/LMDB/Cursor.swift`.
        var module: String { path.hasPrefix("tools/mohur/") ? "mohur" : String(path.split(separator: "/")[1]) }
    }

    /// The files below `folders` whose name ends in one of `endings`.
    static func files(_ folders: [String], _ endings: [String] = [".swift"]) -> [File] {
        folders.flatMap { folder -> [File] in
            let base = root.appending(path: folder)
            let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
            return names.sorted().filter { name in endings.contains { name.hasSuffix($0) } }.compactMap { name in
                guard let text = try? String(contentsOf: base.appending(path: name), encoding: .utf8) else {
                    return nil
                }
                return File(path: "\(folder)/\(name)", lines: text.components(separatedBy: "\n"))
            }
        }
    }

    static func text(_ path: String) -> String {
        (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
    }

    static let sources = files(["Sources", "tools", "projections"])
    static let tests = files(["Tests"])
}
