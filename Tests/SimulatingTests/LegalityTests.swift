import EventFormat
import Foundation
import Testing

@testable import Simulating

@Suite struct `A simulated year` {
    private static let year = Result { try told(.scaled(toEvents: 25_000, seed: 21, agencies: 5)) }
    private let all: [Told]

    init() throws { all = try `A simulated year`.year.get() }

    @Test func `is in the order of time`() throws {
        #expect(all.count > 20_000)
        for (earlier, later) in zip(all, all.dropFirst()) {
            let first = try #require(earlier.event.occurred)
            let second = try #require(later.event.occurred)
            try #require(first <= second)
        }
    }

    @Test func `holds only events that the format accepts, with payloads that are JSON objects`() throws {
        for one in all {
            try one.event.validate()
            try #require(one.event.payload?.mediaType == "application/json")
            try #require(!one.fields.isEmpty, "\(one.type) tells nothing")
        }
    }

    @Test func `holds every type of event`() {
        #expect(Set(all.map(\.type)) == Set(EventKind.allCases.map(\.name)))
    }

    @Test func `begins every case with its receipt and closes it once at most`() throws {
        for (application, events) in cases(all) {
            try #require(events.first?.type == "application.received")
            try #require(events.filter { $0.type == "application.received" }.count == 1)
            let closure = events.firstIndex { $0.type == "application.closed" } ?? events.endIndex
            let after = events[min(closure + 1, events.endIndex)...]
            try #require(
                after.allSatisfy { $0.type.hasPrefix("objection.") }, "\(application) goes on after its closure")
            if closure < events.endIndex {
                let types = Set(events[..<closure].map(\.type))
                try #require(types.contains("term.set"))
                try #require(types.contains("decision.issued") != types.contains("application.withdrawn"))
                let outcome = events.last { $0.type == "decision.issued" }?.text("outcome") ?? "withdrawn"
                try #require(events[closure].text("outcome") == outcome)
            }
        }
    }

    @Test func `resumes what it suspends and lets nothing overtake its cause`() throws {
        for events in cases(all).values {
            var isSuspended = false
            var seen: Set<EventID> = []
            for one in events {
                if one.type == "term.suspended" { try #require(!isSuspended) }
                if one.type == "term.resumed" { try #require(isSuspended) }
                if one.type.hasPrefix("decision.") || one.type == "application.closed" { try #require(!isSuspended) }
                isSuspended = one.type == "term.suspended" || (isSuspended && one.type != "term.resumed")
                if let cause = one.event.causation {
                    try #require(seen.contains(cause), "\(one.type) comes before its cause")
                } else {
                    try #require(one.type == "application.received")
                }
                seen.insert(one.event.id)
            }
        }
    }

    @Test func `moves every due date forward, to a working day's last second`() throws {
        var terms = 0
        for events in cases(all).values {
            var last = Timestamp.earliest
            for one in events where one.type.hasPrefix("term.") && one.type != "term.suspended" {
                let due = try Timestamp(rfc3339: one.text("due"))
                try #require(due >= last)
                try #require(due > one.event.occurred ?? .latest || one.type == "term.resumed")
                let day = Milliseconds.dayNumber(of: due.microseconds / 1000)
                try #require(WorkCalendar.isWorkingDay(day))
                let days = try #require(one.number("days"))
                try #require(days >= 0)
                last = due
                terms += 1
            }
        }
        #expect(terms > 1000)
    }

    @Test func `numbers documents and cases without gaps by agency and year`() throws {
        let span = try told(
            .init(
                seed: 3, start: Timestamp(rfc3339: "2024-12-01T00:00:00Z"), days: 62, agencies: 3, applicationsPerDay: 6
            ))
        var last: [String: Int] = [:]
        for one in span where one.type.hasSuffix(".registered") {
            let year = one.event.occurred?.description.prefix(4) ?? ""
            let (told, number) = (try #require(one.number("year")), try #require(one.number("number")))
            try #require(String(told) == year)
            let register = "\(one.text("register")) of \(one.text("agency")) in \(year)"
            try #require(number == last[register, default: 0] + 1, "\(register) has a gap")
            last[register, default: 0] += 1
        }
        #expect(last.count == 12)
    }

    @Test func `tells streams apart by category and names nobody in them`() throws {
        let shape = try Regex("(application|document|assignment)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
        let source = try Regex("https://agency-[1-5]\\.example\\.gov/(intake|cases|documents|assignments|advice)")
        for one in all {
            try #require(try shape.wholeMatch(in: one.stream) != nil)
            try #require(try source.wholeMatch(in: one.event.source) != nil)
            if one.stream.hasPrefix("application-") { try #require(one.stream == "application-\(one.application)") }
        }
    }

    @Test func `registers, signs and dispatches a document in that order`() throws {
        let documents = Dictionary(grouping: all.filter { $0.stream.hasPrefix("document-") }, by: \.stream)
        #expect(documents.count > 1000)
        let order = [
            "document.drafted", "document.signed", "document.registered", "document.dispatched", "delivery.confirmed",
        ]
        for events in documents.values {
            let ranks = events.compactMap { order.firstIndex(of: $0.type) }
            try #require(ranks == ranks.sorted())
            try #require(events.filter { $0.type == "document.registered" }.count <= 1)
            let visas = events.filter { $0.type.hasPrefix("visa.") }.map(\.type)
            for (asked, answered) in zip(visas, visas.dropFirst()) {
                try #require((asked == "visa.requested") != (answered == "visa.requested"))
            }
        }
    }

    @Test func `decides in office hours and rests on Sundays`() throws {
        let calendar = WorkCalendar(firstDay: 20_000, days: 600)
        let moments = try all.map { try #require($0.event.occurred).microseconds / 1000 }
        let decisions = zip(all, moments).filter { $0.0.type == "decision.issued" }
        let sundays = moments.filter { CivilDate.weekday(dayNumber: Milliseconds.dayNumber(of: $0)) == 6 }
        #expect(!decisions.isEmpty)
        #expect(decisions.allSatisfy { calendar.isOpen(at: $0.1) })
        #expect(!sundays.isEmpty)
        #expect(sundays.count < all.count / 20)
    }
}
