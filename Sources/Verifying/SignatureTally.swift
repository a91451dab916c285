internal import EventFormat
internal import Keyring
internal import Signing
internal import Threading

/// Gathers what is found of signatures: findings, numbers, and the parts of the ledger that several threads have swept,
/// which are put together in their order as they come.
final class SignatureTally: Sendable {
    private struct State: Sendable {
        /// The parts that are put together.
        var joined: SignatureSweep?
        /// Parts that came before one that stands before them.
        var waiting: [Int: SignatureSweep] = [:]
        var nextPart = 0
        var signatureCount: UInt64 = 0
        var signedCount: UInt64 = 0
        var doubts: [KeyID: Doubt] = [:]
        /// Reasons that were told.
        var reasons: Set<String> = []
        var remarks: [String] = []
    }

    /// Entries that a key signed after it was perhaps in other hands.
    private struct Doubt: Sendable {
        let from: EntryIndex
        var first: EntryIndex?
        var count: UInt64 = 0
    }

    private let findings: FindingList
    private let state = Monitor(State())

    init(_ findings: FindingList) { self.findings = findings }

    /// The signatures that were checked, and the entries that right ones cover.
    var counts: (signatures: UInt64, entries: UInt64) { state.withLock { ($0.signatureCount, $0.signedCount) } }

    /// The keys cannot be known, and so no signature be checked.
    func giveUp(_ reason: String) -> [UInt64]? {
        state.withLock { $0.remarks.append("signatures were not checked: \(reason)") }
        return nil
    }

    /// From which entry on the signatures of some keys deserve doubt.
    func expect(_ doubts: [KeyID: EntryIndex]) {
        state.withLock { state in
            for (id, from) in doubts { state.doubts[id] = Doubt(from: from) }
        }
    }

    /// Takes the sweep over part `number` of the ledger, of whose entries `signatures` carry one.
    func take(_ sweep: SignatureSweep?, part number: Int, signatures: UInt64) {
        guard let sweep else { return }
        state.withLock { state in
            state.signatureCount += signatures
            state.waiting[number] = sweep
            while let next = state.waiting.removeValue(forKey: state.nextPart) {
                if state.joined == nil { state.joined = next } else { state.joined?.join(next) }
                state.nextPart += 1
            }
            note(state.joined?.takeVerdicts() ?? [], ofTrust: false, &state)
        }
    }

    /// No part follows.
    func finish() {
        state.withLock { state in
            state.joined?.finish()
            note(state.joined?.takeVerdicts() ?? [], ofTrust: false, &state)
        }
    }

    /// Takes verdicts; `ofTrust`: on the ledger's own events.
    func note(_ verdicts: [SignatureVerdict], ofTrust: Bool) {
        state.withLock { note(verdicts, ofTrust: ofTrust, &$0) }
    }

    private func note(_ verdicts: [SignatureVerdict], ofTrust: Bool, _ state: inout State) {
        for verdict in verdicts {
            let first = verdict.entries.lowerBound
            switch verdict.judgement {
            case .unsigned: break
            case .signed(let key):
                state.signedCount += verdict.count
                if let doubt = state.doubts[key], doubt.from <= first {
                    state.doubts[key]?.first = min(doubt.first ?? first, first)
                    state.doubts[key]?.count += verdict.count
                }
            case .faulty(let error):
                let kind: Finding.Kind = ofTrust ? .key : error.code == .unsigned ? .unsigned : .signature
                findings.add(kind, at: first, error.reason)
            case .unproven(let reason), .unverifiable(let reason):
                // That a payload is not there or altered is a finding of its own, and of its own entry.
                guard !ofTrust else { continue }
                guard state.reasons.insert(reason).inserted else { continue }
                findings.add(.signature, at: first, "its signature cannot be checked: \(reason)")
            }
        }
    }

    /// What the report says beside the findings.
    func remarks(_ history: KeyHistory?) -> [String] {
        state.withLock { state in
            let doubts = state.doubts.compactMap { id, doubt -> (EntryIndex, String)? in
                guard let first = doubt.first, let record = history?.record(of: id), let end = record.end,
                    case .revoked(let reason, let since?) = end.cause
                else { return nil }
                let text =
                    "\(doubt.count) entries, the first of them entry \(first), are signed by the key \(id), which entry "
                    + "\(end.index) revoked as compromised since \(since) (\(reason.escapingControls)): somebody else may "
                    + "have signed them"
                return (first, text)
            }
            return state.remarks + doubts.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.1)
        }
    }
}
