import Glibc
import Interchange
import Ledger
import Simulating
import Testing

@testable import Projecting

private let dataDirectory =
    unsafe getenv("MOHUR_DATA").map { unsafe String(cString: $0) } ?? "\(packageRoot)/../shared/data"
private let receipt = "\(dataDirectory)/coselog-receipt/receipt.xes.gz"

/// The projections that come with the program.
@Suite struct ShippedTests {
    private let scratch = Scratch()

    private func project(_ ledger: Ledger) async throws {
        let definitions = try Definition.load(["\(packageRoot)/projections"])
        #expect(definitions.map(\.name) == ["activity-log", "case-register"])
        try await Projector(ledger: ledger, definitions: definitions, database: scratch.views).run()
    }

    @Test func `the register counts the simulator's cases as the simulator does`() async throws {
        let ledger = try await scratch.ledger()
        var simulation = Simulation(configuration: try .scaled(toEvents: 20_000, seed: 5))
        var batch: [StreamEvent] = []
        while let (stream, event) = simulation.next() {
            batch.append(StreamEvent(event, to: stream))
            if batch.count == 5000 {
                try await ledger.append(batch)
                batch = []
            }
        }
        try await ledger.append(batch)
        try await project(ledger)
        let truth = simulation.summary
        #expect(truth.late > 0 && truth.open > 0)
        #expect(
            try rows(
                scratch.views,
                "SELECT count(*), count(closed), sum(late), sum(state = 'open') FROM case_register")
                == ["\(truth.opened)|\(truth.closed)|\(truth.late)|\(truth.open)"])
        #expect(try rows(scratch.views, "SELECT count(*) FROM activity_log") == ["\(truth.events)"])
        #expect(
            try rows(scratch.views, "SELECT sum(activities) FROM case_register")
                == (try rows(scratch.views, "SELECT count(*) FROM activity_log WHERE stream LIKE 'application-%'")))
        let complete = """
            SELECT count(*) FROM case_register WHERE closed IS NOT NULL
            AND (name IS NULL OR opened IS NULL OR agency IS NULL OR kind IS NULL OR channel IS NULL OR outcome IS NULL)
            """
        #expect(try rows(scratch.views, complete) == ["0"])
        #expect(try rows(scratch.views, "SELECT count(*) FROM activity_log WHERE actor IS NULL") != ["\(truth.events)"])
    }

    @Test func `a case that is described again keeps what the newer description leaves out`() async throws {
        let ledger = try await scratch.ledger()
        let first = """
            {"concept:name":{"type":"string","value":"A 1"},
            "startDate":{"type":"date","value":"2014-01-02T00:00:00+01:00"},
            "dueDate":{"type":"date","value":"2014-03-01T00:00:00+01:00"},
            "Responsible_actor":{"type":"int","value":"560925"},
            "caseStatus":{"type":"string","value":"G"}}
            """
        let second =
            #"{"endDate":{"value":"2014-03-02T00:00:00+01:00"},"enddate_planned":{"type":"date","value":""}}"#
        try await ledger.append(
            [
                Event(type: "case.described", source: "s", payload: .json(first)),
                Event(type: "activity.complete", source: "s", payload: .json(#"{"concept:name":{"value":"intake"}}"#)),
                Event(type: "activity.complete", source: "s", payload: Payload(bytes: [1], mediaType: "image/png")),
                Event(type: "case.described", source: "s", payload: .json(second)),
            ], to: "case-a1")
        try await project(ledger)
        let sql =
            "SELECT name, state, opened, due, closed, late, responsible, outcome, activities, last_activity, last_index"
        let register = try rows(scratch.views, sql + " FROM case_register")
        #expect(
            register == [
                "A 1|closed|2014-01-01T23:00:00.000000Z|2014-02-28T23:00:00.000000Z|"
                    + "2014-03-01T23:00:00.000000Z|1|560925|G|2|activity.complete|4"
            ])
    }

    @Test(.enabled(if: access(receipt, R_OK) == 0, "coselog-receipt is not there"))
    func `the register of the receipt phase has the counts that its own description gives`() async throws {
        let ledger = try await scratch.ledger()
        var mapping = try XESMapping(file: "receipt.xes.gz")
        var reader = XESReader(try InputFile(path: receipt))
        var activities = 0
        while let trace = try reader.next() {
            let mapped = try mapping.map(trace)
            activities += mapped.events.count - 1
            try await ledger.append(mapped.events, to: mapped.stream)
        }
        try await project(ledger)
        #expect(
            try rows(scratch.views, "SELECT state, count(*), sum(late) FROM case_register GROUP BY state")
                == ["closed|1329|377", "open|105|"])
        #expect(activities == 8577)
        #expect(try rows(scratch.views, "SELECT sum(activities) FROM case_register") == ["8577"])
        #expect(
            try rows(scratch.views, "SELECT events FROM activity_count WHERE activity = 'Confirmation of receipt'")
                == ["1434"])
        #expect(try rows(scratch.views, "SELECT count(DISTINCT actor) FROM activity_log") == ["48"])
    }
}
