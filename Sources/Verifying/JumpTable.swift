internal import EventFormat
internal import StoreFormat

/// The revisions that the first few thousand revisions of a stream jump to: most streams have no more.
struct JumpTable: Sendable {
    private static var count: UInt64 { 4096 }

    private let targets: [UInt16]

    init() {
        targets = (0..<JumpTable.count).map { revision in
            StreamJump.target(of: Revision(revision)).map { UInt16($0.rawValue) } ?? 0
        }
    }

    /// The same as ``StreamJump/target(of:)``.
    @inline(__always)
    func target(of revision: Revision) -> Revision? {
        guard revision.rawValue > 0 else { return nil }
        guard revision.rawValue < JumpTable.count else { return StreamJump.target(of: revision) }
        return Revision(UInt64(targets[Int(revision.rawValue)]))
    }
}
