internal import EventFormat
internal import LMDBFile
internal import StoreFormat
internal import Threading

/// Findings as they come from several threads.
final class FindingList: Sendable {
    private struct State: Sendable {
        var findings: Set<Finding> = []
        var omitted = 0
    }

    private let state = Monitor(State())

    func add(_ kind: Finding.Kind, at index: EntryIndex?, _ detail: String) {
        add(Finding(kind, at: index, detail))
    }

    func add(_ finding: Finding) {
        state.withLock { state in
            if state.findings.count < VerificationReport.maximumFindingCount {
                state.findings.insert(finding)
            } else if !state.findings.contains(finding) {
                state.omitted += 1
            }
        }
    }

    /// Damage of the file's structure, at the entry that it hides if that is known.
    func add(_ damage: Damage, at index: EntryIndex?) {
        add(.storage, at: index, "the data file is damaged: \(damage)")
    }

    var isEmpty: Bool { state.withLock { $0.findings.isEmpty } }

    var omittedCount: Int { state.withLock { $0.omitted } }

    /// In the order of the entries.
    var sorted: [Finding] {
        state.withLock { $0.findings }.sorted { left, right in
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
