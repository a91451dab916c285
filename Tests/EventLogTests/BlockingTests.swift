import EventFormat
import Foundation
import Testing
import Threading

@testable import EventLog

@Suite struct BlockingTests {
    @Test func `an append that waits returns its places, and refuses when the log is closed`() throws {
        let folder = try Folder()
        let log = try folder.makeLog()
        #expect(try log.append(try request())[0].index == 1)
        #expect(try log.append(try request())[0].revision == 1)
        log.close()
        #expect(refusal { try log.append(try request()) }?.code == .closed)
        #expect(refusal { try log.size() }?.code == .closed)
    }

    @Test func `a log that is let go of can be opened again at once`() throws {
        let folder = try Folder()
        _ = try folder.makeLog()
        for number in 1...20 as ClosedRange<UInt64> {
            #expect(try EventLog(opening: "\(folder.path)/log").append(try request())[0].index.rawValue == number)
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `readers that never pause do not keep the environment from being replaced`() throws {
        let folder = try Folder()
        let log = try folder.makeLog()
        let path = log.path
        let gate = log.core.gate
        let state = Monitor((running: 0, mustStop: false, reads: 0))
        for _ in 0..<8 {
            state.change { $0.running += 1 }
            DedicatedThread.start {
                while !state.withLock({ $0.mustStop }) {
                    let size = try? gate.read { view throws(LogError) in
                        usleep(2000)
                        return try view.size()
                    }
                    if size == 1 { state.change { $0.reads += 1 } }
                }
                state.change { $0.running -= 1 }
            }
        }
        state.wait { $0.reads > 20 ? () : nil }
        for _ in 0..<10 {
            try gate.replace { () throws(LogError) in
                try Environment(directory: path, create: false, readOnly: false)
            }
        }
        let reads = state.withLock { $0.reads }
        state.wait { $0.reads > reads + 20 ? () : nil }
        state.change { $0.mustStop = true }
        state.wait { $0.running == 0 ? () : nil }
        #expect(try log.append(try request())[0].index == 1)
        log.close()
    }
}
