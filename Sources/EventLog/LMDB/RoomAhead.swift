internal import Glibc
internal import StoreFormat

/// Zeros behind the data file's last page, written before they are needed.
///
/// A commit that writes into blocks that the file has already is flushed faster than one that makes the file longer,
/// since the file system has nothing of its own to write: about a quarter less time for a commit of one event. A large
/// commit gains nothing, for its zeros would have to be written too.
///
/// Safety: zeros are written only at or behind the file's end, as it is found to be while the write transaction is
/// open: nobody else writes pages then (LMDB writes them in the commit, which needs the transaction), so no page can be
/// hit. A crash leaves zeros that LMDB will use. The descriptor is closed once; a buffer is read during a call only.
final class RoomAhead: Sendable {
    /// Less than this between the last page and the file's end is made more.
    static let leastByteCount = 64 << 10

    private let descriptor: Int32
    private let byteCount: Int
    private let zeros: [UInt8]

    /// `byteCount`: at most how many bytes are written at a time, or nothing when it is less than ``leastByteCount``.
    init(path: String, byteCount: Int) {
        self.byteCount = byteCount
        zeros = Array(repeating: 0, count: max(0, byteCount))
        descriptor = byteCount < RoomAhead.leastByteCount ? -1 : unsafe open(path, O_WRONLY | O_CLOEXEC)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Makes room behind `end`, the end of the last page that is in use, when there is little. Call it with the write
    /// transaction open. Does nothing when the disk has no room: the commit itself will say so.
    func make(behind end: Int, limit: Int) {
        guard descriptor >= 0 else { return }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return }
        let size = Int(status.st_size)
        guard size >= end, size - end < RoomAhead.leastByteCount else { return }
        // A small ledger stays small.
        let wanted = min(byteCount, max(RoomAhead.leastByteCount, size / 8), limit - size)
        guard wanted > 0 else { return }
        let written = unsafe zeros.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, wanted, off_t(size)) }
        if written < wanted { _ = ftruncate(descriptor, off_t(size)) }
    }
}
