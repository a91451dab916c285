internal import CShims

/// The SHA-256 calls of the ledger: each names its domain by a one-byte prefix (promise 7).
///
/// The C functions read `count` bytes and write 32; both buffers outlive the call, and nothing is kept, so the unsafe
/// pointers below never escape.
public enum SHA256 {
    /// SHA-256(prefix ‖ bytes). O(n).
    public static func hash(prefix: UInt8, _ bytes: Span<UInt8>) -> Digest {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe withDigest { unsafe CShims_sha256(prefix, buffer.baseAddress, buffer.count, $0) }
        }
    }

    /// SHA-256(prefix ‖ first ‖ second). O(n).
    public static func hash(prefix: UInt8, _ first: Span<UInt8>, _ second: Span<UInt8>) -> Digest {
        unsafe first.withUnsafeBufferPointer { head in
            unsafe second.withUnsafeBufferPointer { tail in
                unsafe withDigest {
                    unsafe CShims_sha256_pair(prefix, head.baseAddress, head.count, tail.baseAddress, tail.count, $0)
                }
            }
        }
    }

    /// SHA-256(prefix ‖ left ‖ right): an inner node of a Merkle tree.
    public static func hash(prefix: UInt8, _ left: Digest, _ right: Digest) -> Digest {
        left.withBytes { head in right.withBytes { tail in hash(prefix: prefix, head, tail) } }
    }

    /// SHA-256(bytes), for values that are not part of a ledger's own hashing.
    public static func hash(_ bytes: Span<UInt8>) -> Digest {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe withDigest { unsafe CShims_sha256_plain(buffer.baseAddress, buffer.count, $0) }
        }
    }

    private static func withDigest(_ body: (UnsafeMutablePointer<UInt8>) -> Void) -> Digest {
        var digest = Digest.zero
        unsafe withUnsafeMutableBytes(of: &digest.words) { raw in
            unsafe body(raw.baseAddress!.assumingMemoryBound(to: UInt8.self))
        }
        return digest
    }
}
