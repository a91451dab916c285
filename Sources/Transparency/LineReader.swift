internal import Digests

/// Lines that each end in a newline, one after the other. Linear in the bytes read.
struct LineReader {
    private let bytes: [UInt8]
    private var offset = 0

    /// The number of the line that ``next()`` gave last, from 1.
    private(set) var number = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next line without its newline; nil when no newline is left.
    mutating func next() -> ArraySlice<UInt8>? {
        guard let end = bytes[offset...].firstIndex(of: newline) else { return nil }
        defer { offset = end + 1 }
        number += 1
        return bytes[offset..<end]
    }

    /// What follows the last line read.
    var rest: ArraySlice<UInt8> { bytes[offset...] }

    /// Whether nothing is left.
    var isAtEnd: Bool { offset == bytes.count }
}

extension LineReader {
    /// The hashes of a proof, a line each, up to the empty line that a checkpoint follows; that line is read too.
    ///
    /// Throws `tooMany` when there are more than `limit`, and `code` for a line that is no hash and when the text,
    /// which errors call `subject`, ends before.
    mutating func hashes(
        atMost limit: Int, of subject: String, _ code: TransparencyError.Code, tooMany: TransparencyError
    ) throws(TransparencyError) -> [Digest] {
        var hashes: [Digest] = []
        while let line = next() {
            guard !line.isEmpty else { return hashes }
            guard hashes.count < limit else { throw tooMany }
            guard let hash = line.base64Digest else {
                throw TransparencyError(code, "\(quoted(line)) is not the base64 of a hash of 32 bytes", line: number)
            }
            hashes.append(hash)
        }
        throw TransparencyError(code, "the \(subject) ends before the empty line that its checkpoint follows")
    }
}

extension ArraySlice<UInt8> {
    /// What follows `word` and one space, or nil when the line does not begin so.
    func argument(of word: String) -> ArraySlice<UInt8>? {
        let start = Array("\(word) ".utf8)
        return starts(with: start) ? dropFirst(start.count) : nil
    }

    /// The 32 bytes whose one base64 spelling the line is, or nil.
    var base64Digest: Digest? {
        guard count == 44 else { return nil }
        return Base64.decode(Array(self)).flatMap { Digest(bytes: $0) }
    }
}

extension Digest {
    /// The 44 characters of base64.
    var base64: String {
        var text: [UInt8] = []
        Base64.append(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
