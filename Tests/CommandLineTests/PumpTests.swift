import Synchronization
import Testing

@testable import mohur

/// Items that are read ahead.
@Suite struct PumpTests {
    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    /// How many of 20,000 items are made before anyone takes one.
    private func lead(itemSize: Int) async throws -> (ahead: Int, total: Int) {
        let counter = Counter()
        let pump = ItemPump<Int>(size: { _ in itemSize }) { yield in
            for number in 0..<20_000 {
                counter.value.store(number + 1, ordering: .relaxed)
                guard yield(number) else { return }
            }
        }
        try await Task.sleep(for: .milliseconds(150))
        let ahead = counter.value.load(ordering: .relaxed)
        var items: [Int] = []
        while let batch = try await pump.next() { items += batch }
        #expect(items == Array(0..<20_000))
        return (ahead, items.count)
    }

    @Test func `small items are read ahead by number`() async throws {
        #expect(try await lead(itemSize: 100).ahead == 4097)
    }

    @Test func `large items are read ahead by size`() async throws {
        #expect(try await lead(itemSize: 1 << 20).ahead == 9)
        #expect(try await lead(itemSize: 64 << 20).ahead == 2)
    }

    private struct Fault: Error {}

    @Test func `an error comes behind the items before it`() async throws {
        let pump = ItemPump<Int>(size: { _ in 1 }) { yield in
            _ = yield(1)
            throw Fault()
        }
        var items: [Int] = []
        await #expect(throws: Fault.self) {
            while let batch = try await pump.next() { items += batch }
        }
        #expect(items == [1])
    }
}
