/// Where the files of a published ledger come from: a folder, an archive, a web server.
public protocol RecordSource: Sendable {
    /// How messages name it: a path or an address.
    var name: String { get }

    /// The bytes of the file at `path` below the prefix, nil when there is none. Blocks. Throws ``AuditError`` when it
    /// has more than `limit` bytes or cannot be read.
    func file(_ path: String, atMost limit: Int) throws(AuditError) -> [UInt8]?
}
