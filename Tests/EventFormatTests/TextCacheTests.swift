import Digests
import TestSupport
import Testing

@testable import EventFormat

/// A cache of texts gives the text that was asked for, whatever it holds.
struct TextCacheTests {
    @Test func `every text comes back as it is, also of more texts than the cache holds`() {
        let seed = printedSeed("cached texts")
        var random = SeededGenerator(seed: seed)
        var texts = (0..<3_000).map { _ in random.text(80) }
        for number in 0..<500 { texts.append("application-0198c0de-0000-7000-8000-\(100_000_000_000 + number)") }
        var cache = TextCache()
        for _ in 0..<12_000 {
            let text = texts.randomElement(using: &random) ?? ""
            let bytes = Array(text.utf8)
            let found = cache.text(bytes.span)
            #expect(Array(found.utf8) == bytes, "seed \(seed)")
        }
    }

    @Test func `texts that are equal as characters but not as bytes are not taken for each other`() {
        var cache = TextCache()
        for text in ["caf\u{e9} caf\u{e9} caf\u{e9} caf\u{e9}", "cafe\u{301} cafe\u{301} cafe\u{301} cafe\u{301}"] {
            let bytes = Array(text.utf8)
            for _ in 0..<2 {
                let found = cache.text(bytes.span)
                #expect(Array(found.utf8) == bytes)
            }
        }
    }

    @Test func `entries made with a cache are those made without`() throws {
        let seed = printedSeed("entries with cached texts")
        var random = SeededGenerator(seed: seed)
        var cache = TextCache()
        for _ in 0..<2_000 {
            guard let bytes = try? random.entry().encoded() else { continue }
            let layout = try EntryLayout(bytes.span)
            let cached = Entry(layout, in: bytes.span, &cache)
            let plain = Entry(layout, in: bytes.span)
            #expect(cached == plain, "seed \(seed)")
        }
    }
}
