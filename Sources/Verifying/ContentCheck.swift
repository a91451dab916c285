internal import Contents
internal import EventFormat
internal import Files
internal import Keyring
internal import LMDBFile
internal import StoreFormat
internal import Threading

/// Checks what may be gone under a recorded event: payloads, and the contents that payloads name, of which each file is
/// to have the bytes of its name.
///
/// A ledger may be written to meanwhile, and a removal come between its event and what was read of the keys. So what
/// does not fit is put aside, and judged at the end by what the ledger's events say then.
struct ContentCheck: Sendable {
    /// What did not fit when it was looked at.
    private enum Suspect: Hashable, Sendable {
        case payloadGone(EntryIndex)
        case payloadThere(EntryIndex)
        case contentGone(ContentName, EntryIndex)
        case contentThere(ContentName)
    }

    private let store: ContentStore
    private let findings: FindingList
    private let suspects = Monitor<Set<Suspect>>([])
    /// What the ledger's events say of removals; nil: nothing, or it is not known.
    private let history: KeyHistory?
    /// Spares every entry a look at the history.
    private let hasRemovals: Bool

    init(directory: String, _ history: KeyHistory?, _ findings: FindingList) {
        store = ContentStore(ledger: directory)
        self.findings = findings
        self.history = history
        hasRemovals = history?.newestRemoval != nil
    }

    /// What stands in a payload's place.
    enum PayloadState {
        case recorded
        case removed
        case other
    }

    /// Judges a payload by whether it is there as its entry states, was removed, or is something else.
    func judgePayload(at index: EntryIndex, _ state: PayloadState) {
        if case .recorded = state, !hasRemovals { return }
        let isRemovalKnown = history?.removal(of: index) != nil
        switch state {
        case .recorded: if isRemovalKnown { suspect(.payloadThere(index)) }
        case .removed: if !isRemovalKnown { suspect(.payloadGone(index)) }
        case .other:
            findings.add(
                .payload, at: index,
                "its payload does not have the digest that the entry states: the payload was altered")
        }
    }

    /// Looks for a content that the payload of the entry `index` names.
    func look(for name: ContentName, at index: EntryIndex) {
        do throws(FileError) {
            guard try store.byteCount(of: name) == nil, history?.removal(of: name) == nil else { return }
            suspect(.contentGone(name, index))
        } catch {
            findings.add(.content, at: index, "its content \(name) cannot be looked at: \(error.reason)")
        }
    }

    private func suspect(_ suspect: Suspect) {
        let isKept = suspects.withLock { suspects in
            guard suspects.count < VerificationReport.maximumFindingCount else { return false }
            suspects.insert(suspect)
            return true
        }
        if !isKept { tell(suspect, nil) }
    }
}

// MARK: - Files

extension ContentCheck {
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
        if history?.removal(of: name) != nil { return suspect(.contentThere(name)) }
        do throws(FileError) {
            guard try store.isWhole(name) == false else { return }
            findings.add(
                .content, at: nil,
                "\(store.path(of: name)) was altered: its bytes are not \(name); store the document again")
        } catch {
            findings.add(.content, at: nil, "a content cannot be read: \(error.reason)")
        }
    }
}

// MARK: - What did not fit

extension ContentCheck {
    /// Whether anything was put aside.
    var hasSuspects: Bool { suspects.withLock { !$0.isEmpty } }

    /// Judges what was put aside by `later`, what the ledger's events say now; `isPayloadThere` looks at a payload
    /// again.
    func settle(
        by later: KeyHistory?, isPayloadThere: (EntryIndex) throws(DataFileError) -> Bool
    ) throws(DataFileError) {
        for suspect in suspects.withLock({ $0 }) {
            switch suspect {
            case .payloadGone(let index): if later?.removal(of: index) != nil { continue }
            case .contentGone(let name, _): if later?.removal(of: name) != nil { continue }
            case .payloadThere(let index): if try !isPayloadThere(index) { continue }
            case .contentThere(let name): if (try? store.byteCount(of: name)) == .some(nil) { continue }
            }
            tell(suspect, later)
        }
    }

    private func tell(_ suspect: Suspect, _ later: KeyHistory?) {
        let known = later ?? history
        switch suspect {
        case .payloadGone(let index):
            findings.add(.payload, at: index, "its payload was removed, and no recorded event authorises that")
        case .payloadThere(let index):
            let event = known?.removal(of: index).map { " under event \($0.event)" } ?? ""
            findings.add(
                .payload, at: index,
                "its payload was removed\(event), and is still there: run mohur payload remove again")
        case .contentGone(let name, let index):
            findings.add(
                .content, at: index, "its content \(name) is not there, and no recorded event authorises that")
        case .contentThere(let name):
            let event = known?.removal(of: name).map { " under event \($0.event)" } ?? ""
            findings.add(
                .content, at: nil,
                "the content \(name) was removed\(event), and is still there: run mohur content remove again")
        }
    }
}
