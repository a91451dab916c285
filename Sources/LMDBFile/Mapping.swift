internal import Glibc

/// A read-only mapping of the first `count` bytes of an open file.
///
/// The only unsafe code of this module is in this file. It is safe because:
/// - the mapping is read-only, is made once, and is removed only in `deinit`, so `address` stays valid while anyone
///   holds this object, and `withBytes` holds it for the length of its call;
/// - the bytes are handed out as a `Span` of exactly `count` bytes, so every access through it is bounds-checked;
/// - the loads below check the same bounds and read plain integers, for which every bit pattern is a value;
/// - another process may write the file meanwhile: a byte may then change between two reads, so every caller loads a
///   number once, checks that copy and uses that copy.
///
/// Two things no reader of a mapping can exclude: when the file is cut shorter while it is mapped, or the disk cannot
/// read a part of it, touching that part raises SIGBUS. LMDB never cuts its file.
final class Mapping: Sendable {
    /// The number of mapped bytes: the size of the file when the mapping was made.
    let count: Int

    // Held as a number because a pointer is not Sendable; this process never writes through it.
    private let address: UInt

    /// Maps the whole of the regular file behind `descriptor`, which may be empty.
    init(descriptor: Int32, size: Int) throws(DataFileError) {
        count = size
        guard size > 0 else {
            address = 0
            return
        }
        let pointer = unsafe mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let pointer = unsafe pointer, unsafe pointer != MAP_FAILED else {
            throw DataFileError(
                .cannotOpen, "mapping \(size) bytes failed: \(Mapping.message(errno)); free address space or memory")
        }
        address = UInt(bitPattern: pointer)
    }

    deinit {
        if count > 0 { unsafe _ = munmap(UnsafeMutableRawPointer(bitPattern: address), count) }
    }

    /// Calls `body` with all mapped bytes; the span is valid only during the call.
    func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(self) {} }
        let start = unsafe UnsafePointer<UInt8>(bitPattern: address)
        return try body(unsafe UnsafeBufferPointer(start: start, count: count).span)
    }

    /// The system's sentence for an error number.
    static func message(_ number: Int32) -> String {
        unsafe String(cString: strerror(number))
    }
}

extension Mapping {
    /// Opens the regular file at `path` for reading.
    static func open(_ path: String) throws(DataFileError) -> Int32 {
        guard !path.utf8.contains(0) else {
            throw DataFileError(.cannotOpen, "a path cannot hold a zero byte; name another file")
        }
        // O_NONBLOCK: a named pipe must be refused below, not waited for.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw DataFileError(.cannotOpen, "\(path): \(message(errno)); check the path and its permissions")
        }
        return descriptor
    }

    /// The size in bytes of the regular file behind `descriptor`.
    static func size(of descriptor: Int32) throws(DataFileError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw DataFileError(.cannotOpen, "fstat failed: \(message(errno)); the file cannot be read")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw DataFileError(.cannotOpen, "this is no regular file; name the data.mdb itself, not its folder")
        }
        return Int(status.st_size)
    }
}

extension Span where Element == UInt8 {
    /// The little-endian number in the two bytes at `offset`.
    func u16(at offset: Int) -> UInt16 {
        unsafe UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// The little-endian number in the four bytes at `offset`.
    func u32(at offset: Int) -> UInt32 {
        unsafe UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The little-endian number in the eight bytes at `offset`.
    func u64(at offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Orders as LMDB does: the first differing byte decides, else the shorter is less. Negative, zero or positive.
    func compared(to other: Span<UInt8>) -> Int {
        let common = Swift.min(count, other.count)
        if common >= 8 {
            // Most keys differ here; read as big-endian numbers, eight bytes compare as bytes do.
            let (left, right) = (u64(at: 0).byteSwapped, other.u64(at: 0).byteSwapped)
            if left != right { return left < right ? -1 : 1 }
        }
        let difference = unsafe withUnsafeBufferPointer { left in
            unsafe other.withUnsafeBufferPointer { right in
                guard common > 0, let left = left.baseAddress, let right = right.baseAddress else { return Int32(0) }
                return unsafe memcmp(left, right, common)
            }
        }
        return difference != 0 ? Int(difference) : count - other.count
    }

    /// A copy of the bytes.
    var copied: [UInt8] {
        unsafe withUnsafeBufferPointer { unsafe Array($0) }
    }
}
