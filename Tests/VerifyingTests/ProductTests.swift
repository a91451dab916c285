import Digests
import EventFormat
import TestSupport
import Testing

@testable import Verifying

/// The products by which whole collections are compared.
struct ProductTests {
    /// The product modulo 2¹²⁷ − 1 by shifting and adding.
    private func slowProduct(_ left: UInt128, _ right: UInt128) -> UInt128 {
        var (sum, addend, rest) = (UInt128(0), left % Residue.modulus, right)
        while rest > 0 {
            if rest & 1 == 1 { sum = (sum + addend) % Residue.modulus }
            addend = (addend * 2) % Residue.modulus
            rest >>= 1
        }
        return sum
    }

    private func number(_ random: inout SeededGenerator) -> UInt128 {
        let edges: [UInt128] = [
            0, 1, 2, Residue.modulus - 1, Residue.modulus, Residue.modulus + 1, 1 << 64, 1 << 63, (1 << 64) - 1,
            UInt128.max - 1, UInt128.max << 64, (Residue.modulus >> 64) << 64,
        ]
        if Int.random(in: 0..<3, using: &random) == 0 { return edges.randomElement(using: &random) ?? 0 }
        return UInt128.random(in: 0..<UInt128.max, using: &random) >> UInt128.random(in: 0..<128, using: &random)
    }

    @Test func `residues multiply as numbers do, modulo 2¹²⁷ − 1`() {
        let seed = printedSeed("residues")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<4_000 {
            let (left, right) = (number(&random), number(&random))
            let product = Residue(folding: left) * Residue(folding: right)
            let expected = slowProduct(left, right)
            #expect(product.number == expected, "\(left) × \(right), seed \(seed)")
            #expect(Residue(folding: left).number == left % Residue.modulus, "\(left), seed \(seed)")
        }
    }

    /// One entry as the products see it.
    private struct Thing: Equatable {
        var stream: String
        var revision: UInt64
        var leaf: Digest
        var index: UInt64
    }

    private func product(_ things: [Thing], _ key: ProductKey) -> MultisetProduct {
        var product = MultisetProduct()
        for thing in things {
            let bytes = Array(thing.stream.utf8)
            let place = key.place(key.hash(stream: bytes.span), thing.revision)
            product.multiply(by: key.factor(place, leaf: thing.leaf, index: thing.index))
        }
        return product
    }

    private func things(_ random: inout SeededGenerator) -> [Thing] {
        (0..<20).map { number in
            let name = String(decoding: random.bytes(255).map { $0 % 26 + 97 }.prefix(number * 13 + 1), as: UTF8.self)
            return Thing(
                stream: name, revision: random.next(), leaf: SHA256.hash(random.bytes(8).span), index: random.next())
        }
    }

    @Test func `the same things in another order have the same product, and with another key another`() {
        let seed = printedSeed("orders")
        var random = SeededGenerator(seed: seed)
        let things = things(&random)
        let key = ProductKey()
        let product = product(things, key)
        #expect(self.product(things.shuffled(using: &random), key) == product, "seed \(seed)")
        #expect(self.product(things, ProductKey()) != product, "seed \(seed)")
    }

    @Test func `a thing that differs in any bit, is missing, doubled or exchanged in parts changes the product`() {
        let seed = printedSeed("changed things")
        var random = SeededGenerator(seed: seed)
        let things = things(&random)
        let key = ProductKey()
        let product = product(things, key)
        for number in things.indices {
            var changed = things
            for bit in 0..<64 as Range<UInt64> {
                changed[number] = things[number]
                changed[number].revision ^= 1 << bit
                #expect(self.product(changed, key) != product, "revision, bit \(bit), seed \(seed)")
                changed[number] = things[number]
                changed[number].index ^= 1 << bit
                #expect(self.product(changed, key) != product, "index, bit \(bit), seed \(seed)")
            }
            for byte in 0..<Digest.byteCount {
                var leaf = things[number].leaf.bytes
                leaf[byte] ^= 1 << UInt8(byte % 8)
                changed[number] = things[number]
                changed[number].leaf = Digest(copying: leaf.span)
                #expect(self.product(changed, key) != product, "leaf, byte \(byte), seed \(seed)")
            }
            for place in things[number].stream.indices {
                changed[number] = things[number]
                changed[number].stream.replaceSubrange(place...place, with: "A")
                #expect(self.product(changed, key) != product, "stream, seed \(seed)")
            }
        }
        #expect(self.product(things.dropLast(), key) != product, "seed \(seed)")
        #expect(self.product(things + things.prefix(1), key) != product, "seed \(seed)")
        var exchanged = things
        (exchanged[0].index, exchanged[1].index) = (things[1].index, things[0].index)
        #expect(self.product(exchanged, key) != product, "seed \(seed)")
    }

    @Test func `names that differ in a zero byte at the end or beyond 255 bytes in length have other hashes`() {
        let key = ProductKey()
        let names: [[UInt8]] = [
            [], [0], [0, 0], Array("a".utf8), Array("a\0".utf8), Array(repeating: 97, count: 8),
            Array(repeating: 97, count: 8) + [0], Array(repeating: 97, count: 255), Array(repeating: 97, count: 256),
            Array(repeating: 97, count: 511),
        ]
        let hashes = Set(names.map { key.place(key.hash(stream: $0.span), 7).number })
        #expect(hashes.count == names.count)
    }

    @Test func `ids and indexes change the product of ids in every bit`() throws {
        let key = ProductKey()
        let id = Array(0..<16 as Range<UInt8>)
        var seen: Set<UInt128> = []
        for byte in 0..<16 {
            for bit in 0..<8 {
                var changed = id
                changed[byte] ^= 1 << UInt8(bit)
                let event = try #require(EventID(bytes: changed))
                seen.insert(key.factor(id: event, index: 5).number)
            }
        }
        let event = try #require(EventID(bytes: id))
        for bit in 0..<64 as Range<UInt64> { seen.insert(key.factor(id: event, index: 5 ^ 1 << bit).number) }
        seen.insert(key.factor(id: event, index: 5).number)
        #expect(seen.count == 128 + 64 + 1)
    }
}
