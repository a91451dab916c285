extension Tile {
    /// The path below the log's prefix: `tile/<level>/<index>`, `tile/entries/<index>`, and `.p/<width>` behind it
    /// unless the tile is full (C2SP tlog-tiles, "Merkle tree").
    ///
    /// The index is written in groups of three digits, each but the last behind an x: 1234067 is `x001/x234/067`.
    public var path: String {
        let name =
            switch content {
            case .hashes(let level): String(level)
            case .entries: "entries"
            }
        let end = isFull ? "" : ".p/\(width)"
        return "tile/\(name)/\(Tile.groups(of: index))\(end)"
    }

    /// Reads what ``path`` writes and nothing else: no second spelling of a tile is accepted.
    ///
    /// Throws `tilePath`.
    public init(path text: String) throws(MerkleError) {
        guard let tile = Tile.read(text), tile.path.utf8.elementsEqual(text.utf8) else {
            throw MerkleError(
                .tilePath,
                "not the path of a tile: expected tile/<level>/<index> or tile/entries/<index>, "
                    + "each with .p/<width> behind it when partial, in the shortest spelling")
        }
        self = tile
    }

    private static func groups(of index: UInt64) -> String {
        var text = padded(index % 1000)
        var rest = index / 1000
        while rest > 0 {
            text = "x\(padded(rest % 1000))/\(text)"
            rest /= 1000
        }
        return text
    }

    private static func padded(_ group: UInt64) -> String {
        let digits = String(group)
        return String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// Reads a path leniently; the caller compares it with the one spelling. Longer texts than the longest path, which
    /// names a partial tile at level 63 or a bundle by a 20-digit index, are not looked at.
    private static func read(_ text: String) -> Tile? {
        guard text.utf8.count <= 64 else { return nil }
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.removeFirst() == "tile" else { return nil }
        let name = parts.removeFirst()
        guard let content: Content = name == "entries" ? .entries : Int(name).map({ .hashes(level: $0) }) else {
            return nil
        }
        var width = fullWidth
        if parts.count >= 2, parts[parts.count - 2].hasSuffix(".p") {
            guard let partial = Int(parts.removeLast()), partial < fullWidth else { return nil }
            width = partial
            parts[parts.count - 1].removeLast(2)
        }
        guard let index = index(from: parts) else { return nil }
        return Tile(content, index: index, width: width)
    }

    private static func index(from groups: [Substring]) -> UInt64? {
        var index: UInt64 = 0
        for group in groups {
            guard let value = UInt64(group.hasPrefix("x") ? group.dropFirst() : group), value < 1000 else { return nil }
            let (product, carried) = index.multipliedReportingOverflow(by: 1000)
            let (sum, overflowed) = product.addingReportingOverflow(value)
            guard !carried, !overflowed else { return nil }
            index = sum
        }
        return index
    }
}
