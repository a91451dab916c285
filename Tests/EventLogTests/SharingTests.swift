import Digests
import EventFormat
import Foundation
import StoreFormat
import Testing
import Threading

@testable import EventLog

/// What a process does with the offers of others, and with the answers to its own.
@Suite struct SharingTests {
    private let folder: Folder
    private let log: EventLog

    init() throws {
        folder = try Folder()
        log = try folder.makeLog()
    }

    private var path: String { "\(folder.path)/log" }

    private func event(_ text: String, id: EventID = EventID()) -> Event {
        Event(
            id: id, type: "t", source: "s", payload: Payload(bytes: Array(text.utf8), mediaType: "text/plain"))
    }

    private func request(_ event: Event, to stream: StreamName, _ checks: [StreamCheck] = []) throws -> AppendRequest {
        try AppendRequest(.ofStream([event], stream), checks: checks)
    }

    private func head(of stream: StreamName) throws -> StreamHead? {
        try log.read { transaction throws(LogError) in try transaction.head(of: stream) }
    }

    private func answersOf(
        _ requests: [AppendRequest], from first: UInt64
    ) throws -> [Result<[AppendedEvent], LogError>?] {
        try log.read { transaction throws(LogError) in try transaction.answers(to: requests, from: first) }
    }

    private func target() throws -> OfferTarget {
        let file = try #require(FileIdentity(path: "\(path)/data.mdb"))
        return OfferTarget(file: file, identity: try log.event(at: 0).leaf, trusted: 0)
    }

    /// Lets the log's writer meet others.
    private func meet() throws {
        let writer = try #require(log.core.writer)
        let board = try #require(OfferBoard(in: path))
        writer.queue.change { queue in
            queue.turn?.board = board
            queue.groupsInTurn = 1000
        }
    }

    /// Offers `requests` as another process would; where the log has recorded the first of them.
    private func offer(_ requests: [AppendRequest], _ target: OfferTarget) throws -> UInt64? {
        let bytes = try #require(Offer.bytes(of: requests, for: target))
        let patience = OfferBoard.Patience(commit: 600_000_000, answer: 600_000_000)
        // A third one says that it commits, so that the offer waits.
        var third = try #require(OfferBoard(in: path, patience: patience))
        #expect(third.put([0]) == nil && third.withdraw() == .untouched)
        let other = try #require(OfferBoard(in: path, patience: patience))
        let answer = Monitor<UInt64??>(nil)
        DedicatedThread.start {
            var other = other
            let first = other.put(bytes)
            answer.change { $0 = .some(first) }
        }
        let writer = try #require(log.core.writer)
        while answer.withLock({ $0 == nil }) {
            // Not offered, so that it commits.
            writer.queue.change { $0.groupsInTurn = 0 }
            _ = try log.append(try request(event("own"), to: "own-1"))
        }
        third.leave()
        return answer.wait { $0 }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what another process offers is recorded with the own events, unless something is to be said about it`() throws
    {
        _ = try log.append(try request(event("before"), to: "a-1"))
        try meet()
        let again = event("twice")
        _ = try log.append(try request(again, to: "a-2"))
        let good = [event("good"), event("better")]
        let before = Timestamp.now
        let requests = [
            try request(good[0], to: "a-1", [StreamCheck("a-1", .revision(0))]),
            try request(event("wrong"), to: "a-1", [StreamCheck("a-1", .revision(0))]),
            try request(again, to: "a-2"),
            try request(good[1], to: "b-1", [StreamCheck("b-1", .none)]),
        ]
        let first = try #require(try offer(requests, try target()))
        let found = try [first, first + 1].map { try log.event(at: EntryIndex($0)) }
        #expect(found.map(\.id) == good.map(\.id))
        #expect(found.map { String(decoding: $0.payload?.bytes ?? [], as: UTF8.self) } == ["good", "better"])
        #expect(found.map(\.stream) == ["a-1", "b-1"] && found.map(\.revision) == [1, 0])
        #expect(found.allSatisfy { $0.entry.recorded >= before }, "recorded before it was appended")
        let wrong = try head(of: "a-1")
        #expect(wrong?.revision == 1)
        let answers = try answersOf(requests, from: first)
        #expect(answers.map { $0 == nil } == [false, true, true, false])
        #expect(try answers[3]?.get().first?.index == EntryIndex(first + 1))
        #expect(try answers[3]?.get().first?.repeated == false)
    }

    @Test(.timeLimit(.minutes(5)))
    func `offers for another ledger, file or policy, and bytes that are none, are left to their owners`() throws {
        try meet()
        let good = try target()
        var others = [good, good, good]
        others[0] = OfferTarget(
            file: FileIdentity(device: good.file.device, inode: good.file.inode + 1), identity: good.identity,
            trusted: 0)
        others[1] = OfferTarget(file: good.file, identity: .zero, trusted: 0)
        others[2] = OfferTarget(file: good.file, identity: good.identity, trusted: 1)
        for other in others { #expect(try offer([try request(event("x"), to: "a-1")], other) == 0) }
        #expect(try head(of: "a-1") == nil)
        #expect(try offer([try request(event("x"), to: "a-1")], good) != 0)
    }

    @Test func `an answer is not taken for an event that only has the id`() throws {
        let mine = event("mine")
        let requests = [
            try request(event("gone"), to: "a-1"), try request(mine, to: "a-1"),
            try request(event("theirs", id: mine.id), to: "a-1"),
        ]
        let first = try log.append(requests[2])[0].index.rawValue
        let answers = try answersOf(requests, from: first)
        #expect(answers.map { $0 == nil } == [true, true, false])
        let elsewhere = try request(event("theirs", id: mine.id), to: "a-2")
        for request in [elsewhere, try request(Event(id: mine.id, type: "t", source: "s"), to: "a-1")] {
            #expect(try answersOf([request], from: first)[0] == nil)
        }
        #expect(try answersOf(requests, from: 0).allSatisfy { $0 == nil })
        #expect(
            try answersOf(requests, from: 99).allSatisfy { $0 == nil })
    }

    @Test func `appends of several events, streams, times and a signature are recognised`() throws {
        let times = [Timestamp.epoch, try Timestamp(microseconds: 23), try Timestamp(microseconds: -1 << 40)]
        var requests: [AppendRequest] = []
        for time in times + [try Timestamp(microseconds: 255), try Timestamp(microseconds: 65_536)] {
            let events = (0..<3).map { number in
                StreamEvent(
                    Event(
                        type: "t", source: "s", occurred: number == 1 ? nil : time, schema: "x", causation: EventID()),
                    to: number == 2 ? "b-1" : "a-1")
            }
            requests.append(try AppendRequest(.ofStreams(events)))
        }
        let first = try requests.map { try log.append($0)[0].index.rawValue }[0]
        let answers = try answersOf(requests, from: first)
        let places = try answers.flatMap { try $0?.get().map(\.index.rawValue) ?? [] }
        #expect(places == Array(first..<first + 15))
        #expect(answers.count == 5)
    }
}
