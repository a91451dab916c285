internal import CShims
internal import Glibc
internal import Synchronization

/// The file `offers.shm` of a ledger, mapped into all processes that append to it at once: a word and room for bytes
/// for each of them.
///
/// Nothing in it is needed by a later process: it may be removed whenever nobody has the ledger open. Offers are
/// overwritten when they are done with; what a crash leaves of one, payloads too, is overwritten by the place's next
/// owner, and never read.
///
/// Safety: the mapping is made once with the size below and removed in `deinit`; each access is bounds-checked against
/// that size. Words are used through `Atomic` only. Bytes of a place are written by its owner and read by others when
/// the words' protocol says so (``OfferBoard``, O2), under LMDB's write transaction; whoever reads copies them first
/// and checks the copy. Blocks are reserved before a place is used, so that a full disk cannot end the process.
@safe final class OfferMemory: Sendable {
    static let name = "offers.shm"
    static let placeCount = 62
    /// What a place takes, the eight bytes of an offer's size included.
    static let placeByteCount = 256 << 10
    private static let lineByteCount = 64
    private static let headByteCount = 4096
    private static let byteCount = headByteCount + placeCount * placeByteCount
    /// "mohurof" and the version of words and offers.
    private static let mark: UInt64 = 0x6d6f_6875_726f_6601

    // Held as a number because a pointer is not Sendable.
    private let address: UInt
    private let descriptor: Int32

    /// Maps the file in `directory`, making it if need be. nil when that cannot be done, or another version made it:
    /// processes then commit each for itself.
    init?(in directory: String) {
        let path = "\(directory)/\(OfferMemory.name)"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o660)
        guard descriptor >= 0 else { return nil }
        guard let address = OfferMemory.map(descriptor) else {
            close(descriptor)
            return nil
        }
        (self.descriptor, self.address) = (descriptor, address)
        let mark = OfferMemory.mark
        let found = word(at: 0) {
            $0.compareExchange(expected: 0, desired: mark, ordering: .sequentiallyConsistent)
        }
        guard found.exchanged || found.original == mark else { return nil }
    }

    private static func map(_ descriptor: Int32) -> UInt? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            Int(status.st_size) == byteCount || status.st_size == 0 && ftruncate(descriptor, off_t(byteCount)) == 0,
            posix_fallocate(descriptor, 0, off_t(headByteCount)) == 0
        else { return nil }
        let pointer = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let pointer = unsafe pointer, unsafe pointer != MAP_FAILED else { return nil }
        return UInt(bitPattern: pointer)
    }

    deinit {
        unsafe munmap(UnsafeMutableRawPointer(bitPattern: address), OfferMemory.byteCount)
        close(descriptor)
    }

    // MARK: Places

    /// Takes a place that no living process has, for as long as this object lives; nil when there is none, or no room
    /// on the disk.
    func claim() -> Int? {
        for place in 0..<OfferMemory.placeCount where CShims_lock_byte(descriptor, Int64(place)) == 0 {
            let start = off_t(offset(of: place))
            guard posix_fallocate(descriptor, start, off_t(OfferMemory.placeByteCount)) == 0 else { return nil }
            return place
        }
        return nil
    }

    /// Whether a living process other than this one has the place.
    func isClaimed(_ place: Int) -> Bool { CShims_is_byte_locked(descriptor, Int64(place)) != 0 }

    private func offset(of place: Int) -> Int {
        precondition(place >= 0 && place < OfferMemory.placeCount, "there is no such place")
        return OfferMemory.headByteCount + place * OfferMemory.placeByteCount
    }

    /// Writes the number of `bytes`, at most ``placeByteCount`` - 8, and the bytes into the place.
    func write(_ bytes: [UInt8], to place: Int) {
        precondition(bytes.count <= OfferMemory.placeByteCount - 8, "an offer is larger than its place")
        let start = unsafe UnsafeMutableRawPointer(bitPattern: address)! + offset(of: place)
        unsafe start.storeBytes(of: UInt64(bytes.count), as: UInt64.self)
        unsafe bytes.withUnsafeBytes {
            unsafe UnsafeMutableRawBufferPointer(start: start + 8, count: $0.count).copyMemory(from: $0)
        }
    }

    /// Overwrites the place's first `count` bytes, and their number, with zeros.
    func clear(_ place: Int, count: Int) {
        precondition(count <= OfferMemory.placeByteCount - 8, "an offer is larger than its place")
        let start = unsafe UnsafeMutableRawPointer(bitPattern: address)! + offset(of: place)
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: count + 8)
    }

    /// A copy of the bytes that were written into the place; none when their number cannot be.
    func read(from place: Int) -> [UInt8] {
        let start = unsafe UnsafeMutableRawPointer(bitPattern: address)! + offset(of: place)
        let count = unsafe start.load(as: UInt64.self)
        guard count <= UInt64(OfferMemory.placeByteCount - 8) else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start + 8, count: Int(count)))
    }
}

// MARK: - Words

extension OfferMemory {
    /// A word that processes share.
    enum Word {
        /// Of the process that commits, or is about to.
        case committer
        /// Of a place.
        case place(Int)

        fileprivate var line: Int {
            switch self {
            case .committer: 1
            case .place(let place): 2 + place
            }
        }
    }

    func load(_ word: Word) -> UInt64 {
        self.word(at: word.line) { $0.load(ordering: .sequentiallyConsistent) }
    }

    func store(_ value: UInt64, _ word: Word) {
        self.word(at: word.line) { $0.store(value, ordering: .sequentiallyConsistent) }
    }

    /// Replaces `old` by `new`; false when another value stood there.
    func exchange(_ old: UInt64, for new: UInt64, _ word: Word) -> Bool {
        self.word(at: word.line) {
            $0.compareExchange(expected: old, desired: new, ordering: .sequentiallyConsistent).exchanged
        }
    }

    /// Sleeps while the low half of the word is that of `value`, for at most `microseconds`.
    func wait(_ word: Word, while value: UInt64, microseconds: Int) {
        unsafe CShims_futex_wait(half(word), UInt32(truncatingIfNeeded: value), Int64(microseconds) * 1_000)
    }

    /// Wakes all that sleep on the word.
    func wake(_ word: Word) { unsafe CShims_futex_wake(half(word)) }

    private func half(_ word: Word) -> UnsafeMutablePointer<UInt32>? {
        unsafe UnsafeMutablePointer(bitPattern: address + UInt(word.line * OfferMemory.lineByteCount))
    }

    /// Calls `body` with the word of a line. Each has a cache line to itself.
    private func word<R>(at line: Int, _ body: (borrowing Atomic<UInt64>) -> R) -> R {
        precondition(line >= 0 && line * OfferMemory.lineByteCount < OfferMemory.headByteCount, "there is no such line")
        let word = unsafe UnsafeMutablePointer<Atomic<UInt64>>(
            bitPattern: address + UInt(line * OfferMemory.lineByteCount))
        return unsafe body(word!.pointee)
    }
}
