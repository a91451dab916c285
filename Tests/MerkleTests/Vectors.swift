import Digests
import Foundation
import Testing

/// The public test vectors: the folder named by MOHUR_VECTORS, or ../shared/vectors beside the package.
enum Vectors {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["MOHUR_VECTORS"] { return URL(fileURLWithPath: path) }
        let package = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return package.deletingLastPathComponent().appendingPathComponent("shared/vectors")
    }()

    static func has(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path)
    }

    static func decode<T: Decodable>(_ type: T.Type, from path: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent(path)))
    }

    /// Every JSON file below `path`, sorted.
    static func files(below path: String) throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.appendingPathComponent(path).path)
        return names.filter { $0.hasSuffix(".json") }.sorted().map { "\(path)/\($0)" }
    }
}

extension Digest {
    /// The leaf hash of `entry`; saves the tests from spans.
    static func ofLeaf(_ entry: [UInt8]) -> Digest {
        SHA256.hash(prefix: 0, entry.span)
    }

    /// The digest with one bit turned over.
    func flipping(bit: Int) -> Digest {
        var copy = bytes
        copy[bit / 8] ^= 1 << UInt8(bit % 8)
        return Digest(copying: copy.span)
    }
}

/// `count` leaf hashes, no two alike: leaf i is the entry "leaf i".
func distinctLeaves(_ count: Int) -> [Digest] {
    (0..<count).map { Digest.ofLeaf(Array("leaf \($0)".utf8)) }
}
