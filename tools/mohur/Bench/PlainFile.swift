internal import Digests
internal import EventFormat
internal import Glibc

/// The floor of an append: the same bytes, hashed as often, written to a plain file and flushed once a commit.
struct PlainFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []

    init(path: String) throws {
        self.path = path
        descriptor = unsafe open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.couldNotRun, "\(path) cannot be written") }
    }

    deinit {
        close(descriptor)
        unsafe unlink(path)
    }

    /// Writes `count` events of an entry and an envelope each: two hashes over them and one of a tree node, as an
    /// append makes.
    mutating func commit(_ count: Int, entry: [UInt8], envelope: [UInt8]) throws {
        buffer.removeAll(keepingCapacity: true)
        var node = Digest.zero
        for _ in 0..<count {
            let digest = Envelope.digest(envelope.span)
            let leaf = SHA256.hash(prefix: Entry.leafPrefix, entry.span)
            node = SHA256.hash(prefix: 1, leaf, digest)
            buffer.append(contentsOf: entry)
            buffer.append(contentsOf: envelope)
            leaf.append(to: &buffer)
        }
        node.append(to: &buffer)
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
}
