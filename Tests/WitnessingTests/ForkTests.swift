import Digests
import Foundation
import Merkle
import Synchronization
import TestSupport
import Testing
import Transparency
import Witnessing

/// Attacks by a log that shows two histories, and a model of all that a witness may be asked.
@Suite struct ForkTests {
    /// Each tree that was cosigned, as the answers tell.
    private final class Cosigned: Sendable {
        private let heads = Mutex<[Checkpoint]>([])
        func add(_ head: Checkpoint) { heads.withLock { $0.append(head) } }
        var all: [Checkpoint] { heads.withLock { $0 } }
    }

    @Test func `of two branches that are submitted at the same time only one is ever cosigned`() async throws {
        for round in 0..<20 {
            let log = try TestLog("log.example/a", size: 4)
            let home = try TestWitness([log.key])
            let witness = try home.open()
            #expect(witness.post(try log.request(from: 0)).status == 200)
            let branches = (1...8).map { branch in
                var log = log
                log.grow(1 + branch % 2, salt: UInt8(branch))
                return log
            }
            let requests = try branches.map { ($0.head, try $0.request(from: 4)) }
            let cosigned = Cosigned()
            await withTaskGroup(of: Void.self) { group in
                for (head, body) in requests + requests {
                    group.addTask { if witness.post(body).status == 200 { cosigned.add(head) } }
                }
            }
            #expect(cosigned.all.count == 1, "round \(round)")
            #expect(witness.last(ofLogWith: log.origin.hash)?.checkpoint == cosigned.all.first)
        }
    }

    @Test func `many logs at a time do not disturb each other`() async throws {
        let logs = try (0..<16).map { try TestLog("log.example/\($0)", size: 1) }
        let home = try TestWitness(logs.map(\.key))
        let witness = try home.open()
        let statuses = await withTaskGroup(of: Int.self) { group in
            for log in logs { group.addTask { ForkTests.feed(witness, log) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 16))
        for log in logs { #expect(witness.size(of: log.origin) == 34) }
    }

    /// Has the witness cosign a dozen sizes of the log; returns the last status.
    private static func feed(_ witness: Witness, _ log: TestLog) -> Int {
        var log = log
        var old: TreeSize = 0
        for step in 0..<12 {
            if step > 0 { log.grow(3) }
            guard let body = try? log.request(from: old) else { return 0 }
            let status = witness.post(body).status
            guard status == 200 else { return status }
            old = log.size
        }
        return 200
    }

    /// What a model that knows all trees expects of the witness: the table of the specification, said again.
    private struct Model {
        var last: (size: Int, branch: UInt8)?

        /// Branches share their first ten entries.
        private func isPrefix(_ old: (size: Int, branch: UInt8), of new: (size: Int, branch: UInt8)) -> Bool {
            old.size <= 10 || old.branch == new.branch
        }

        mutating func status(old: Int, new: (size: Int, branch: UInt8), signed: Bool, proofHolds: Bool) -> Int {
            if !signed { return 403 }
            if old > new.size { return 400 }
            if old != last?.size ?? 0 { return 409 }
            if !proofHolds { return 422 }
            if let last, last.size > 0, !isPrefix(last, of: new) { return 422 }
            last = new
            return 200
        }
    }

    @Test func `random requests to random logs are answered as a model says`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("model of a witness: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let origins = try (0..<3).map { try TestLog("log.example/\($0)") }
        let stranger = try TestLog("log.example/0")
        let home = try TestWitness(origins.map(\.key))
        var witness: Witness? = try home.open()
        var models = origins.map { _ in Model() }
        var counts: [Int: Int] = [:]
        for step in 0..<600 {
            if Int.random(in: 0..<40, using: &random) == 0 {
                witness = nil
                witness = try home.open()
            }
            let number = Int.random(in: 0..<3, using: &random)
            let known = models[number].last?.size ?? 0
            let size =
                Bool.random(using: &random)
                ? known + Int.random(in: 0...6, using: &random) : Int.random(in: 0...40, using: &random)
            let branch = UInt8.random(in: 0...9, using: &random) == 0 ? UInt8(1) : models[number].last?.branch ?? 0
            var log = origins[number].emptied
            log.grow(min(size, 10))
            log.grow(max(0, size - 10), salt: branch)
            let old = UInt8.random(in: 0...3, using: &random) == 0 ? Int.random(in: 0...45, using: &random) : known
            let signed = UInt8.random(in: 0...9, using: &random) != 0
            var proof = try log.proof(from: TreeSize(UInt64(old)))
            var proofHolds = true
            if UInt8.random(in: 0...5, using: &random) == 0 {
                proof.append(.zero)
                proofHolds = false
            }
            let checkpoint = try log.head.signed(by: signed ? log.signer : stranger.signer)
            let body = requestBytes(old: "\(old)", proof: proof, checkpoint: checkpoint.bytes)
            let reply = try #require(witness).post(body)
            let expected = models[number].status(
                old: old, new: (size, branch), signed: signed, proofHolds: proofHolds)
            try #require(reply.status == expected, "seed \(seed), step \(step): \(reply.text)")
            if expected == 409 { #expect(reply.text == "\(known)\n") }
            counts[expected, default: 0] += 1
        }
        for status in [200, 400, 403, 409, 422] { #expect(counts[status, default: 0] > 3, "\(status) of \(counts)") }
    }

    @Test func `mutated requests are answered, and nothing that is not right is cosigned`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("mutated requests to a witness: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var log = try TestLog("log.example/a", size: 9)
        let home = try TestWitness([log.key])
        let witness = try home.open()
        #expect(witness.post(try log.request(from: 0)).status == 200)
        log.grow(100)
        let right = try log.request(from: 9)
        let statuses: Set = [200, 400, 403, 404, 409, 422]
        for _ in 0..<3000 {
            var body = right
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<body.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: body[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
                case 1: body.removeSubrange(place..<min(body.count, place + Int.random(in: 1...60, using: &random)))
                default: body.insert(contentsOf: random.bytes(Int.random(in: 1...8, using: &random)), at: place)
                }
                if body.isEmpty { body = [0] }
            }
            let reply = witness.post(body)
            #expect(statuses.contains(reply.status))
            let size = try #require(witness.size(of: log.origin))
            #expect(size == 9 || size == 109 && reply.status == 200)
            if size == 109 { break }
        }
    }
}
