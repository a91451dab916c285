internal import Digests
internal import EventFormat
internal import Glibc

/// The floor of an append: as many bytes, hashed as often, written to a plain file and flushed once a commit.
///
/// All bytes of a commit stand ready in one buffer. A commit hashes each event's envelope, its entry and one inner node
/// where they stand, puts the digests into the buffer, and hands it to the system in one call. The file's place on the
/// disk is reserved beforehand.
///
/// Safety: offsets lie in the buffer, whose size is that of all records; C calls read it during the call only.
struct PlainFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private let entrySize: Int
    private let envelopeSize: Int
    private let recordSize: Int
    private let count: Int
    private var buffer: [UInt8]

    /// What a ledger stores of an event beside entry and envelope: 56 bytes of its segment's tables, and key and value
    /// of its id.
    static let tableByteCount = 56 + 24

    /// For `commits` commits of `count` events, each of an entry of `entrySize` bytes and an envelope of
    /// `envelopeSize`.
    init(path: String, commits: Int, count: Int, entrySize: Int, envelopeSize: Int) throws {
        self.path = path
        self.count = count
        self.entrySize = max(entrySize, Digest.byteCount)
        self.envelopeSize = envelopeSize
        recordSize = self.entrySize + envelopeSize + PlainFile.tableByteCount
        buffer = (0..<count * recordSize).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        descriptor = unsafe open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.couldNotRun, "\(path) cannot be written") }
        guard posix_fallocate(descriptor, 0, commits * buffer.count) == 0 else {
            throw Failure(.couldNotRun, "the disk has no room for \(path)")
        }
    }

    deinit {
        close(descriptor)
        unsafe unlink(path)
    }

    /// Hashes, writes and flushes the events of a commit.
    mutating func commit() throws {
        var node = Digest.zero
        let leaves = entrySize + envelopeSize
        for number in 0..<count {
            let start = number * recordSize
            let digest = Envelope.digest(buffer.span.extracting(start + entrySize..<start + leaves))
            store(digest, at: start)
            let leaf = SHA256.hash(prefix: Entry.leafPrefix, buffer.span.extracting(start..<start + entrySize))
            store(leaf, at: start + leaves)
            node = SHA256.hash(prefix: 1, node, leaf)
        }
        store(node, at: leaves + Digest.byteCount)
        var offset = 0
        while offset < buffer.count {
            let written = unsafe buffer.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress! + offset, $0.count - offset)
            }
            guard written > 0 else {
                throw Failure(.couldNotRun, "\(path) cannot be written: the disk is full or failed")
            }
            offset += written
        }
        guard fdatasync(descriptor) == 0 else { throw Failure(.couldNotRun, "\(path) cannot be flushed") }
    }

    private mutating func store(_ digest: Digest, at offset: Int) {
        unsafe buffer.withUnsafeMutableBytes { raw in
            digest.withBytes { bytes in
                unsafe bytes.withUnsafeBytes { from in
                    unsafe (raw.baseAddress! + offset).copyMemory(from: from.baseAddress!, byteCount: from.count)
                }
            }
        }
    }
}
