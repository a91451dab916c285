internal import Files

extension TileTree {
    /// Removes the partial tiles and bundles whose full tile is there; returns how many files that were.
    ///
    /// A reader that knows only a smaller tree finds the full tile instead (tlog-tiles, "Partial tiles"). An
    /// interrupted run has removed some; the next removes the rest.
    @discardableResult
    public func prunePartials() throws(PublishingError) -> Int {
        try PublishingError.filing { () throws(FileError) in
            let tiles = "\(path)/tile"
            guard Folder.isFolder(tiles) else { return 0 }
            var count = 0
            for level in try Folder.names(in: tiles) { count += try prune("\(tiles)/\(level)") }
            return count
        }
    }

    private func prune(_ folder: String) throws(FileError) -> Int {
        guard Folder.isFolder(folder) else { return 0 }
        var count = 0
        for name in try Folder.names(in: folder) {
            let place = "\(folder)/\(name)"
            if name.hasPrefix("x") {
                count += try prune(place)
            } else if name.hasSuffix(".p"), Folder.isFile(String(place.dropLast(2))) {
                for width in try Folder.names(in: place) {
                    try DurableFile.remove("\(place)/\(width)")
                    count += 1
                }
                try Folder.removeEmpty(place)
            }
        }
        return count
    }
}
