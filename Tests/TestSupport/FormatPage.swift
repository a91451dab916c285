public import Digests
import Foundation

/// The examples in docs/format.md: every block between a line "```hex NAME" and a line "```".
public struct FormatPage {
    public let text: String
    public private(set) var blocks: [String: [UInt8]] = [:]

    public struct Malformed: Error, CustomStringConvertible {
        public let description: String
    }

    public init() throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        text = try String(contentsOf: package.appending(path: "docs/format.md"), encoding: .utf8)
        var name: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```hex ") {
                name = String(line.dropFirst(7))
                guard blocks.updateValue([], forKey: name ?? "") == nil else {
                    throw Malformed(description: "the block \(line) stands twice")
                }
            } else if line.hasPrefix("```") {
                name = nil
            } else if let name {
                blocks[name, default: []] += try FormatPage.bytes(of: line, at: blocks[name, default: []].count)
            }
        }
    }

    /// The bytes of a line; a remark that begins with a number must state the offset of the line's first byte.
    private static func bytes(of line: Substring, at offset: Int) throws -> [UInt8] {
        let parts = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, let number = parts[1].split(separator: " ").first.flatMap({ Int($0) }), number != offset {
            throw Malformed(description: "the line \"\(line)\" stands at offset \(offset)")
        }
        guard let bytes = Hex.decode(parts[0].filter { $0 != " " }) else {
            throw Malformed(description: "the line \"\(line)\" is not hexadecimal")
        }
        return bytes
    }

    /// The bytes of the block `name`.
    public func block(_ name: String) throws -> [UInt8] {
        guard let bytes = blocks[name] else { throw Malformed(description: "there is no block \(name)") }
        return bytes
    }

    /// The block `name` as a digest.
    public func digest(_ name: String) throws -> Digest {
        guard let digest = Digest(bytes: try block(name)) else {
            throw Malformed(description: "the block \(name) has not 32 bytes")
        }
        return digest
    }
}
