internal import ArchiveFormat
internal import EventFormat
internal import Synchronization
internal import Threading

/// What stands behind the names of documents in an archive's payloads.
final class DocumentAudit: Sendable {
    /// The verdicts on so many documents at least are remembered; others are looked at again when a payload names them.
    private static let keptCount = 100_000

    private let reader: ArchiveReader
    private struct Known: Sendable {
        /// Documents that are not there as their names say.
        var faults: [ContentName: Verdict] = [:]
        /// Documents that were found whole when a payload named them.
        var sound: Set<ContentName> = []
    }
    private let known: Mutex<Known>
    /// Whether every fault of a document that the manifest names is known.
    private let isComplete: Bool
    /// What the files gave occasion to say.
    let findings: [GeneralFinding]

    /// How many documents the manifest names.
    var count: UInt64 { reader.manifest.documentCount }

    /// Hashes every document that the manifest names, on `workerCount` threads. O(bytes), in bounded memory.
    init(_ reader: ArchiveReader, workerCount: Int) throws(AuditError) {
        self.reader = reader
        let pieces = Int(min(reader.manifest.documentCount, UInt64(workerCount) * 16))
        let found = try Workers.map(pieces, workerCount) { piece throws(AuditError) -> Part in
            var part = Part(limit: DocumentAudit.keptCount / pieces + 1)
            for number in DocumentAudit.range(piece, of: pieces, reader.manifest.documentCount) {
                part.look(number, in: reader)
            }
            return part
        }
        findings = found.flatMap(\.findings)
        isComplete = found.allSatisfy(\.isComplete)
        known = Mutex(Known(faults: found.reduce(into: [:]) { $0.merge($1.faults) { first, _ in first } }))
    }

    private static func range(_ piece: Int, of pieces: Int, _ count: UInt64) -> Range<UInt64> {
        func start(_ piece: Int) -> UInt64 {
            count / UInt64(pieces) * UInt64(piece) + min(UInt64(piece), count % UInt64(pieces))
        }
        return start(piece)..<start(piece + 1)
    }

    /// What one thread found.
    private struct Part: Sendable {
        let limit: Int
        var faults: [ContentName: Verdict] = [:]
        var findings: [GeneralFinding] = []
        var isComplete = true

        init(limit: Int) { self.limit = limit }

        mutating func look(_ number: UInt64, in reader: ArchiveReader) {
            let name: ContentName
            do throws(ArchiveError) { name = try reader.manifest.document(number) } catch {
                isComplete = false
                if findings.count < limit { findings.append(GeneralFinding(error)) }
                return
            }
            guard let fault = DocumentAudit.fault(of: name, in: reader) else { return }
            if findings.count < limit { findings.append(GeneralFinding(fault)) }
            if faults.count < limit { faults[name] = Verdict(fault) } else { isComplete = false }
        }
    }

    private static func fault(of name: ContentName, in reader: ArchiveReader) -> ArchiveError? {
        let file = ArchiveFile.content(name)
        do throws(ArchiveError) {
            return try ArchiveReader.digest(of: file, in: reader.folder) == name.digest ? nil : .altered(file.path)
        } catch {
            return error
        }
    }

    /// The verdict on the document of this name when it is not there as that says; nil when it is.
    func fault(of name: ContentName) -> Verdict? {
        let (verdict, isSound) = known.withLock { ($0.faults[name], $0.sound.contains(name)) }
        if verdict != nil || isSound { return verdict }
        if reader.manifest.isInOrder {
            do throws(ArchiveError) {
                guard try reader.manifest.contains(.content(name)) else { return .missing }
            } catch {
                return Verdict(error)
            }
            if isComplete { return nil }
        }
        let found = DocumentAudit.fault(of: name, in: reader).map { Verdict($0) }
        known.withLock { known in
            if let found, known.faults.count < 2 * DocumentAudit.keptCount {
                known.faults[name] = found
            } else if found == nil, known.sound.count < DocumentAudit.keptCount {
                known.sound.insert(name)
            }
        }
        return found
    }
}
