internal import Glibc

/// The raw bytes of a file, of standard input or of memory, in chunks; closes what it opened.
///
/// The unsafe call below gives the system an array's own storage for the time of one read, which writes at most its
/// length.
struct ByteSource: ~Copyable {
    private enum Origin {
        case descriptor(Int32, isOwned: Bool)
        case memory([UInt8])
    }

    private let origin: Origin
    private var offset = 0
    let name: String

    init(bytes: [UInt8], name: String) {
        origin = .memory(bytes)
        self.name = name
    }

    init(path: String) throws(InterchangeError) {
        guard path != "-" else {
            origin = .descriptor(STDIN_FILENO, isOwned: false)
            name = "standard input"
            return
        }
        guard !path.utf8.contains(0) else {
            throw InterchangeError(.unreadable, "a path has no zero byte", at: .init(file: path))
        }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ByteSource.failure("opened", file: path) }
        origin = .descriptor(descriptor, isOwned: true)
        name = path
    }

    deinit {
        if case .descriptor(let descriptor, isOwned: true) = origin { close(descriptor) }
    }

    /// Replaces `chunk` with the next at most 128 KiB; leaves it empty at the end.
    mutating func read(into chunk: inout [UInt8]) throws(InterchangeError) {
        switch origin {
        case .memory(let bytes):
            let end = min(offset + InputFile.chunkByteCount, bytes.count)
            chunk = Array(bytes[offset..<end])
            offset = end
        case .descriptor(let descriptor, _):
            try read(descriptor, into: &chunk)
        }
    }

    private func read(_ descriptor: Int32, into chunk: inout [UInt8]) throws(InterchangeError) {
        var status = 0
        repeat {
            unsafe chunk = [UInt8](unsafeUninitializedCapacity: InputFile.chunkByteCount) { buffer, initialized in
                status = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                initialized = max(0, status)
            }
        } while status < 0 && errno == EINTR
        guard status >= 0 else { throw ByteSource.failure("read", file: name) }
    }

    private static func failure(_ verb: String, file: String) -> InterchangeError {
        let number = errno
        let text: String
        switch number {
        case ENOENT: text = "there is no such file; check the path"
        case EACCES: text = "permission is denied"
        case EISDIR: text = "it is a directory; name a file"
        default: text = unsafe String(cString: strerror(number))
        }
        return InterchangeError(.unreadable, "the file cannot be \(verb): \(text)", at: .init(file: file))
    }
}
