import Digests
import Foundation
import Merkle
import Testing

private let probes = "transparency-dev-merkle/testdata"

/// One probe of any of the four kinds; fields that its kind does not have are nil.
private struct Probe: Decodable {
    let leafIdx, treeSize, size1, size2, start, end, size: UInt64?
    let root, leafHash, root1, root2: Data?
    let proof: [Data]?
    let wantErr: Bool
}

/// A value that is not 32 bytes long: no digest can be made of it, so the proof is refused before it is checked.
private struct WrongLength: Error {}

/// The digest that a probe names. "don't care 1" and "don't care 2", which some consistency probes give as roots, stand
/// for any two different roots; every other value that is not 32 bytes long is refused.
private func digest(_ data: Data?) throws -> Digest {
    let data = try #require(data)
    if data.starts(with: Array("don't care ".utf8)), data.count == 12 { return SHA256.hash([UInt8](data)) }
    guard let digest = Digest(bytes: data) else { throw WrongLength() }
    return digest
}

private func hashes(_ probe: Probe) throws -> [Digest] {
    try (probe.proof ?? []).map { data in
        guard let digest = Digest(bytes: data) else { throw WrongLength() }
        return digest
    }
}

private func subtree(_ probe: Probe) throws -> Subtree {
    let (start, end) = (try #require(probe.start), try #require(probe.end))
    return try Subtree(start: LeafIndex(start), end: LeafIndex(end))
}

private func checkInclusion(_ probe: Probe) throws {
    let (index, size) = (try #require(probe.leafIdx), try #require(probe.treeSize))
    let proof = InclusionProof(index: LeafIndex(index), size: TreeSize(size), hashes: try hashes(probe))
    try proof.verify(leaf: digest(probe.leafHash), root: digest(probe.root))
}

private func checkConsistency(_ probe: Probe) throws {
    let (first, second) = (try #require(probe.size1), try #require(probe.size2))
    let proof = ConsistencyProof(first: TreeSize(first), second: TreeSize(second), hashes: try hashes(probe))
    try proof.verify(first: digest(probe.root1), second: digest(probe.root2))
}

private func checkSubtreeInclusion(_ probe: Probe) throws {
    let index = LeafIndex(try #require(probe.leafIdx))
    let proof = SubtreeInclusionProof(index: index, subtree: try subtree(probe), hashes: try hashes(probe))
    try proof.verify(leaf: digest(probe.leafHash), root: digest(probe.root))
}

private func checkSubtreeConsistency(_ probe: Probe) throws {
    let size = TreeSize(try #require(probe.size))
    let proof = SubtreeConsistencyProof(subtree: try subtree(probe), size: size, hashes: try hashes(probe))
    try proof.verify(subtree: digest(probe.root1), root: digest(probe.root2))
}

/// A kind of probe, how many there are and are to be accepted, and how to check one.
struct ProbeKind: Sendable, CustomTestStringConvertible {
    let folder: String
    let count: Int
    let accepted: Int
    fileprivate let check: @Sendable (Probe) throws -> Void
    var testDescription: String { folder }

    static let all = [
        ProbeKind(folder: "inclusion", count: 98, accepted: 6, check: checkInclusion),
        ProbeKind(folder: "consistency", count: 98, accepted: 6, check: checkConsistency),
        ProbeKind(folder: "subtreeinclusion", count: 204, accepted: 12, check: checkSubtreeInclusion),
        ProbeKind(folder: "subtreeconsistency", count: 118, accepted: 12, check: checkSubtreeConsistency),
    ]
}

@Suite(.enabled(if: Vectors.has(probes), "needs the vectors in transparency-dev-merkle/testdata"))
struct ProofProbeTests {
    @Test(arguments: ProbeKind.all)
    func `every published probe is accepted or refused as it asks`(kind: ProbeKind) throws {
        var accepted = 0
        var checked = 0
        let files = try Vectors.files(below: "\(probes)/\(kind.folder)")
        for file in files {
            let probe = try Vectors.decode(Probe.self, from: file)
            do {
                try kind.check(probe)
                #expect(!probe.wantErr, "\(file) was accepted")
                accepted += 1
                checked += 1
            } catch let error as MerkleError {
                #expect(probe.wantErr, "\(file) was refused: \(error)")
                checked += 1
            } catch is WrongLength {
                #expect(probe.wantErr, "\(file) holds a value that is not 32 bytes long")
            }
        }
        #expect(files.count == kind.count)
        #expect(accepted == kind.accepted)
        // Most refusals must come from the checks themselves and not from lengths.
        #expect(checked * 3 > files.count * 2, "only \(checked) of \(files.count) probes reached the checks")
    }
}
