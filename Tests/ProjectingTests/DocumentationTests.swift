import Ledger
import Testing

@testable import Projecting

@Suite struct DocumentationTests {
    /// The SQL of docs/projections.md.
    private func examples() throws -> [String] {
        let parts = try packageFile("docs/projections.md").split(separator: "```sql\n").dropFirst()
        return parts.map { part in String(part[..<(part.firstRange(of: "```")?.lowerBound ?? part.endIndex)]) }
    }

    @Test func `the example does what its text says`() async throws {
        let scratch = Scratch()
        let ledger = try await scratch.ledger()
        let events: [(String, String)] = [
            ("application.received", #"{"kind":"tree"}"#), ("advice.requested", "{}"), ("advice.given", "{}"),
            ("decision.issued", #"{"outcome":"refused"}"#), ("application.closed", #"{"outcome":"refused"}"#),
        ]
        try await ledger.append(
            events.map { Event(type: $0, source: "s", occurred: .epoch, payload: .json($1)) }, to: "application-1")
        let examples = try examples()
        try #require(examples.count == 1)
        let definition = try Definition(file: "decisions.sql", text: examples[0])
        try await Projector(ledger: ledger, definitions: [definition], database: scratch.views).run()
        #expect(
            try rows(scratch.views, "SELECT * FROM decisions")
                == ["application-1|tree|refused|1970-01-01T00:00:00.000000Z|2"])
        #expect(
            try rows(scratch.views, "SELECT * FROM refusals")
                == ["application-1|tree|1970-01-01T00:00:00.000000Z"])
    }

    @Test func `the page names every parameter and every shipped file`() throws {
        let page = try packageFile("docs/projections.md")
        for type in Parameter.PayloadType.allCases { #expect(page.contains("`$\(type.rawValue)(/a/b)`")) }
        let error = #expect(throws: Parameter.Fault.self) { try Parameter("$x") }
        let names = try #require(error).reason.split(separator: " ").filter { $0.hasPrefix("$") && !$0.contains("(") }
        #expect(names.count > 10)
        for name in names.dropFirst() { #expect(page.contains("`\(name.prefix { $0 != "," })`"), "\(name)") }
        for definition in try Definition.load(["\(packageRoot)/projections"]) {
            #expect(page.contains("`\(definition.name).sql`"))
        }
    }
}
