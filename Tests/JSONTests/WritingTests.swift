import JSON
import TestSupport
import Testing

@Suite struct `writing JSON` {
    @Test func `an object keeps the order of its members`() throws {
        var inner = JSONArray()
        inner.append("x")
        inner.append(2)
        inner.appendNull()
        var object = JSONObject()
        object.add("z", "text")
        object.add("a", 18_446_744_073_709_551_615 as UInt64)
        object.add("b", true)
        object.addNull("n")
        object.add("list", inner)
        object.add("raw", raw: "1.50")
        #expect(
            object.text == #"{"z":"text","a":18446744073709551615,"b":true,"n":null,"list":["x",2,null],"raw":1.50}"#)
        #expect(JSONObject().text == "{}")
        #expect(JSONArray().text == "[]")
        _ = try JSONDocument(object.bytes)
    }

    @Test func `every character comes back, and none that acts on a terminal or a line goes out`() throws {
        for value in (0..<0x3000 as Range<UInt32>) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let quoted = JSONText.quoted("a\(Character(scalar))b")
            let document = try JSONDocument(quoted)
            #expect(
                document.string(at: document.root)?.unicodeScalars.elementsEqual(
                    "a\(Character(scalar))b".unicodeScalars) == true)
            let isQuiet = quoted.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) && $0.value != 0x2028 && $0.value != 0x2029
            }
            #expect(isQuiet, "U+\(String(value, radix: 16))")
        }
        #expect(JSONText.quoted("\u{1}\"\\/é") == #""\u0001\"\\/é""#)
    }

    @Test func `random values are read back as they were written`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of random JSON values: \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let value = randomValue(&generator, depth: 0)
            let again = try JSONValue(value.text)
            #expect(again == value, "seed \(seed)")
        }
    }

    @Test func `mutated bytes are read or refused, and never stop the program`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of mutated JSON: \(seed)")
        var generator = SeededGenerator(seed: seed)
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = Array(randomValue(&generator, depth: 0).text.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let index = bytes.indices.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert("{}[]\",:\\u0".utf8.randomElement(using: &generator) ?? 0, at: index)
                }
            }
            do {
                let document = try JSONDocument(bytes)
                let value = document.value(at: document.root)
                #expect(try JSONValue(value.text) == value, "seed \(seed)")
            } catch {
                refused += 1
                #expect(error.offset <= bytes.count, "seed \(seed)")
            }
        }
        #expect(refused > 1000)
    }

    private func randomValue(_ generator: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 7 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .number(["0", "-0", "1e400", "3.25", "-12E-3"].randomElement(using: &generator) ?? "0")
        case 3, 4: return .string(randomText(&generator))
        case 5:
            return .array(
                (0..<Int.random(in: 0..<4, using: &generator)).map { _ in randomValue(&generator, depth: depth + 1) })
        default:
            return .object(
                (0..<Int.random(in: 0..<16, using: &generator)).map { index in
                    .init(key: "\(index):" + randomText(&generator), value: randomValue(&generator, depth: depth + 1))
                })
        }
    }

    private func randomText(_ generator: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0..<6, using: &generator) {
            let limit: UInt32 = Bool.random(using: &generator) ? 0x80 : 0x110000
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &generator)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
