internal import CShims

/// SHA-256 of bytes that come in parts, such as those of a file.
///
/// Safety: the state lies in memory of the C library, which this value alone points to; it is freed once, when the
/// value ends.
@safe public struct RunningSHA256: ~Copyable {
    private let state: UnsafeMutableRawPointer

    public init() {
        guard let state = unsafe CShims_sha256_begin() else { preconditionFailure("there is no memory for a hash") }
        unsafe self.state = unsafe state
    }

    deinit { unsafe CShims_sha256_end(state, nil) }

    /// Adds the next bytes.
    public mutating func add(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe CShims_sha256_add(state, $0.baseAddress, $0.count) }
    }

    /// The digest of all bytes added.
    public consuming func digest() -> Digest {
        let state = unsafe self.state
        discard self
        var digest = Digest.zero
        unsafe withUnsafeMutableBytes(of: &digest.words) { raw in
            unsafe CShims_sha256_end(state, raw.baseAddress!.assumingMemoryBound(to: UInt8.self))
        }
        return digest
    }
}
