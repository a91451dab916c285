internal import ArchiveFormat
internal import EventFormat
internal import Synchronization
internal import Threading

/// What stands behind the names of documents in an archive's payloads.
final class DocumentAudit: Sendable {
    private let reader: ArchiveReader
    /// What is wrong with documents that were looked at.
    private let faults: Mutex<[ContentName: ArchiveError]>
    /// Documents that were looked at one by one, since the manifest is not in order.
    private let sound = Mutex<Set<ContentName>>([])
    /// How many documents the manifest names.
    var count: UInt64 { reader.manifest.documentCount }
    /// What the files gave occasion to say.
    let findings: [GeneralFinding]

    /// Hashes every document that the manifest names, on `workerCount` threads. O(bytes), in bounded memory.
    init(_ reader: ArchiveReader, workerCount: Int) throws(AuditError) {
        self.reader = reader
        let pieces = Int(min(reader.manifest.documentCount, UInt64(workerCount) * 16))
        let found = try Workers.map(pieces, workerCount) { piece throws(AuditError) -> [ContentName: ArchiveError] in
            var faults: [ContentName: ArchiveError] = [:]
            for number in DocumentAudit.range(piece, of: pieces, reader.manifest.documentCount) {
                do throws(ArchiveError) {
                    let name = try reader.manifest.document(number)
                    if let fault = DocumentAudit.fault(of: name, in: reader) { faults[name] = fault }
                } catch {
                    throw AuditError(.unreadable, "\(error.file): \(error.reason)")
                }
            }
            return faults
        }
        let faults = found.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        findings = faults.sorted { $0.key < $1.key }.prefix(AuditReport.maximumCount).map { GeneralFinding($0.value) }
        self.faults = Mutex(faults)
    }

    private static func range(_ piece: Int, of pieces: Int, _ count: UInt64) -> Range<UInt64> {
        func start(_ piece: Int) -> UInt64 {
            count / UInt64(pieces) * UInt64(piece) + min(UInt64(piece), count % UInt64(pieces))
        }
        return start(piece)..<start(piece + 1)
    }

    private static func fault(of name: ContentName, in reader: ArchiveReader) -> ArchiveError? {
        let file = ArchiveFile.content(name)
        do throws(ArchiveError) {
            return try ArchiveReader.digest(of: file, in: reader.folder) == name.digest ? nil : .altered(file.path)
        } catch {
            return error
        }
    }

    /// Why the document of this name is not there as it should be; nil when it is.
    func fault(of name: ContentName) -> ArchiveError? {
        if let known = faults.withLock({ $0[name] }) { return known }
        guard !reader.manifest.isInOrder else {
            let isNamed = (try? reader.manifest.contains(.content(name))) ?? false
            return isNamed ? nil : ArchiveError(.missing, ArchiveFile.content(name).path, "is not there")
        }
        if sound.withLock({ $0.contains(name) }) { return nil }
        let fault = DocumentAudit.fault(of: name, in: reader)
        if let fault {
            faults.withLock { $0[name] = fault }
        } else {
            sound.withLock { _ = $0.insert(name) }
        }
        return fault
    }
}
