import Digests
import Ledger
import Testing

@testable import Projecting

@Suite struct ParameterTests {
    /// Runs the projection of one parameter over one event and returns what it gave, with SQLite's type.
    private func value(_ parameter: String, _ payload: Payload?) async throws -> String {
        let scratch = Scratch()
        let ledger = try await scratch.ledger()
        try await ledger.append([Event(type: "t", source: "s", payload: payload)], to: "a-1")
        let definition = try Definition(
            file: "one.sql",
            text: """
                -- projection: one
                -- version: 1
                -- schema
                CREATE TABLE one (value ANY) STRICT;
                -- on t
                INSERT INTO one VALUES (\(parameter));
                """)
        try await Projector(ledger: ledger, definitions: [definition], database: scratch.views).run()
        let rows = try rows(scratch.views, "SELECT typeof(value), value FROM one")
        return try #require(rows.first)
    }

    static let values: [(parameter: String, json: String, value: String)] = [
        ("$text(/a)", #"{"a":"x"}"#, "text|x"),
        ("$text(/a)", #"{"a":"é\n\"\u00e9"}"#, "text|é\n\"é"),
        ("$text(/a)", #"{"a":""}"#, "text|"),
        ("$text(/a)", #"{"a":12.50}"#, "text|12.50"),
        ("$text(/a)", #"{"a":true}"#, "text|true"),
        ("$text(/a)", #"{"a":null}"#, "null|"),
        ("$text(/a)", #"{"a":{"b":1}}"#, "null|"),
        ("$text(/a)", #"{"b":"x"}"#, "null|"),
        ("$text(/a%20b/c%29)", #"{"a b":{"c)":"x"}}"#, "text|x"),
        ("$text(/concept:name/value)", #"{"concept:name":{"value":"x"}}"#, "text|x"),
        ("$text(/a~1b/1)", #"{"a/b":["x","y"]}"#, "text|y"),
        ("$text()", #""whole""#, "text|whole"),
        ("$integer(/a)", #"{"a":-9223372036854775808}"#, "integer|-9223372036854775808"),
        ("$integer(/a)", #"{"a":"12"}"#, "integer|12"),
        ("$integer(/a)", #"{"a":""}"#, "null|"),
        ("$decimal(/a)", #"{"a":0.10}"#, "text|0.10"),
        ("$decimal(/a)", #"{"a":"2.50"}"#, "text|2.50"),
        ("$boolean(/a)", #"{"a":true}"#, "integer|1"),
        ("$boolean(/a)", #"{"a":"false"}"#, "integer|0"),
        ("$json(/a)", #"{"a": [1, {"b" :null}] }"#, #"text|[1, {"b" :null}]"#),
        ("$json(/a)", #"{"a":"x"}"#, #"text|"x""#),
        ("$time(/a)", #"{"a":"2011-10-11T13:45:40.276+02:00"}"#, "text|2011-10-11T11:45:40.276000Z"),
        ("$time(/a)", #"{"a":"2011-10-11T13:45:40"}"#, "text|2011-10-11T13:45:40.000000Z"),
        ("$time(/a)", #"{"a":""}"#, "null|"),
        ("$time(/a)", #"{"a":null}"#, "null|"),
    ]

    @Test(arguments: values)
    func `a payload's value is bound as the parameter says`(parameter: String, json: String, expected: String)
        async throws
    {
        let value = try await value(parameter, .json(json))
        #expect(value == expected)
    }

    static let wrong: [(parameter: String, json: String, says: String)] = [
        ("$integer(/a)", #"{"a":1.5}"#, "$integer(/a) is 1.5; $integer takes a whole number"),
        ("$integer(/a)", #"{"a":9223372036854775808}"#, "$integer(/a) is 9223372036854775808"),
        ("$integer(/a)", #"{"a":"x"}"#, #"$integer(/a) is "x""#),
        ("$time(/a)", #"{"a":"11 October"}"#, #"$time(/a) is "11 October"; $time takes a date and a time"#),
        ("$time(/a)", #"{"a":5}"#, "$time(/a) is 5"),
        ("$boolean(/a)", #"{"a":"yes"}"#, #"$boolean(/a) is "yes""#),
        ("$decimal(/a)", #"{"a":"1,5"}"#, #"$decimal(/a) is "1,5""#),
        ("$decimal(/a)", #"{"a":[1]}"#, "$decimal(/a) is [1]"),
    ]

    @Test(arguments: wrong)
    func `a value of another kind stops the projection and is named`(parameter: String, json: String, says: String)
        async throws
    {
        let error = await #expect(throws: ProjectionError.self) { try await value(parameter, .json(json)) }
        #expect(error?.code == .invalidValue)
        #expect(
            error?.reason.contains("projection \"one\" (one.sql:6): event 1 (\"t\" of \"a-1\"): \(says)") == true,
            "\(error?.reason ?? "")")
    }

    static let payloads: [(payload: Payload?, value: String)] = [
        (nil, "null|"),
        (Payload(bytes: Array(#"{"a":"x"}"#.utf8), mediaType: "text/plain"), "null|"),
        (Payload(bytes: [0xff, 0x00, 0x7b], mediaType: "application/json"), "null|"),
        (Payload(bytes: [], mediaType: "application/json"), "null|"),
        (Payload(bytes: Array(#"{"a":"x"}"#.utf8), mediaType: "Application/JSON; charset=utf-8"), "text|x"),
        (Payload(bytes: Array(#"{"a":"x"}"#.utf8), mediaType: "application/ld+json"), "text|x"),
        (
            Payload(bytes: Array(#"{"a":"y","data":{"a":"x"}}"#.utf8), mediaType: "application/cloudevents+json"),
            "text|x"
        ),
        (
            Payload(bytes: Array(#"{"a":"y","data_base64":"eA=="}"#.utf8), mediaType: "application/cloudevents+json"),
            "null|"
        ),
    ]

    @Test(arguments: payloads)
    func `only JSON has values, and a CloudEvent's are in its data`(payload: Payload?, expected: String) async throws {
        let value = try await value("$text(/a)", payload)
        #expect(value == expected)
    }

    @Test func `an event's own fields are bound`() async throws {
        let scratch = Scratch()
        let ledger = try await scratch.ledger()
        let cause = EventID()
        let event = Event(
            type: "t", source: "urn:s", occurred: try Timestamp(rfc3339: "2020-02-29T12:00:00+01:00"),
            correlation: cause, causation: cause)
        try await ledger.append([Event(type: "t", source: "urn:s"), event], to: "case-1-2")
        let names = [
            "stream", "category", "index", "revision", "type", "id", "source", "occurred", "recorded", "correlation",
            "causation", "leaf",
        ]
        let definition = try Definition(
            file: "all.sql",
            text: """
                -- projection: all
                -- version: 1
                -- schema
                CREATE TABLE "all" (\(names.map { "\"\($0)\"" }.joined(separator: ", ")));
                -- on t
                INSERT INTO "all" VALUES (\(names.map { "$" + $0 }.joined(separator: ", ")));
                """)
        try await Projector(ledger: ledger, definitions: [definition], database: scratch.views).run()
        let recorded = try await ledger.event(at: 2)
        let rows = try rows(scratch.views, "SELECT * FROM \"all\" ORDER BY \"index\"")
        try #require(rows.count == 2)
        #expect(rows[0].hasSuffix("|||\(try await ledger.event(at: 1).leaf.hex)"))
        #expect(
            rows[1]
                == "case-1-2|case|2|1|t|\(event.id)|urn:s|2020-02-29T11:00:00.000000Z|"
                + "\(recorded.recorded)|\(cause)|\(cause)|\(recorded.leaf.hex)"
        )
    }
}
