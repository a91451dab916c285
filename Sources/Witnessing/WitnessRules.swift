internal import Digests
internal import Merkle
internal import Transparency

/// What a witness refuses, in the order of the specification (C2SP tlog-witness v1.0.0, "add-checkpoint"). Pure.
///
/// 1. The log is known: else 404. Whoever calls has looked.
/// 2. A key of the log signed, and no line that names one fails: else 403.
/// 3. The older size is not above the checkpoint's: else 400.
/// 4. The older size is that of the checkpoint that was last cosigned, 0 for none: else 409.
/// 5. The checkpoint continues that one: the same root at the same size, a proof for a larger one, none after 0; a tree
///    of no entries has the root SHA-256(""): else 422.
enum WitnessRules {
    /// Why the request is refused; nil when it is to be cosigned.
    ///
    /// `last` is what was last cosigned of this log, and `keys` are the log's.
    static func refusal(
        of request: AddCheckpointRequest, keys: [NoteKey], last: Checkpoint?
    ) -> WitnessAnswer? {
        do throws(TransparencyError) { _ = try request.checkpoint.note.verified(by: keys) } catch {
            return .unsigned(error.reason)
        }
        let new = request.checkpoint.checkpoint
        guard request.old <= new.size else {
            return .malformed("the old size \(request.old) is larger than the checkpoint's, \(new.size)")
        }
        guard request.old == last?.size ?? 0 else { return .conflict(latest: last?.size ?? 0) }
        return discontinuity(from: last, to: new, by: request.hashes).map(WitnessAnswer.inconsistent)
    }

    /// Why `new` is not shown to continue `last`, whose size is the request's older one.
    private static func discontinuity(from last: Checkpoint?, to new: Checkpoint, by proof: [Digest]) -> String? {
        do throws(TransparencyError) { try new.checkEmptyTree() } catch { return error.reason }
        guard let last, last.size > 0 else {
            return proof.isEmpty ? nil : "after the size 0 there is nothing to prove, and the proof is to be empty"
        }
        if last.size == new.size, last.root != new.root {
            return "another tree of \(last.size) entries was cosigned before, with the root \(last.root)"
        }
        do throws(ProofError) {
            try ConsistencyProof(first: last.size, second: new.size, hashes: proof)
                .verify(first: last.root, second: new.root)
            return nil
        } catch { return error.reason }
    }
}
