public import Digests

// The tree (RFC 6962 §2.1, with SHA-256). D[n] is a list of n entries d(0) … d(n-1):
//
//     MTH({})   = SHA-256()
//     MTH({d})  = SHA-256(0x00 ‖ d)
//     MTH(D[n]) = SHA-256(0x01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n]))   k: the largest power of two smaller than n
//
// A node is named by its level and its index: node (l, i) covers the leaves i·2^l ..< (i+1)·2^l, and it is complete in
// a tree of n leaves when (i+1)·2^l ≤ n. Leaf i is node (0, i). A tree of 7 leaves:
//
//     level 3                         root = H(H((2,0)), H((1,2), (0,6)))
//     level 2            (2,0)
//     level 1      (1,0)       (1,1)       (1,2)
//     level 0   (0,0) (0,1) (0,2) (0,3) (0,4) (0,5) (0,6)
//
// The peaks of that tree are (2,0), (1,2) and (0,6): one for each one bit of 7.
//
// Invariants, cited by number in the code that keeps them and the tests that try to break them:
//
//  1. A leaf is hashed behind 0x00 and an inner node behind 0x01, so no entry can pass for a node.
//  2. A complete node never changes: what a tree of n leaves says of it holds in every larger tree.
//  3. A compact range of n leaves has popcount(n) peaks, the largest first, and folding them from the right gives MTH.
//  4. A subtree [start, end) starts at a multiple of the smallest power of two that is not below its length. Its hash
//     is MTH of its own leaves, and it shares every complete node with the tree around it.
//  5. The sides of a proof follow from positions and sizes alone; a proof holds exactly as many hashes as they demand.
//     Every surplus or missing hash is an error before any hash is compared.
//  6. A proof speaks of a size and a root together. Trees of different sizes can give a leaf the same sides, so a size
//     is believed only because it was signed in one statement with the root.
//  7. Stored nodes lie in the order in which blocks complete them: position and node determine each other.
//  8. Whatever a stranger supplies (sizes, positions, hashes, path text) is refused by an error that names the check.

/// The three hashes of an RFC 6962 tree.
public enum MerkleHash {
    /// SHA-256 of nothing: the root of the tree without leaves (RFC 6962 §2.1).
    public static let emptyRoot = SHA256.hash([UInt8]().span)

    /// SHA-256(0x00 ‖ entry): the hash of a leaf. O(n) in the bytes of `entry`. Invariant 1.
    public static func leaf(_ entry: Span<UInt8>) -> Digest {
        SHA256.hash(prefix: 0x00, entry)
    }

    /// SHA-256(0x01 ‖ left ‖ right): the hash of an inner node. Invariant 1.
    public static func node(_ left: Digest, _ right: Digest) -> Digest {
        SHA256.hash(prefix: 0x01, left, right)
    }
}
