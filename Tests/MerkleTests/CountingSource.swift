import Digests
import Merkle

/// Counts the nodes that are read from a tree, and fails to read any after a given number.
final class CountingSource<Tree: NodeSource>: NodeSource {
    struct Exhausted: Error {}

    private let tree: Tree
    private let limit: Int
    private(set) var reads = 0

    init(_ tree: Tree, limit: Int = .max) {
        self.tree = tree
        self.limit = limit
    }

    func node(level: Int, index: UInt64) throws(Exhausted) -> Digest {
        guard reads < limit else { throw Exhausted() }
        reads += 1
        do { return try tree.node(level: level, index: index) } catch { throw Exhausted() }
    }
}
