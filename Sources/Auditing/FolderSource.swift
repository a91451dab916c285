internal import Files

/// The files of a folder.
public struct FolderSource: RecordSource {
    public let name: String

    /// The files below the folder `path`.
    public init(_ path: String) {
        name = path
    }

    public func file(_ path: String, atMost limit: Int) throws(AuditError) -> [UInt8]? {
        do throws(FileError) {
            return try DurableFile.readIfPresent("\(name)/\(path)", atMost: limit)
        } catch {
            throw AuditError(.unreadable, error.reason)
        }
    }
}
