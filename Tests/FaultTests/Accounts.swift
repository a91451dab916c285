import Ledger
import Testing
import Verifying

/// What workers were told, to be compared with what the ledger holds.
struct Accounts {
    /// A place that was acknowledged.
    struct Place: Hashable {
        let id: EventID
        let stream: StreamName
        let revision: UInt64
        let index: UInt64
    }

    /// By the number of the event.
    private(set) var acknowledged: [Int: Place] = [:]
    /// Events that were sent and not acknowledged.
    private(set) var unresolved: Set<Int> = []
    private(set) var errors: [String] = []
    private(set) var counterRevisions: [UInt64] = []
    private(set) var newCount = 0
    /// The first number that was not yet sent.
    private(set) var next = 0

    /// Takes a worker's lines.
    mutating func take(_ lines: [[Substring]]) throws {
        for line in lines {
            switch line[0] {
            case "S":
                let number = try number(line[1])
                next = max(next, number + 1)
                if acknowledged[number] == nil { unresolved.insert(number) }
            case "A" where line.count == 7: try acknowledge(line)
            case "E": errors.append(String(line[2]))
            case "C": counterRevisions.append(try #require(UInt64(line[1])))
            case "!": throw Failure(text: line.joined(separator: " "))
            default: break
            }
        }
    }

    private func number(_ word: Substring) throws -> Int { try #require(Int(word)) }

    private mutating func acknowledge(_ line: [Substring]) throws {
        let number = try number(line[1])
        let place = Place(
            id: try #require(EventID(uuid: line[2])), stream: try StreamName(String(line[3])),
            revision: try #require(UInt64(line[4])), index: try #require(UInt64(line[5])))
        if let before = acknowledged[number] { #expect(before == place, "event \(number) was acknowledged twice") }
        acknowledged[number] = place
        unresolved.remove(number)
        if line[6] == "false" { newCount += 1 }
    }

    /// Checks that each acknowledged event stands where it was said to stand.
    func check(_ ledger: Ledger, only numbers: Set<Int>? = nil) async throws {
        for (number, place) in acknowledged where numbers?.contains(number) ?? true {
            let event = try await ledger.event(at: EntryIndex(place.index))
            #expect(
                event.id == place.id && event.stream == place.stream && event.revision.rawValue == place.revision,
                "event \(number) was acknowledged at index \(place.index)")
        }
    }
}

/// Checks that the ledger's indexes and revisions have no gaps and no event stands twice; returns all ids.
@discardableResult
func checkOrder(_ ledger: Ledger) async throws -> Set<EventID> {
    var next: UInt64 = 0
    var revisions: [StreamName: UInt64] = [:]
    var ids: Set<EventID> = []
    for try await event in ledger.events() {
        #expect(event.index.rawValue == next && event.revision.rawValue == revisions[event.stream, default: 0])
        #expect(ids.insert(event.id).inserted)
        next += 1
        revisions[event.stream, default: 0] += 1
    }
    #expect(try await ledger.size() == next)
    return ids
}

/// Runs the verifier, with the pages pinned, and expects it to find nothing.
func verify(_ path: String, _ note: String = "") async throws {
    let pin = try ReaderPin(directory: path)
    let report = try await Task.detached { try Verifier(directory: path, pin: { pin.withPinned($0) }).run() }.value
    #expect(report.verdict == .intact, "\(note) \(report.findings.prefix(5))")
}
