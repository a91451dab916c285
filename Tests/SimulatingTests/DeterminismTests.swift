import Digests
import EventFormat
import Testing

@testable import Simulating

@Suite struct `The same configuration` {
    @Test func `gives the same 50,000 events, byte for byte`() throws {
        let configuration = try Simulation.Configuration.scaled(toEvents: 60_000, seed: 11)
        let first = digest(configuration, limit: 50_000)
        let second = digest(configuration, limit: 50_000)
        #expect(first.count == 50_000)
        #expect(first.hash == second.hash)
    }

    @Test func `gives these bytes on every machine`() throws {
        let configuration = try Simulation.Configuration(seed: 1, agencies: 2, applicationsPerDay: 5)
        let expected = "7c6237cea2e56afa1e7ed00850e811216c0ef0667f0a2cb2bc2074b0ad87b87a"
        #expect(digest(configuration, limit: 2000).hash.description == expected)
    }

    @Test func `with another seed shares no id`() throws {
        let first = try ids(.init(seed: 1, days: 30, agencies: 2, applicationsPerDay: 8))
        let second = try ids(.init(seed: 2, days: 30, agencies: 2, applicationsPerDay: 8))
        #expect(first.count > 1000)
        #expect(second.count > 1000)
        #expect(first.isDisjoint(with: second))
    }

    @Test func `over a shorter period gives the beginning of the same events`() throws {
        let long = lines(try .init(seed: 3, days: 50, agencies: 3, applicationsPerDay: 8))
        let short = lines(try .init(seed: 3, days: 25, agencies: 3, applicationsPerDay: 8))
        #expect(short.count > 1000)
        #expect(long.count > short.count)
        #expect(Array(long.prefix(short.count)) == short)
    }

    @Test(arguments: [0, 1, 777]) func `with a limit gives so many of the same events`(limit: Int) throws {
        let all = lines(try .init(seed: 4, days: 30, agencies: 2, applicationsPerDay: 8))
        let limited = lines(try .init(seed: 4, days: 30, agencies: 2, applicationsPerDay: 8, eventLimit: limit))
        #expect(all.count > limit)
        #expect(limited == Array(all.prefix(limit)))
    }

    @Test func `with one more agency changes only who advises`() throws {
        let before = try told(.init(seed: 5, days: 60, agencies: 3, applicationsPerDay: 3))
        let all = try told(.init(seed: 5, days: 60, agencies: 4, applicationsPerDay: 3))
        let newcomers = Set(
            all.filter { $0.type == "application.received" && $0.text("agency") == "agency-4" }.map(\.application))
        let after = all.filter { !newcomers.contains($0.application) }
        #expect(!newcomers.isEmpty)
        #expect(after.map(\.event.id) == before.map(\.event.id))
        var moved = 0
        for (old, new) in zip(before, after) where old.event != new.event {
            moved += 1
            #expect(new.type.hasPrefix("advice."))
            #expect(new.text("agency") == "agency-4")
        }
        #expect(moved > 0)
    }

    private func lines(_ configuration: Simulation.Configuration) -> [[UInt8]] {
        Simulation(configuration: configuration).map { bytes($0.stream, $0.event) }
    }

    private func ids(_ configuration: Simulation.Configuration) throws -> Set<EventID> {
        Set(Simulation(configuration: configuration).map(\.event.id))
    }

    private func digest(_ configuration: Simulation.Configuration, limit: Int) -> (hash: Digest, count: Int) {
        var hash = Digest.zero
        var count = 0
        var simulation = Simulation(configuration: configuration)
        while count < limit, let next = simulation.next() {
            hash = SHA256.hash((hash.bytes + bytes(next.stream, next.event)).span)
            count += 1
        }
        return (hash, count)
    }
}
