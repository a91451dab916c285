import Digests
import Foundation
import Merkle
import Publishing
import Signing
import Synchronization
import TestSupport
import Testing
import Transparency

@testable import mohur

/// `mohur witness serve` as a program, asked over HTTP byte by byte.
@Suite struct WitnessTests {
    /// A witness in a folder of its own, and the program that serves it.
    private struct Served {
        let folder: Folder
        let key: NoteKey

        init(logs: [TestLog]) throws {
            folder = try Folder()
            let made = try Mohur.run(["witness", "init", "w", "--name", "witness.example/w"], in: folder)
            #expect(made.code == 0, "\(made.error)")
            let words = made.output.split { $0 == " " || $0 == "\n" }.map(String.init)
            #expect(words.count == 3 && words[0] == "witness" && words[1] == "witness.example/w")
            key = try NoteKey(vkey: words[2])
            let added = try Mohur.run(["witness", "add-log", "w"] + logs.map(\.key.vkey), in: folder)
            #expect(added.code == 0, "\(added.error)")
        }

        /// Starts the program; returns it and the port that it says.
        func start() throws -> (child: Child, port: UInt16) {
            let child = try Mohur.start(["witness", "serve", "w", "--listen", "127.0.0.1:0"], in: folder)
            let line = try #require(child.line())
            let pattern = /http:\/\/127\.0\.0\.1:(\d+) serves witness\.example\/w/
            let match = try #require(line.wholeMatch(of: pattern), "\(line)")
            return (child, try #require(UInt16(match.1)))
        }

        func log() throws -> String { String(decoding: try folder.read("stderr.started"), as: UTF8.self) }
    }

    private static func post(_ body: [UInt8]) -> [UInt8] {
        let head = """
            POST /add-checkpoint HTTP/1.1\r
            Host: witness.example\r
            Content-Length: \(body.count)\r
            Connection: close\r
            \r

            """
        return Array(head.utf8) + body
    }

    private static func answer(_ port: UInt16, _ request: [UInt8]) throws -> RawConnection.Answer {
        let connection = try RawConnection(port: port)
        connection.send(request)
        return try RawConnection.answer(connection.receive())
    }

    private static func get(_ port: UInt16, _ path: String) throws -> RawConnection.Answer {
        try answer(port, Array("GET \(path) HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n".utf8))
    }

    @Test func `a log is cosigned over HTTP as the specification says`() throws {
        var log = try TestLog("log.example/a", size: 4)
        let served = try Served(logs: [log])
        let (child, port) = try served.start()

        let first = try Self.answer(port, Self.post(log.request(from: 0)))
        #expect(first.status == 200)
        #expect(first.headers["content-type"] == "text/plain; charset=utf-8")
        guard case .cosigned(let lines) = try WitnessAnswer(status: first.status, body: Array(first.body.utf8)) else {
            Issue.record("not cosigned: \(first.body)")
            return
        }
        let time = try #require(lines.first?.cosignature?.time)
        #expect(abs(Double(time) - Date().timeIntervalSince1970) < 60)
        _ = try log.checkpoint().adding(lines, by: [served.key])

        log.grow(3)
        let conflict = try Self.answer(port, Self.post(log.request(from: 0)))
        #expect(conflict.status == 409)
        #expect(conflict.headers["content-type"] == "text/x.tlog.size")
        #expect(conflict.body == "4\n")
        #expect(try Self.answer(port, Self.post(log.request(from: 4))).status == 200)
        #expect(try Self.answer(port, Self.post(log.forked(at: 4, to: 7).request(from: 7))).status == 422)
        #expect(try Self.answer(port, Self.post(TestLog("log.example/b", size: 1).request(from: 0))).status == 404)
        #expect(try Self.answer(port, Self.post(TestLog("log.example/a", size: 7).request(from: 7))).status == 403)
        #expect(try Self.answer(port, Self.post(Array("old 1\n".utf8))).status == 400)
        #expect(try Self.answer(port, Self.post(Array(repeating: 0x0A, count: 200_000))).status == 413)
        #expect(try Self.get(port, "/add-checkpoint").headers["allow"] == "POST")

        let monitored = try Self.get(port, "/\(log.origin.hash.hex)/checkpoint")
        #expect(monitored.status == 200)
        #expect(monitored.headers["cache-control"] == "no-store")
        let checkpoint = try SignedCheckpoint(Array(monitored.body.utf8))
        #expect(try checkpoint.note.verified(by: [log.key, served.key]).count == 2)
        #expect(checkpoint.checkpoint == log.head)
        #expect(try Self.get(port, "/\(String(repeating: "0", count: 64))/checkpoint").status == 404)
        #expect(try Self.get(port, "/").body == "\(served.key.vkey)\n")

        child.signal(SIGTERM)
        #expect(child.wait(within: 20) == 128 + SIGTERM)
        let logged = try served.log().split(separator: "\n").map(String.init)
        #expect(logged.count == 12)
        #expect(logged[0].hasSuffix("log.example/a: cosigned"), "\(logged[0])")
        #expect(logged[0].contains(" 127.0.0.1 POST /add-checkpoint 200 "))
        #expect(logged[1].hasSuffix("log.example/a: last cosigned 4"), "\(logged[1])")
    }

    @Test func `a log that is added while the witness is served is taken up`() throws {
        let log = try TestLog("log.example/a", size: 4)
        let served = try Served(logs: [try TestLog("log.example/z")])
        let (child, port) = try served.start()
        #expect(try Mohur.run(["witness", "add-log", "w", log.key.vkey], in: served.folder).code == 0)
        var status = 0
        for _ in 0..<40 where status != 200 {
            status = try Self.answer(port, Self.post(log.request(from: 0))).status
            if status != 200 { usleep(100_000) }
        }
        #expect(status == 200)
        let shown = try Mohur.run(["witness", "status", "w", "--json"], in: served.folder)
        #expect(shown.output.contains("\"origin\":\"log.example/a\""))
        #expect(shown.output.contains("\"size\":4,\"root\":\"\(log.tree.root.hex)\""))
        #expect(try Mohur.run(["witness", "serve", "w", "--listen", "127.0.0.1:0"], in: served.folder).code == 2)
        withExtendedLifetime(child) {}
    }

    @Test func `what publishing sends over HTTP is answered, and where nobody answers it says why`() async throws {
        let log = try TestLog("log.example/a", size: 4)
        let served = try Served(logs: [log])
        let (child, port) = try served.start()
        let url = "http://127.0.0.1:\(port)/add-checkpoint"
        var client = HTTPWitnessClient()
        guard case .answered(200, let body) = await client.post(try log.request(from: 0), to: url),
            case .cosigned(let lines) = try WitnessAnswer(status: 200, body: body)
        else {
            Issue.record("not cosigned")
            return
        }
        _ = try log.checkpoint().adding(lines, by: [served.key])
        #expect(
            await client.post(try log.request(from: 0), to: url) == .answered(status: 409, body: Array("4\n".utf8)))
        child.signal(SIGSTOP)
        client.timeout = .milliseconds(500)
        let late = await client.post(try log.request(from: 4), to: url)
        #expect(late == .unanswered("\(url) did not answer within 0.5 seconds"))
        child.signal(SIGKILL)
        _ = child.wait(within: 20)
        guard case .unanswered(let reason) = await client.post([], to: url) else {
            Issue.record("nobody is there")
            return
        }
        #expect(reason.hasPrefix("\(url) could not be reached: "), "\(reason)")
    }

    @Test func `a witness that is killed again and again cosigns no fork and forgets no answer`() throws {
        var log = try TestLog("log.example/a", size: 4)
        let served = try Served(logs: [log])
        var answered: TreeSize = 0
        let seed = UInt64.random(in: 0 ... .max)
        print("a witness that is killed: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for round in 0..<6 {
            let (child, port) = try served.start()
            let killer = Thread { [id = child.pid, pause = UInt32.random(in: 0...150_000, using: &random)] in
                usleep(pause)
                kill(id, SIGKILL)
            }
            // What the witness has kept when it begins again is what it answered last, or what it was asked after that.
            let kept = try Self.get(port, "/\(log.origin.hash.hex)/checkpoint")
            var old: TreeSize = 0
            if kept.status == 200 {
                let head = try SignedCheckpoint(Array(kept.body.utf8)).checkpoint
                #expect(head.size == answered || head.size == log.size, "round \(round), seed \(seed)")
                let size = Int(head.size.rawValue)
                #expect(head.root == log.forked(at: size, to: size).tree.root, "round \(round), seed \(seed)")
                (old, answered) = (head.size, head.size)
            }
            killer.start()
            while true {
                if old == log.size { log.grow(Int.random(in: 1...5, using: &random)) }
                let fork = log.forked(at: Int(old.rawValue), to: Int(log.size.rawValue))
                guard let body = try? log.request(from: old), let forked = try? fork.request(from: log.size),
                    let answer = try? Self.answer(port, Self.post(body))
                else { break }
                #expect(answer.status == 200, "round \(round), seed \(seed)")
                (old, answered) = (log.size, log.size)
                // The other branch at the size that was just cosigned.
                guard let refused = try? Self.answer(port, Self.post(forked)) else { break }
                #expect(refused.status == 422, "round \(round), seed \(seed)")
            }
            #expect(child.wait(within: 20) == 128 + SIGKILL)
        }
        #expect(answered > 4)
    }
}
