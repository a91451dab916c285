internal import EventFormat

/// What a reader of archives refuses to exceed (docs/archive.md, "Limits").
public enum ArchiveLimits {
    /// The most bytes of `bag-info.txt` and of `tagmanifest-sha256.txt`.
    public static let tagByteCount = 65_536
    /// The most bytes of another tag file.
    public static let otherTagByteCount = 16 << 20
    /// The most bytes of a manifest's line, its end included.
    public static let lineByteCount = 1024
    /// The most checkpoints.
    public static let checkpointCount = 1_000_000
    /// The most bytes of a checkpoint or of a part of a timestamp.
    public static let checkpointByteCount = 1 << 20
    /// The most bytes of an entry.
    public static let entryByteCount = Entry.maximumByteCount
    /// The most bytes of an envelope.
    public static let envelopeByteCount = Envelope.maximumByteCount
    /// The most entries.
    public static let entryCount: UInt64 = 1 << 63
    /// The most bundles of which each is named when it is not there.
    static let namedBundleCount: UInt64 = 4096
    /// The most names in one folder below `data/`: three for each checkpoint.
    static let folderCount = 3 * checkpointCount
    /// The most folders in one another: `data`, `tile`, a level, and six groups of digits, of which the last may be
    /// partial.
    static let depth = 12
}
