public import Digests
internal import Foundation
internal import Merkle

/// A reader of a published tree that knows nothing but its folder: the paths of C2SP tlog-tiles, written down here
/// once more, and RFC 6962.
public struct TileWalker {
    public let folder: String

    public init(folder: String) { self.folder = folder }

    public struct Trouble: Error, CustomStringConvertible {
        public let description: String
    }

    /// The root of the first `size` entries from tiles alone: every tile of every level is read, each full tile's root
    /// is compared with its hash a level above, and the right edge is folded.
    public func root(size: UInt64) throws -> Digest {
        var edge: Digest?
        var below: [Digest] = []
        var count = size
        for level in 0... {
            guard count > 0 else { break }
            var hashes: [Digest] = []
            for index in 0..<(count + 255) / 256 {
                hashes += try tile(level: level, index: index, width: Int(min(256, count - index * 256)))
            }
            if level > 0, hashes != below {
                throw Trouble(description: "level \(level) is not what the level below has")
            }
            let full = Int(count / 256)
            below = (0..<full).map { fold(Array(hashes[$0 * 256..<$0 * 256 + 256])) }
            let rest = Array(hashes[(full * 256)...]) + (edge.map { [$0] } ?? [])
            edge = rest.isEmpty ? nil : fold(rest)
            count /= 256
        }
        return edge ?? SHA256.hash([UInt8]().span)
    }

    /// The first `size` entries from bundles alone, each compared with its hash in the tiles.
    public func entries(size: UInt64) throws -> [[UInt8]] {
        var entries: [[UInt8]] = []
        for index in 0..<(size + 255) / 256 {
            let width = Int(min(256, size - index * 256))
            let (bytes, isFull) = try read("tile/entries", index, width)
            let hashes = try tile(level: 0, index: index, width: width)
            var offset = 0
            for place in 0..<width {
                guard offset + 2 <= bytes.count else { throw Trouble(description: "bundle \(index) ends early") }
                let length = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
                guard offset + 2 + length <= bytes.count else {
                    throw Trouble(description: "bundle \(index) ends early")
                }
                let entry = Array(bytes[offset + 2..<offset + 2 + length])
                guard MerkleHash.leaf(entry.span) == hashes[place] else {
                    throw Trouble(description: "entry \(place) of bundle \(index) has another hash")
                }
                entries.append(entry)
                offset += 2 + length
            }
            guard isFull || offset == bytes.count else {
                throw Trouble(description: "bundle \(index) has surplus bytes")
            }
        }
        return entries
    }

    private func tile(level: Int, index: UInt64, width: Int) throws -> [Digest] {
        let (bytes, isFull) = try read("tile/\(level)", index, width)
        guard bytes.count == (isFull ? 256 : width) * 32 else {
            throw Trouble(description: "a tile has \(bytes.count) bytes")
        }
        return (0..<width).map { Digest(copying: bytes.span, at: $0 * 32) }
    }

    /// A tile's bytes, those of the full one where the partial one has gone, as the specification demands of readers.
    private func read(_ folder: String, _ index: UInt64, _ width: Int) throws -> (bytes: [UInt8], isFull: Bool) {
        let path = "\(self.folder)/\(folder)/\(name(index, width))"
        if let data = FileManager.default.contents(atPath: path) { return (Array(data), width == 256) }
        guard let data = FileManager.default.contents(atPath: "\(self.folder)/\(folder)/\(name(index, 256))") else {
            throw Trouble(description: "there is no \(path)")
        }
        return (Array(data), true)
    }

    private func name(_ index: UInt64, _ width: Int) -> String {
        var groups = [String(format: "%03d", index % 1000)]
        var rest = index / 1000
        while rest > 0 {
            groups.insert(String(format: "x%03d", rest % 1000), at: 0)
            rest /= 1000
        }
        return groups.joined(separator: "/") + (width == 256 ? "" : ".p/\(width)")
    }

    /// RFC 6962 §2.1 as it is written.
    private func fold(_ hashes: [Digest]) -> Digest {
        guard hashes.count > 1 else { return hashes[0] }
        var half = 1
        while half * 2 < hashes.count { half *= 2 }
        return SHA256.hash(prefix: 1, fold(Array(hashes[..<half])), fold(Array(hashes[half...])))
    }
}
