public import Digests

/// Something that holds the complete nodes of a tree.
///
/// Everything else (roots, compact ranges, proofs) follows from it in O(log n) reads; see the extensions.
public protocol NodeSource {
    /// Why a node could not be read.
    associatedtype Failure: Error

    /// The hash of the complete node that covers the leaves index·2^level ..< (index+1)·2^level; level 0 is the leaves.
    ///
    /// Throws when the node is not held, in particular when the tree has not grown that far.
    func node(level: Int, index: UInt64) throws(Failure) -> Digest
}

/// Why a root, a range or a proof could not be made from a ``NodeSource``.
public enum GenerationError<Failure: Error>: Error {
    /// The request makes no sense for a tree of the given size.
    case refused(MerkleError)

    /// A node could not be read.
    case source(Failure)
}

extension GenerationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let error): "the request was refused: \(error)"
        case .source(let error): "a node could not be read: \(error)"
        }
    }
}
