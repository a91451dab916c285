internal import Digests
internal import Files
public import Transparency

/// What a witness last cosigned of each log, on disk: a file for each, named by the SHA-256 of the log's origin.
///
/// A file holds the checkpoint as a note, with the log's signature and the witness's own cosignature: it is what the
/// witness answers to monitors. Origin, size, root and time stand in it, and a change to any of them is seen by the
/// cosignature. A file is replaced whole, and on disk before the cosignature that it holds is given away. `known` names
/// the logs of which there is a file, so that one that was removed is missed; it is written after a log's first file,
/// and a crash between the two is mended when the file is read.
///
/// That all of it was put back to an older state cannot be seen from within.
public struct WitnessStore: Sendable {
    /// The most bytes of a file that are read: as many as of a note.
    private static let maximumByteCount = SignedNote.maximumByteCount

    private let folder: String
    private let key: NoteKey

    /// `folder` is there; `key` is the witness's own.
    init(_ folder: String, key: NoteKey) {
        self.folder = folder
        self.key = key
    }

    /// The store of the witness in `folder`, for reading.
    public init(_ folder: WitnessFolder) throws(WitnessError) {
        self.init(folder.statePath, key: try folder.verifyingKey())
    }

    /// What was last cosigned of the log, nil when nothing was. Throws `damaged` when the file is not what the witness
    /// wrote, or is missing.
    public func last(of log: LogList.Log) throws(WitnessError) -> CosignedCheckpoint? {
        let origin = log.origin
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try DurableFile.readIfPresent(path(origin), atMost: WitnessStore.maximumByteCount)
        } catch { throw WitnessError(error) }
        guard let bytes else {
            guard try !known().contains(origin.hash) else { throw damaged(origin, "is missing") }
            return nil
        }
        let checkpoint: SignedCheckpoint
        let lines: [SignedNote.VerifiedSignature]
        do throws(TransparencyError) {
            checkpoint = try SignedCheckpoint(bytes)
            lines = try checkpoint.note.verifiedSignatures(by: [key] + log.keys)
        } catch { throw damaged(origin, "is not what this witness wrote (\(error.reason))") }
        guard checkpoint.checkpoint.origin == origin else { throw damaged(origin, "is of another log") }
        guard let time = lines.filter({ $0.key == key }).compactMap(\.signature.cosignature?.time).max() else {
            throw damaged(origin, "has no cosignature of \(key.name)")
        }
        return CosignedCheckpoint(checkpoint: checkpoint, time: time)
    }

    /// Keeps what is about to be given away, durably. `isFirst`: nothing was kept of this log before.
    func keep(_ cosigned: CosignedCheckpoint, isFirst: Bool) throws(WitnessError) {
        let origin = cosigned.checkpoint.checkpoint.origin
        let bytes = cosigned.checkpoint.bytes
        do throws(FileError) { try DurableFile.replace(path(origin), with: bytes.span, mode: 0o600) } catch {
            throw WitnessError(error)
        }
        if isFirst { try note(origin) }
    }

    /// Writes down that there is a file of this log. Calls must not overlap.
    func note(_ origin: LogOrigin) throws(WitnessError) {
        var known = try known()
        guard known.insert(origin.hash).inserted else { return }
        let text = Array(known.map { "\($0.hex)\n" }.sorted().joined().utf8)
        do throws(FileError) { try DurableFile.replace(knownPath, with: text.span, mode: 0o600) } catch {
            throw WitnessError(error)
        }
    }

    // MARK: - Places

    private var knownPath: String { "\(folder)/known" }

    private func path(_ origin: LogOrigin) -> String { "\(folder)/\(origin.hash.hex)" }

    private func known() throws(WitnessError) -> Set<Digest> {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try DurableFile.readIfPresent(knownPath, atMost: LogList.maximumByteCount)
        } catch { throw WitnessError(error) }
        var known: Set<Digest> = []
        for line in (bytes ?? []).split(separator: 0x0A, omittingEmptySubsequences: true) {
            guard let digest = Digest(hex: String(decoding: line, as: UTF8.self)) else {
                throw WitnessError(
                    .damaged, "\(knownPath) was changed: each of its lines is the name of a file beside it; restore it")
            }
            known.insert(digest)
        }
        return known
    }

    private func damaged(_ origin: LogOrigin, _ what: String) -> WitnessError {
        WitnessError(
            .damaged,
            """
            \(path(origin)) \(what). It holds what this witness last cosigned of \(origin), without which it could cosign \
            two different histories. Put the newest checkpoint there that has this witness's cosignature (the log has \
            it, and so may a backup), or take the log out of the list for good
            """)
    }
}

/// A checkpoint with the log's signature and the witness's own cosignature.
public struct CosignedCheckpoint: Hashable, Sendable {
    public let checkpoint: SignedCheckpoint
    /// Of the cosignature, in seconds since 1970.
    public let time: UInt64
}
