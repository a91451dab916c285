internal import EventFormat
internal import Ledger
internal import Processes
internal import Projecting
internal import Projections
internal import Simulating

extension BenchTask {
    /// Makes a ledger of the first `events` events of an invented municipality's year.
    static func fillYear(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        await ready()
        let ledger = try await ledger(words)
        let count = try words.number("events")
        let scaled = try Simulation.Configuration.scaled(toEvents: count + count / 16 + 100, seed: 1)
        var simulation = Simulation(configuration: scaled)
        var batch: [StreamEvent] = []
        for _ in 0..<count {
            guard let (stream, event) = simulation.next() else { break }
            batch.append(StreamEvent(event, to: stream))
            if batch.count == 5000 {
                try await ledger.append(batch)
                batch.removeAll(keepingCapacity: true)
            }
        }
        if !batch.isEmpty { try await ledger.append(batch) }
        await ledger.close()
        return Figures()
    }

    /// Builds the case register from nothing in the file `into`.
    static func project(_ words: TaskWords, _ ready: Ready) async throws -> Figures {
        let ledger = try await ledger(words)
        let size = try await ledger.size()
        let register = ShippedProjections.all[0]
        let projector = try await Projector(
            ledger: ledger, definitions: [try Definition(file: register.name, text: register.text)],
            database: try words.text("into"))
        await ready()
        let start = MonotonicTime.now
        try await projector.run()
        var figures = Figures()
        figures.add("rate", Double(size) / MonotonicTime.seconds(since: start))
        await ledger.close()
        return figures
    }
}
