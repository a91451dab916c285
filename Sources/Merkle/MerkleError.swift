/// What is wrong with a proof, a range of leaves, a compact range, a node or a tile path.
///
/// Two errors are equal when their codes are: the reason is for people.
public struct MerkleError: Error, Sendable {
    /// Which check failed.
    public let code: Code

    /// What was found, where, and what to do about it.
    public var reason: String { makeReason() }

    /// The text is made when it is read, so that refusing a forged proof costs its hashes and no formatting.
    private let makeReason: @Sendable () -> String

    init(_ code: Code, _ reason: @autoclosure @escaping @Sendable () -> String) {
        self.code = code
        makeReason = reason
    }
}

/// The name of ``MerkleError`` in the signatures that check proofs.
public typealias ProofError = MerkleError

// MARK: - Codes

extension MerkleError {
    /// The check that failed; more may be added, so a switch needs a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        private init(_ description: String) {
            self.description = description
        }

        /// The leaf is not in the tree or subtree that the proof names.
        public static let indexOutOfRange = Code("indexOutOfRange")
        /// The end of a range of leaves, or the later tree of a pair, lies before the start.
        public static let reversedRange = Code("reversedRange")
        /// The range starts where no subtree of its length can start.
        public static let misalignedSubtree = Code("misalignedSubtree")
        /// The subtree reaches past the tree.
        public static let subtreeOutsideTree = Code("subtreeOutsideTree")
        /// The first tree of a consistency proof is empty: there is nothing to prove.
        public static let emptyFirstTree = Code("emptyFirstTree")
        /// The proof holds fewer hashes than its positions demand.
        public static let missingHashes = Code("missingHashes")
        /// The proof holds more hashes than its positions demand.
        public static let surplusHashes = Code("surplusHashes")
        /// The hashes lead to another root of the (later, surrounding) tree.
        public static let rootMismatch = Code("rootMismatch")
        /// The hashes lead to another root of the earlier tree.
        public static let firstRootMismatch = Code("firstRootMismatch")
        /// The hashes lead to another hash of the subtree.
        public static let subtreeMismatch = Code("subtreeMismatch")
        /// The number of peaks does not fit the size.
        public static let peakCount = Code("peakCount")
        /// The tree is larger than a compact range may be.
        public static let sizeTooLarge = Code("sizeTooLarge")
        /// The tree has no such node, or not yet a complete one.
        public static let missingNode = Code("missingNode")
        /// The text is not the one way to write a tile's path.
        public static let tilePath = Code("tilePath")
    }
}

// MARK: - Equality and text

extension MerkleError: Hashable, CustomStringConvertible {
    public static func == (left: MerkleError, right: MerkleError) -> Bool {
        left.code == right.code
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }

    public var description: String { "\(code): \(reason)" }
}
