import Foundation
import TestSupport
import Testing

/// The programs that a public log meets, written from the C2SP texts in another language: what they say decides.
@Suite(.enabled(if: Python.path != nil, "python3 and its package cryptography are there"))
struct ForeignClientTests {
    private static let origin = "records.example.gov/tests"

    /// A folder with a ledger of `count` simulated events and a key; and that key's vkey.
    private static func ledger(_ count: Int) throws -> (folder: Folder, vkey: String) {
        let folder = try Folder.withSimulation(count)
        try #require(try Mohur.run(["key", "make", "log"], in: folder).code == 0)
        let shown = try Mohur.run(["key", "show", "log.pub", "--name", origin], in: folder).output
        let line = try #require(lines(shown).first { $0.hasPrefix("vkey") })
        return (folder, try #require(line.split(separator: " ").last.map(String.init)))
    }

    /// Adds events, `first` and those after it, which no other call adds.
    private static func grow(_ folder: Folder, by count: Int, from first: Int) throws {
        try folder.write(Events.lines(first..<first + count), to: "events.jsonl")
        let ending = try Mohur.run(["append", "l", "--stream", "more", "events.jsonl"], in: folder)
        try #require(ending.code == 0, "\(ending.error)")
    }

    private static func publish(_ folder: Folder, _ options: [String] = []) throws -> Mohur.Ending {
        try Mohur.run(["publish", "l", "site", "--key", "log"] + options, in: folder)
    }

    @Test func `a monitor follows a published log over its growth, with tiles alone`() throws {
        let (folder, vkey) = try Self.ledger(254)
        try #require(try Self.publish(folder).code == 0)
        let monitor = try ForeignClient.start(["monitor", "site", vkey], in: folder)
        func ask(_ question: String) -> String? {
            monitor.write("\(question)\n")
            return monitor.line()
        }
        #expect(ask("update") == "grew from 0 to 255")
        #expect(ask("entries 0 255") == "verified 255 entries")
        var size = 255
        for count in [1, 1, 600] {
            try Self.grow(folder, by: count, from: size)
            #expect(try Self.publish(folder, ["--prune-partials"]).code == 0)
            #expect(ask("update") == "grew from \(size) to \(size + count)")
            #expect(ask("entries \(size) \(size + count)") == "verified \(count) entries")
            size += count
        }
        // A monitor that is late with a size whose partial tiles were removed takes the full ones.
        let checkpoint = try folder.read("site/checkpoint")
        try Self.grow(folder, by: 300, from: size)
        #expect(try Self.publish(folder, ["--prune-partials"]).code == 0)
        try folder.write(checkpoint, to: "site/checkpoint")
        let late = try ForeignClient.start(["monitor", "site", vkey], in: folder)
        late.write("update\nentries 700 857\n")
        #expect(late.line() == "grew from 0 to 857")
        #expect(late.line() == "verified 157 entries")
        // And it is no yes-sayer.
        try FileManager.default.removeItem(atPath: folder.path("site/tile/0/000"))
        try folder.write([UInt8](repeating: 0, count: 8192), to: "site/tile/0/000")
        let wronged = try ForeignClient.start(["monitor", "site", vkey], in: folder)
        wronged.write("update\nentries 0 256\n")
        #expect(wronged.line() == "grew from 0 to 857")
        #expect(wronged.line()?.hasPrefix("refused:") == true)
    }

    @Test func `a witness answers a log as the specification says, whatever the log sends`() throws {
        let folder = try Folder()
        let made = try Mohur.run(["witness", "init", "w", "--name", "witness.example/w"], in: folder)
        let witness = try #require(made.output.split { $0 == " " || $0 == "\n" }.dropFirst(2).first.map(String.init))
        let vkeys = try ForeignClient.run(["log", "vkeys"], in: folder)[0].split(separator: " ").map(String.init)
        let added = try Mohur.run(["witness", "add-log", "w"] + vkeys, in: folder)
        #expect(added.output == "added 3 keys; 2 logs are known\n")
        let child = try Mohur.start(["witness", "serve", "w", "--listen", "127.0.0.1:0"], in: folder)
        let ready = try #require(child.line())
        let port = String(try #require(ready.firstMatch(of: /:(\d+) serves/)).1)
        #expect(try ForeignClient.run(["log", "submit", port, witness], in: folder) == ["done"])
    }

    /// Starts a witness of that mood; writes the policy that demands each of its keys. Its second key stands there with
    /// `secondAddress` behind the first one's.
    private static func startWitness(
        _ mood: String, _ folder: Folder, _ vkey: String, secondAddress: String? = nil
    ) throws -> Child {
        let witness = try ForeignClient.start(["witness", mood, "witness.example/\(mood)", vkey], in: folder)
        let words = try #require(witness.line()).split(separator: " ").map(String.init)
        let url = "http://127.0.0.1:\(words[0])/w"
        var policy = "log \(vkey)\nwitness a \(words[1]) \(url)\n"
        if words.count > 2 { policy += "witness b \(words[2]) \(secondAddress.map { url + $0 } ?? "")\n" }
        policy += words.count > 2 ? "group both all a b\nquorum both\n" : "quorum a\n"
        try folder.write(policy, to: "policy")
        return witness
    }

    @Test(arguments: [("honest", nil), ("chunked", nil), ("two-keys", nil), ("two-keys", ""), ("two-keys", "/")])
    func `publishing has a foreign witness cosign each size with all its keys, and asks once`(
        mood: String, secondAddress: String?
    ) throws {
        let (folder, vkey) = try Self.ledger(40)
        let witness = try Self.startWitness(mood, folder, vkey, secondAddress: secondAddress)
        let name = "witness.example/\(mood)"
        let signers = [Self.origin, name] + (mood == "two-keys" ? [name] : [])
        for (request, size) in [("200 old 0", 41), ("200 old 41", 61)] {
            let published = try Self.publish(folder, ["--policy", "policy"])
            #expect(published.code == 0, "\(published.error)")
            #expect(witness.line() == request)
            let checkpoint = lines(String(decoding: try folder.read("site/checkpoint"), as: UTF8.self))
            #expect(checkpoint.prefix(2) == [Self.origin, "\(size)"])
            #expect(checkpoint.dropFirst(3).map { String($0.split(separator: " ")[1]) } == signers)
            try Self.grow(folder, by: 20, from: size)
        }
        let forgetful = try Self.startWitness(mood, folder, vkey, secondAddress: secondAddress)
        #expect(try Self.publish(folder, ["--policy", "policy"]).code == 0)
        #expect(forgetful.line() == "409 old 61")
        #expect(forgetful.line() == "200 old 0")
    }

    @Test(arguments: [
        ("forged", "its cosignature does not hold"), ("garbage", "the witness cosigned unreadably"),
        ("huge", "answered with more than the bytes that are allowed"), ("redirecting", "which is not followed"),
    ])
    func `publishing says what is wrong with a foreign witness's answer`(mood: String, complaint: String) throws {
        let (folder, vkey) = try Self.ledger(40)
        let witness = try Self.startWitness(mood, folder, vkey)
        let published = try Self.publish(folder, ["--policy", "policy"])
        #expect(published.code == 1)
        #expect(published.error.contains(complaint), "\(published.error)")
        #expect(witness.line() == "200 old 0")
        #expect(!FileManager.default.fileExists(atPath: folder.path("site/checkpoint")))
    }

    @Test func `receipts and policies of foreign logs hold or are refused as the specifications say`() throws {
        let folder = try Folder()
        try folder.write("entry 7", to: "entry")
        #expect(try ForeignClient.run(["log", "receipts", "."], in: folder) == [])
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let names = files.filter { $0.hasSuffix(".tlog-proof") }.map { String($0.dropLast(11)) }
        #expect(names.count == 19)
        for name in names {
            let checked = try Mohur.run(
                ["check", "\(name).tlog-proof", "--policy", "\(name).policy", "--entry", "entry"], in: folder)
            #expect(checked.code == (name.hasPrefix("good") ? 0 : 1), "\(name): \(checked.output)\(checked.error)")
            let prefix =
                if name.hasPrefix("bad-policy") {
                    "mohur: \(name).policy: "
                } else if checked.error.contains("is no receipt") {
                    "mohur: \(name).tlog-proof is no receipt: "
                } else {
                    "mohur: THE RECEIPT DOES NOT HOLD: "
                }
            #expect(name.hasPrefix("good") || checked.error.hasPrefix(prefix), "\(name): \(checked.error)")
        }
    }
}
