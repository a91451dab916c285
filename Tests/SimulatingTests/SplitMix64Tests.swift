import Testing

@testable import Simulating

@Suite struct `The generator` {
    @Test func `gives the published values for the seed 1234567`() {
        var random = SplitMix64(seed: 1_234_567)
        let values = (0..<5).map { _ in random.next() }
        #expect(
            values == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func `derives the value that stands at an index`() {
        var random = SplitMix64(seed: 99)
        let values = (0..<10).map { _ in random.next() }
        #expect(values == (0..<10).map { SplitMix64.derive(99, $0) })
    }

    @Test func `draws exponential times with mean and variance 1`() {
        var random = SplitMix64(seed: 5)
        let draws = (0..<200_000).map { _ in random.exponential() }
        let mean = draws.reduce(0, +) / Double(draws.count)
        let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws.count)
        let beyondTwo = Double(draws.filter { $0 > 2 }.count) / Double(draws.count)
        #expect(abs(mean - 1) < 0.02)
        #expect(abs(variance - 1) < 0.04)
        #expect(abs(beyondTwo - 0.1353) < 0.005)
    }

    @Test func `reaches both ends of a range and nothing outside`() {
        var random = SplitMix64(seed: 6)
        #expect(Set((0..<1000).map { _ in random.within(-2...2) }) == [-2, -1, 0, 1, 2])
    }
}
