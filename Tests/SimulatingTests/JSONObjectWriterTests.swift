import Foundation
import Testing

@testable import Simulating

@Suite struct `The JSON writer` {
    @Test func `escapes what JSON demands and leaves the rest`() throws {
        let text = "quote \" reverse \\ line\nbell \u{7} unit \u{1f} caf\u{e9} \u{1f333}"
        var json = JSONObjectWriter()
        json.field("text", text)
        let bytes = json.finish()
        let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: String]
        #expect(object == ["text": text])
    }

    @Test(arguments: [
        (0, "0.00"), (5, "0.05"), (-5, "-0.05"), (12_345, "123.45"), (-100, "-1.00"),
        (Int.min, "-92233720368547758.08"),
    ]) func `writes hundredths`(value: Int, expected: String) {
        var json = JSONObjectWriter()
        json.field("fee", hundredths: value)
        let text = String(decoding: json.finish(), as: UTF8.self)
        #expect(text == "{\"fee\":\(expected)}")
    }

    @Test(arguments: [0, 7, -7, 1_000_000, Int.max, Int.min]) func `writes integers`(value: Int) {
        var json = JSONObjectWriter()
        json.field("a", value)
        json.field("b", value)
        let text = String(decoding: json.finish(), as: UTF8.self)
        #expect(text == "{\"a\":\(value),\"b\":\(value)}")
    }

    @Test func `writes a day's last second and an object without fields`() {
        var json = JSONObjectWriter()
        json.field("due", endOfDay: 20_089)
        let dated = String(decoding: json.finish(), as: UTF8.self)
        let empty = String(decoding: JSONObjectWriter().finish(), as: UTF8.self)
        #expect(dated == "{\"due\":\"2025-01-01T23:59:59Z\"}")
        #expect(empty == "{}")
    }
}
