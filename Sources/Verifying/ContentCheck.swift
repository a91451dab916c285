internal import Contents
internal import EventFormat
internal import Files
internal import Keyring
internal import Threading

/// Checks what may be gone under a recorded event: payloads, and the contents that payloads name, of which each file is
/// to have the bytes of its name.
struct ContentCheck: Sendable {
    private let store: ContentStore
    private let findings: FindingList
    /// What the ledger's events say of removals; nil: nothing, or it is not known.
    var history: KeyHistory? {
        didSet { hasRemovals = history?.newestRemoval != nil }
    }
    /// Spares every entry a look at the history.
    private var hasRemovals = false

    init(directory: String, _ findings: FindingList) {
        store = ContentStore(ledger: directory)
        self.findings = findings
    }

    /// Judges a payload by whether it is there as its entry states, was removed, or is something else.
    func judgePayload(at index: EntryIndex, _ state: PayloadState) {
        if case .recorded = state, !hasRemovals { return }
        let removal = history?.removal(of: index)
        switch (state, removal) {
        case (.recorded, nil), (.removed, .some): return
        case (.recorded, let removal?):
            findings.add(
                .payload, at: index,
                "its payload was removed under event \(removal.event), and is still there: run mohur payload remove again"
            )
        case (.removed, nil):
            findings.add(.payload, at: index, "its payload was removed, and no recorded event authorises that")
        case (.other, _):
            findings.add(
                .payload, at: index,
                "its payload does not have the digest that the entry states: the payload was altered")
        }
    }

    /// What stands in a payload's place.
    enum PayloadState {
        case recorded
        case removed
        case other
    }

    /// Looks for a content that the payload of the entry `index` names.
    func look(for name: ContentName, at index: EntryIndex) {
        do throws(FileError) {
            guard try store.byteCount(of: name) == nil, history?.removal(of: name) == nil else { return }
        } catch {
            return findings.add(.content, at: index, "its content \(name) cannot be looked at: \(error.reason)")
        }
        findings.add(
            .content, at: index, "its content \(name) is not there, and no recorded event authorises that")
    }

    /// Hashes every content, on `workerCount` threads. Returns how many there are, and what stands beside them.
    /// O(bytes), in bounded memory.
    func checkFiles(_ workerCount: Int) -> (count: UInt64, remarks: [String]) {
        do throws(FileError) {
            if try Folder.kind(of: store.folder) != nil { _ = try Folder.names(in: store.folder) }
        } catch {
            findings.add(.content, at: nil, "contents cannot be read: \(error.reason)")
            return (0, [])
        }
        let parts = Workers.map(ContentStore.partCount, workerCount) { number in checkPart(number) }
        let foreign = parts.flatMap(\.foreign)
        var remarks = foreign.prefix(10).map { "\($0) is not the file of a content" }
        if foreign.count > remarks.count {
            remarks.append("and \(foreign.count - remarks.count) more beside the contents that are none")
        }
        return (parts.reduce(0) { $0 + $1.count }, remarks)
    }

    private func checkPart(_ number: Int) -> (count: UInt64, foreign: [String]) {
        var (count, foreign): (UInt64, [String]) = (0, [])
        do throws(FileError) {
            try store.forEach(inPart: number) { item throws(FileError) in
                switch item {
                case .foreign(let path): foreign.append(path)
                case .content(let name, _):
                    count += 1
                    check(name)
                }
            }
        } catch {
            findings.add(.content, at: nil, "contents cannot be read: \(error.reason)")
        }
        return (count, foreign)
    }

    private func check(_ name: ContentName) {
        do throws(FileError) {
            if let removal = history?.removal(of: name) {
                return findings.add(
                    .content, at: nil,
                    "the content \(name) was removed under event \(removal.event), and is still there: run mohur content "
                        + "remove again")
            }
            guard try store.isWhole(name) == false else { return }
            findings.add(
                .content, at: nil,
                "\(store.path(of: name)) was altered: its bytes are not \(name); store the document again")
        } catch {
            findings.add(.content, at: nil, "a content cannot be read: \(error.reason)")
        }
    }
}
