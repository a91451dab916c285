internal import EventFormat
internal import LMDBFile
internal import StoreFormat
internal import Threading

/// Findings as they come from several threads.
final class FindingList: Sendable {
    private struct State: Sendable {
        var findings: Set<Finding> = []
        var omitted = 0

        /// Keeps the findings of the first entries.
        mutating func cut(to count: Int) {
            guard findings.count > count else { return }
            let kept = FindingList.sorted(findings).prefix(count)
            omitted += findings.count - kept.count
            findings = Set(kept)
        }
    }

    private let state = Monitor(State())

    func add(_ kind: Finding.Kind, at index: EntryIndex?, _ detail: String) {
        add(Finding(kind, at: index, detail))
    }

    /// Takes a finding; of very many, those of the first entries are kept.
    func add(_ finding: Finding) {
        state.withLock { state in
            state.findings.insert(finding)
            if state.findings.count >= VerificationReport.maximumFindingCount * 2 {
                state.cut(to: VerificationReport.maximumFindingCount)
            }
        }
    }

    /// Damage of the file's structure, at the entry that it hides if that is known.
    func add(_ damage: Damage, at index: EntryIndex?) {
        add(.storage, at: index, "the data file is damaged: \(damage)")
    }

    var isEmpty: Bool { state.withLock { $0.findings.isEmpty } }

    /// The findings in the order of the entries, at most as many as a report has, and how many more there were.
    var report: (findings: [Finding], omitted: Int) {
        state.withLock { state in
            state.cut(to: VerificationReport.maximumFindingCount)
            return (FindingList.sorted(state.findings), state.omitted)
        }
    }

    private static func sorted(_ findings: Set<Finding>) -> [Finding] {
        findings.sorted { left, right in
            let (first, second) = (
                left.index.map { Int128($0.rawValue) } ?? -1, right.index.map { Int128($0.rawValue) } ?? -1
            )
            return (first, left.kind.description, left.detail) < (second, right.kind.description, right.detail)
        }
    }
}

extension Finding {
    /// A segment whose key is not the index of its last entry.
    static func misplaced(_ segment: SegmentLayout, at index: EntryIndex) -> Finding {
        Finding(
            .storage, at: index,
            "the segment of entries \(segment.first) to \(segment.last) is stored under another key")
    }
}
