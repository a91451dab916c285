internal import ArchiveFormat
internal import EventFormat
internal import Merkle

/// Where the files of a published ledger come from.
///
/// What a file should be and is not goes to the findings that each call returns; what keeps everything from being read,
/// such as a server that does not answer, is thrown.
protocol RecordSource: Sendable {
    /// The bytes of a tile or of an entry bundle, nil when they are not there.
    func read(_ tile: Tile) throws(AuditError) -> SourceAnswer

    /// Gives `take` the payload record of each entry of a bundle, by its place; nil when payloads are not part of the
    /// publication. The envelope is lent for the call.
    func readPayloads(
        _ number: UInt64, width: Int, _ take: (_ place: Int, _ record: PayloadRecord, _ envelope: [UInt8]) -> Void
    ) throws(AuditError) -> [GeneralFinding]?

    /// The verdict on a document that is not there as its name says; nil when it is, or documents are not part of the
    /// publication.
    func fault(ofDocument name: ContentName) -> Verdict?
}

/// A file as it was found.
struct SourceAnswer: Sendable {
    /// Its path below the prefix.
    var path: String
    var bytes: [UInt8]?
    var findings: [GeneralFinding] = []
}
