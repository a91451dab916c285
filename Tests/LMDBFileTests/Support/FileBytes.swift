import Glibc

/// A file whose bytes a test changes under the reader.
final class FileBytes {
    let descriptor: Int32
    let path: String

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT, 0o600)
        guard descriptor >= 0 else { throw LMDBFailure(code: errno) }
    }

    deinit { close(descriptor) }

    var count: Int { Int(lseek(descriptor, 0, SEEK_END)) }

    var all: [UInt8] { read(at: 0, count: count) }

    func read(at offset: Int, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        precondition(pread(descriptor, &bytes, count, off_t(offset)) == count, "the test reads inside its file")
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: Int) {
        precondition(pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count, "the test's disk is full")
    }

    func cut(to count: Int) {
        precondition(ftruncate(descriptor, off_t(count)) == 0, "the test can cut its own file")
    }

    func number(at offset: Int, size: Int) -> UInt64 {
        read(at: offset, count: size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    func write(_ number: UInt64, size: Int, at offset: Int) {
        write((0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }, at: offset)
    }
}

/// A second, trusting reader of a sound file: which pages of the newest transaction are what.
struct SoundPages {
    private(set) var branches: [Int] = []
    private(set) var leaves: [Int] = []
    private(set) var overflows: [Int] = []
    /// The meta page of the newest transaction.
    let meta: Int
    /// Where the 48-byte record of each table lies in the file.
    private(set) var records: [String: Int] = [:]

    var all: [Int] { branches + leaves + overflows }

    init(_ file: FileBytes) {
        let ids = (0...1).map { file.number(at: $0 * 4096 + 144, size: 8) }
        meta = ids[0] >= ids[1] ? 0 : 1
        visit(file.number(at: meta * 4096 + 128, size: 8), file)
    }

    private mutating func visit(_ root: UInt64, _ file: FileBytes) {
        guard root != .max else { return }
        let start = Int(root) * 4096
        let isLeaf = file.number(at: start + 10, size: 2) == 2
        if isLeaf { leaves.append(Int(root)) } else { branches.append(Int(root)) }
        for index in 0..<(Int(file.number(at: start + 12, size: 2)) - 16) / 2 {
            let node = start + Int(file.number(at: start + 16 + 2 * index, size: 2))
            let payload = node + 8 + Int(file.number(at: node + 6, size: 2))
            switch (isLeaf, file.number(at: node + 4, size: 2)) {
            case (false, _): visit(file.number(at: node, size: 6), file)
            case (true, 1): overflows.append(Int(file.number(at: payload, size: 8)))
            case (true, 2):
                records[String(decoding: file.read(at: node + 8, count: payload - node - 8), as: UTF8.self)] = payload
                visit(file.number(at: payload + 40, size: 8), file)
            default: break
            }
        }
    }
}
