import Foundation
import Testing

/// Input and output that take their time.
@Suite struct StreamingTests {
    @Test func `each line of a slow input is acknowledged before the next is there`() throws {
        let folder = try Folder.withLedger()
        let child = try Mohur.start(["append", "l", "--stream", "a-1", "--json"], in: folder)
        for number in 0..<3 {
            child.write(Events.line(number))
            let line = try #require(child.line(), "no acknowledgement of line \(number + 1)")
            #expect(line.hasSuffix(#""stream":"a-1","revision":\#(number),"index":\#(number + 1)}"#))
            #expect(try folder.entryCount() == number + 2)
        }
        child.closeInput()
        #expect(child.line() == nil)
        #expect(child.wait() == 0)
    }

    @Test func `a slow input may give half a line at a time`() throws {
        let folder = try Folder.withLedger()
        let child = try Mohur.start(["append", "l", "--stream", "a-1"], in: folder)
        let line = Events.line(1)
        child.write(String(line.prefix(1)))
        usleep(50_000)
        child.write(String(line.dropFirst(1).prefix(30)))
        #expect(child.line(within: 0.2) == nil)
        child.write(String(line.dropFirst(31)))
        #expect(child.line()?.hasPrefix("recorded at 1: a-1 revision 0, ") == true)
        child.closeInput()
        #expect(child.line() == "1 event recorded")
        #expect(child.wait() == 0)
    }

    @Test func `20,000 lines of standard input are recorded in order`() throws {
        let folder = try Folder.withLedger()
        try folder.write(Events.lines(0..<20_000), to: "events")
        let ending = try Mohur.run(["append", "l", "--stream", "a-1", "--json"], in: folder, input: .file("events"))
        #expect(ending.code == 0, "\(ending.error)")
        let found = lines(ending.output)
        #expect(found.count == 20_000)
        let isInOrder = found.enumerated().allSatisfy { number, line in
            line.hasSuffix(#""revision":\#(number),"index":\#(number + 1)}"#)
        }
        #expect(isInOrder)
        #expect(try folder.entryCount() == 20_001)
    }

    @Test func `what follows a refused line is recorded only if it is acknowledged`() throws {
        let folder = try Folder.withLedger()
        try folder.write(Events.line(1), to: "first")
        #expect(try Mohur.run(["append", "l", "--stream", "a-0"], in: folder, input: .file("first")).code == 0)
        try folder.write(Events.lines(2..<4) + Events.line(1) + Events.lines(4..<9), to: "events")
        let ending = try Mohur.run(["append", "l", "--stream", "a-1", "--json"], in: folder, input: .file("events"))
        #expect(ending.code == 1)
        #expect(ending.error.hasPrefix("mohur: standard input:3: event 1 of the append has the id 0198c0de-"))
        #expect(lines(ending.output).count >= 2)
        #expect(try folder.entryCount() == 2 + lines(ending.output).count)
    }

    @Test(arguments: [["read", "l"], ["read", "l", "--json"], ["streams", "l"], ["simulate", "--events", "20000"]])
    func `a reader that has seen enough ends the output quietly`(_ words: [String]) throws {
        let folder = try Folder.withSimulation(6000)
        let child = try Child(
            ["/bin/bash", "-o", "pipefail", "-c", "'\(Mohur.path)' \(words.joined(separator: " ")) | head -1"],
            in: folder.path, output: .file("out"), error: "err", environment: Mohur.environment)
        #expect(child.wait() == 0)
        #expect(try folder.lines(of: "out").count == 1)
        #expect(try folder.lines(of: "err").isEmpty)
    }

    @Test func `events whose acknowledgements nobody reads do not end as done`() throws {
        let folder = try Folder.withLedger()
        try folder.write(Events.lines(0..<3000), to: "events")
        let command = "'\(Mohur.path)' append l --stream a-1 --json < events | head -1"
        let child = try Child(
            ["/bin/bash", "-o", "pipefail", "-c", command], in: folder.path, output: .file("out"), error: "err",
            environment: Mohur.environment)
        #expect(child.wait() == 2)
        #expect(try folder.lines(of: "out").count == 1)
    }

    @Test(arguments: [[], ["--stream", "a-1"], ["--type", "t"], ["--category", "a"]])
    func `following shows what is recorded, and then what another process records`(_ filter: [String]) throws {
        let folder = try Folder.withLedger()
        try folder.write(Events.lines(0..<2), to: "first")
        #expect(try Mohur.run(["append", "l", "--stream", "a-1", "first"], in: folder).code == 0)
        let from = filter.isEmpty ? ["--from", "1"] : []
        let child = try Mohur.start(["read", "l", "--follow", "--json"] + filter + from, in: folder)
        for number in 0..<2 { #expect(child.line()?.contains(#""revision":"\#(number)""#) == true) }
        for number in 2..<5 {
            try folder.write(Events.line(number), to: "next")
            #expect(try Mohur.run(["append", "l", "--stream", "a-1", "next"], in: folder).code == 0)
            #expect(child.line()?.contains(#""revision":"\#(number)""#) == true)
        }
        #expect(child.line(within: 0.2) == nil)
        child.signal(SIGINT)
        #expect(child.wait(within: 10) == 128 + SIGINT)
    }

    @Test func `a projection that follows applies what is recorded later`() throws {
        let folder = try Folder.withSimulation(200)
        let child = try Mohur.start(["project", "l", "--into", "v.sqlite", "--follow", "--json"], in: folder)
        let size = try folder.entryCount()
        #expect(child.line()?.contains("\"position\":\(size ?? 0),") == true)
        #expect(child.line()?.contains("\"position\":\(size ?? 0),") == true)
        #expect(try Mohur.run(["simulate", "l", "--events", "300", "--seed", "5"], in: folder).code == 0)
        let grown = try #require(try folder.entryCount())
        #expect(grown > size ?? 0)
        let deadline = ContinuousClock.now + .seconds(20)
        var position: Int?
        while position != grown, ContinuousClock.now < deadline {
            usleep(50_000)
            position = try self.position(in: folder)
        }
        #expect(position == grown)
        child.signal(SIGTERM)
        #expect(child.wait(within: 10) == 128 + SIGTERM)
    }

    /// The number of entries that a view holds, from its rows; they leave out the ledger's first entry.
    private func position(in folder: Folder) throws -> Int? {
        let bytes = try? folder.read("v.sqlite")
        guard bytes != nil else { return nil }
        let ending = try Mohur.run(["project", "l", "--into", "v.sqlite", "--json"], in: folder)
        guard ending.code == 0 else { return nil }
        let line = lines(ending.output).first ?? ""
        return line.split(separator: ",").first { $0.hasPrefix("\"position\":") }.flatMap { Int($0.dropFirst(11)) }
    }

    @Test func `long work tells on standard error how far it is`() throws {
        let folder = try Folder.withLedger()
        let child = try Mohur.start(["import", "cloudevents", "l", "-"], in: folder)
        for number in 0..<14 {
            child.write(
                Events.lines(number * 200..<number * 200 + 200).replacing("}\n", with: #","subject":"a-1"}"# + "\n"))
            usleep(150_000)
        }
        child.closeInput()
        #expect(child.line() == "2,800 events recorded")
        #expect(child.wait() == 0)
        let error = try folder.lines(of: "stderr.started")
        #expect(!error.isEmpty)
        #expect(error.allSatisfy { $0.hasPrefix("importing: ") && $0.hasSuffix("/s") })
    }
}
