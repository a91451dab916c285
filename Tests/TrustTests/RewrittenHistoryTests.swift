import Digests
import EventFormat
import Foundation
import Merkle
import Signing
import Testing
import Transparency
import Witnessing

/// An operator that rewrites its ledger with every hash and its own signature recomputed: who notices.
@Suite struct RewrittenHistoryTests {
    private let folder: Scratch
    private let agency: Agency
    private var rewritten: History

    init() throws {
        folder = try Scratch()
        agency = try Agency()
        rewritten = agency.history
        rewritten.entries[100].type = "decision.refused"
        rewritten.relink()
        let event = rewritten.event(source: "/counter")
        try rewritten.record([event], to: agency.stream(7))
    }

    /// A tree that can make proofs.
    private func tree(_ history: History) -> MemoryTree {
        MemoryTree(leaves: history.leaves)
    }

    @Test func `a witness that has seen the old history does not cosign the new one`() throws {
        let home = WitnessFolder(folder.path("witness"))
        _ = try home.make(name: KeyName("witness.example.org"))
        let key = try NoteKey(name: KeyName(agency.history.origin.text), publicKey: agency.log.publicKey)
        _ = try home.add([key.vkey])
        let witness = try Witness(home, clock: { 1_767_300_000 })
        let first = try AddCheckpointRequest(old: 0, hashes: [], checkpoint: agency.checkpoint(witnesses: []))
        #expect(witness.addCheckpoint(first.bytes).answer.status == 200)
        let proof = try tree(rewritten).consistencyProof(from: 600, to: 601)
        let second = try AddCheckpointRequest(
            old: 600, hashes: proof.hashes, checkpoint: agency.checkpoint(of: rewritten, witnesses: []))
        #expect(witness.addCheckpoint(second.bytes).answer.status == 422)
        let same = try AddCheckpointRequest(
            old: 600, hashes: [], checkpoint: agency.checkpoint(600, of: rewritten, witnesses: []))
        #expect(witness.addCheckpoint(same.bytes).answer.status == 422)
    }

    @Test func `a receipt from before holds for the old entry only, and no proof leads to the new history`() throws {
        let checkpoint = try agency.checkpoint()
        let inclusion = try tree(agency.history).inclusionProof(index: 100, size: 600)
        let receipt = try TlogProof(
            index: 100, hashes: inclusion.hashes, extra: nil, checkpoint: checkpoint)
        let result = try receipt.verify(leaf: agency.history.leaves[100], policy: agency.policy)
        #expect(result.isQuorumMet)
        #expect(throws: TransparencyError.self) {
            try receipt.verify(leaf: rewritten.leaves[100], policy: agency.policy)
        }
        let proof = try tree(rewritten).consistencyProof(from: 600, to: 601)
        #expect(throws: ProofError.self) {
            try proof.verify(first: agency.history.root(), second: rewritten.root())
        }
    }
}
