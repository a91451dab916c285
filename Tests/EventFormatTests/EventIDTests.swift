import TestSupport
import Testing

@testable import EventFormat

struct EventIDTests {
    private static func version(_ id: EventID) -> UInt8 { id.bytes[6] >> 4 }
    private static func variant(_ id: EventID) -> UInt8 { id.bytes[8] >> 6 }

    @Test func `ids made one after the other ascend, 100,000 of them`() {
        var last = EventID()
        var isAscending = true
        for _ in 0..<100_000 {
            let id = EventID()
            if id <= last { isAscending = false }
            last = id
        }
        #expect(isAscending)
    }

    @Test func `ids made in several threads ascend in each and are all different`() async {
        let lists = await withTaskGroup(of: [EventID].self) { group in
            for _ in 0..<4 { group.addTask { (0..<20_000).map { _ in EventID() } } }
            return await group.reduce(into: [[EventID]]()) { $0.append($1) }
        }
        #expect(lists.count == 4)
        for list in lists { #expect(zip(list, list.dropFirst()).allSatisfy { $0 < $1 }) }
        #expect(Set(lists.joined()).count == 80_000)
    }

    @Test func `a new id has the version, the variant and the time of its making`() {
        let before = Timestamp.now.microseconds / 1000
        let id = EventID()
        #expect(EventIDTests.version(id) == 7)
        #expect(EventIDTests.variant(id) == 2)
        let stamp = id.bytes.prefix(6).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        // Ids made faster than the counter allows run ahead of the clock by less than this.
        #expect(stamp >= before && stamp < before + 60_000)
    }

    @Test func `random bits of ids do not repeat`() {
        let tails = (0..<10_000).map { _ in Array(EventID().bytes.suffix(8)) }
        #expect(Set(tails).count == 10_000)
    }

    @Test func `text and bytes of an id read back`() throws {
        let seed = printedSeed("ids")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let bytes = random.bytes(16)
            let id = try #require(EventID(bytes: bytes))
            #expect(id.bytes == bytes)
            let text = id.description
            #expect(text.utf8.count == 36 && text == text.lowercased())
            #expect(EventID(uuid: text) == id && EventID(uuid: text.uppercased()) == id, "seed \(seed)")
        }
        let sample = try #require(EventID(bytes: (0..<16).map { UInt8($0 * 17) }))
        #expect(sample.description == "00112233-4455-6677-8899-aabbccddeeff")
    }

    @Test(arguments: [
        "", "0198c0de", "0198c0de4a007a3b8c1d2e3f40516273", "0198c0de-4a00-7a3b-8c1d-2e3f4051627",
        "0198c0de-4a00-7a3b-8c1d-2e3f405162733", "{0198c0de-4a00-7a3b-8c1d-2e3f40516273}",
        "0198c0de-4a00-7a3b-8c1d-2e3f4051627g", "0198c0de-4a00-7a3b-8c1d_2e3f40516273",
        "0198c0d-e4a00-7a3b-8c1d-2e3f40516273", "0198c0de-4a00-7a3b-8c1d-2e3f-0516273",
        "-198c0de-4a00-7a3b-8c1d-2e3f40516273", "0198c0de-4a00-7a3b-8c1d-2e3f4051627é",
        " 0198c0de-4a00-7a3b-8c1d-2e3f4051627", "urn:uuid:0198c0de-4a00-7a3b-8c1d-2e3f40516273",
    ])
    func `a text that is no UUID is refused`(text: String) {
        #expect(EventID(uuid: text) == nil)
    }

    @Test(arguments: [0, 1, 15, 17, 32])
    func `bytes that are not sixteen are no id`(count: Int) {
        #expect(EventID(bytes: Array(repeating: 0, count: count)) == nil)
    }

    @Test func `ids sort as their bytes do`() throws {
        var random = SeededGenerator(seed: printedSeed("sorted ids"))
        let ids = (0..<500).map { _ in random.id() }
        let byBytes = ids.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        #expect(ids.sorted() == byBytes)
    }
}

struct DerivedIDTests {
    private static func id(_ parts: [String], _ time: String = "2020-01-01T00:00:00Z") throws -> EventID {
        EventID(naming: parts.map { Array($0.utf8) }, at: try Timestamp(rfc3339: time))
    }

    @Test func `the same parts at the same moment make the same id, of version 8`() throws {
        let id = try DerivedIDTests.id(["a", "b"])
        #expect(try DerivedIDTests.id(["a", "b"]) == id)
        #expect(id.bytes[6] >> 4 == 8 && id.bytes[8] >> 6 == 2)
    }

    @Test func `other parts, other cuts of the same bytes and other moments make other ids`() throws {
        let lists = [["a", "b"], ["ab"], ["a", "b", ""], ["", "ab"], ["ab", ""], ["b", "a"], [], [""]]
        var ids = try lists.map { try DerivedIDTests.id($0) }
        ids.append(try DerivedIDTests.id(["a", "b"], "2020-01-01T00:00:00.001Z"))
        #expect(Set(ids).count == ids.count)
    }

    @Test(arguments: [
        ("2020-01-01T00:00:00.001Z", UInt64(1_577_836_800_001)), ("2020-01-01T00:00:00.001999Z", 1_577_836_800_001),
        ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", 0), ("0001-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999),
    ])
    func `the first 48 bits are the moment's milliseconds, 0 before 1970`(row: (time: String, stamp: UInt64)) throws {
        let id = try DerivedIDTests.id(["x"], row.time)
        #expect(id.bytes.prefix(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } == row.stamp)
    }
}
