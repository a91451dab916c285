import Digests
import TestSupport
import Testing

@testable import Timestamping

/// Requests, and times as text: without an authority.
@Suite struct RequestTests {
    @Test func `a request is read back, and each has a nonce of its own`() throws {
        let imprint = SHA256.hash([5].span)
        let requests = (0..<200).map { _ in TimestampRequest(imprint: imprint) }
        for request in requests {
            #expect(request.nonce.count == 16)
            #expect(try TimestampRequest(request.bytes) == request)
        }
        #expect(Set(requests.map(\.nonce)).count == 200)
    }

    @Test func `a request of any other form is refused`() throws {
        let request = TimestampRequest(imprint: SHA256.hash([5].span))
        let bytes = request.bytes
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << UInt8(bit)
                let other = try? TimestampRequest(changed)
                #expect(other != request)
                #expect(other == nil || other?.bytes == changed)
            }
            #expect(throws: TimestampError(.malformedRequest)) { try TimestampRequest(Array(bytes[..<index])) }
        }
        #expect(throws: TimestampError(.malformedRequest)) { try TimestampRequest(bytes + [0]) }
    }

    @Test(arguments: [
        ("19700101000000Z", Int64(0), Int32(0)), ("20000229235959.5Z", 951_868_799, 500_000),
        ("19691231235959.000001Z", -1, 1), ("20380119031408.1234567Z", 2_147_483_648, 123_456),
        ("20161231235960Z", 1_483_228_800, 0), ("99991231235959Z", 253_402_300_799, 0),
        ("00000101000000Z", -62_167_219_200, 0),
    ])
    func `times are read to the microsecond`(text: String, seconds: Int64, microseconds: Int32) {
        let time = TimestampTime(generalized: text)
        #expect(time?.seconds == seconds)
        #expect(time?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "Z", "20230229000000Z", "21000229000000Z", "20230100000000Z", "20231301000000Z", "20230101000061Z",
    ])
    func `dates that the calendar has not are refused`(text: String) {
        #expect(TimestampTime(generalized: text) == nil)
    }

    @Test func `mutated times never crash`() {
        var generator = SeededGenerator(seed: printedSeed("times"))
        var read = 0
        for _ in 0..<20_000 {
            var text = Array("20240229120000.5Z".utf8)
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                text[Int.random(in: 0..<text.count, using: &generator)] = UInt8.random(
                    in: 0x2b...0x5a, using: &generator)
            }
            if let time = TimestampTime(generalized: String(decoding: text, as: UTF8.self)) {
                read += 1
                #expect((0..<1_000_000).contains(time.microseconds))
            }
        }
        #expect(read > 1_000)
    }
}
