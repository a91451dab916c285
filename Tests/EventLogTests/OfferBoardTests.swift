import Foundation
import Testing
import Threading

@testable import EventLog

/// The protocol by which processes commit together. Two boards of one process have files of their own, as those of two
/// processes do.
@Suite struct OfferBoardTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// A board that waits as others do, or for minutes.
    private func board(waits: Bool = false) throws -> OfferBoard {
        let patience = waits ? OfferBoard.Patience(commit: 600_000_000, answer: 600_000_000) : .init()
        return try #require(OfferBoard(in: folder.path, patience: patience))
    }

    /// Calls `body` on a thread of its own.
    private func start<R: Sendable>(_ body: @escaping @Sendable () -> R) -> Monitor<R?> {
        let result = Monitor<R?>(nil)
        DedicatedThread.start {
            let value = body()
            result.change { $0 = value }
        }
        return result
    }

    /// Takes offers until there is one.
    private func takeOne(_ board: OfferBoard) throws -> OfferBoard.Taken {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            if let offer = board.take().first { return offer }
            usleep(100)
        }
        throw LogError(.invalid, "no offer came")
    }

    @Test func `a lone process is to commit itself, at once`() throws {
        var mine = try board()
        let start = ContinuousClock.now
        for number in 0..<1000 {
            #expect(mine.put([UInt8(number & 255)]) == nil)
            #expect(mine.withdraw() == .untouched)
            mine.leave()
        }
        #expect(ContinuousClock.now - start < .seconds(15), "nobody was to be waited for")
    }

    @Test func `an offer that is taken is answered with where its events are`() throws {
        var committer = try board()
        #expect(committer.put([1]) == nil && committer.withdraw() == .untouched)
        let (other, offered) = (try board(waits: true), [UInt8](0..<200))
        let answer = start { () -> UInt64? in
            var other = other
            return other.put(offered)
        }
        let taken = try takeOne(committer)
        #expect(taken.bytes == offered)
        committer.answer(taken, first: 4711)
        #expect(answer.wait { $0 } == 4711)
        committer.leave()
    }

    /// Who is not told waits for ten minutes, longer than the test may take.
    @Test(.timeLimit(.minutes(5))) func `who waits is told when nobody commits, one after the other`() throws {
        var committer = try board()
        #expect(committer.put([1]) == nil && committer.withdraw() == .untouched)
        let order = Monitor<[Int]>([])
        let boards = try (0..<4).map { _ in try board(waits: true) }
        let ends = boards.enumerated().map { number, board in
            start { () -> Bool in
                var board = board
                let answer = board.put([UInt8(number)])
                order.change { $0.append(number) }
                _ = board.withdraw()
                usleep(5_000)
                board.leave()
                return answer == nil
            }
        }
        usleep(20_000)
        committer.leave()
        for end in ends { #expect(end.wait { $0 } == true) }
        #expect(order.withLock { $0.sorted() } == [0, 1, 2, 3])
    }

    @Test func `a committer that never leaves is not waited for without end`() throws {
        var dead: OfferBoard? = try board()
        #expect(dead?.put([1]) == nil && dead?.withdraw() == .untouched)
        dead = nil
        var mine = try board()
        for _ in 0..<3 {
            #expect(mine.put([2]) == nil && mine.withdraw() == .untouched)
            mine.leave()
        }
    }

    @Test func `an offer that was taken by a process that died is taken back, and a late answer changes nothing`()
        throws
    {
        let committer = try board()
        var mine = try board()
        #expect(mine.put([1]) == nil)
        let taken = try takeOne(committer)
        #expect(mine.withdraw() == .unknown)
        committer.answer(taken, first: 5)
        mine.leave()
        #expect(mine.put([2]) == nil, "the answer to the last offer is not one to this")
        let again = try takeOne(committer)
        #expect(again.bytes == [2])
        committer.answer(taken, first: 6)
        committer.answer(again, first: 7)
        #expect(mine.withdraw() == .answered(first: 7))
    }

    @Test func `an offer is retracted without a transaction only while nobody has taken it`() throws {
        let committer = try board()
        var mine = try board()
        #expect(mine.retract() == .untouched, "nothing is offered")
        #expect(mine.put([1]) == nil)
        #expect(mine.retract() == .untouched)
        #expect(committer.take().isEmpty)
        mine.leave()
        #expect(mine.put([2]) == nil)
        committer.answer(try takeOne(committer), first: 9)
        #expect(mine.retract() == .answered(first: 9))
        mine.leave()
        #expect(mine.put([3]) == nil)
        _ = try takeOne(committer)
        #expect(mine.retract() == .unknown)
    }

    @Test(.timeLimit(.minutes(5)))
    func `an answer is waited for while the process that owes it lives, and not when it has died`() throws {
        var mine = try board(waits: true)
        let committer = try board()
        #expect(mine.put([2]) == nil)
        let taken = try takeOne(committer)
        let answering = start { () -> Bool in
            usleep(20_000)
            committer.answer(taken, first: 8)
            return true
        }
        #expect(mine.withdraw() == .answered(first: 8))
        #expect(answering.wait { $0 } == true)
        mine.leave()
        #expect(mine.put([3]) == nil)
        do {
            let dying = try board()
            _ = try takeOne(dying)
        }
        #expect(mine.withdraw() == .unknown)
    }

    @Test func `nothing of an offer that is done with stays in the file`() throws {
        let path = "\(folder.path)/offers.shm"
        let secret = Array("the payload of somebody".utf8)
        func isInFile() throws -> Bool {
            try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(secret)) != nil
        }
        let committer = try board()
        var mine = try board()
        for ending in 0..<3 {
            #expect(mine.put(secret) == nil)
            #expect(try isInFile())
            if ending == 0 { committer.answer(try takeOne(committer), first: 3) }
            _ = ending == 1 ? mine.retract() : mine.withdraw()
            mine.leave()
            #expect(try !isInFile(), "ending \(ending)")
        }
        do {
            var dead = try board()
            #expect(dead.put(secret) == nil)
        }
        #expect(try isInFile())
        _ = try board()
        #expect(try !isInFile(), "the next owner of a place overwrites what a dead one left")
    }

    @Test func `an offer whose process has died is not taken`() throws {
        let committer = try board()
        var other: OfferBoard? = try board()
        #expect(other?.put([1]) == nil)
        other = nil
        #expect(committer.take().isEmpty)
        var heir = try board()
        #expect(committer.take().isEmpty, "what stood in the place before is not the heir's")
        #expect(heir.put([3]) == nil)
        #expect(try takeOne(committer).bytes == [3])
    }

    @Test func `a file that is not a board, or of another version, is left alone`() throws {
        let path = "\(folder.path)/offers.shm"
        try Data(repeating: 7, count: 10).write(to: URL(fileURLWithPath: path))
        #expect(OfferBoard(in: folder.path) == nil)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "\(folder.path)/elsewhere")
        #expect(OfferBoard(in: folder.path) == nil)
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/elsewhere"))
        #expect(OfferBoard(in: "\(folder.path)/none") == nil)
    }

    @Test func `when all places are taken, the next process commits for itself`() throws {
        var boards = try (0..<62).map { _ in try board() }
        #expect(OfferBoard(in: folder.path) == nil)
        boards.removeFirst()
        #expect(OfferBoard(in: folder.path) != nil)
    }
}
