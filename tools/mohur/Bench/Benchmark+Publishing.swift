extension Benchmark {
    /// The tree of the ledger that is scanned and verified, written from nothing.
    func publish() throws -> Reading {
        let fill = Benchmark.readingLedger(settings)
        let ledger = try ledger(fill)
        let folder = path("tiles")
        defer { Scratch.remove(folder) }
        let sizes = ["entry": "\(entrySize)", "events": try fill.text("events"), "into": "\(folder)/floor"]
        let floor = try TaskProcess.run(TaskWords("floor.files", sizes)).figure("rate")
        return try Reading(
            try TaskProcess.run(TaskWords("publish", ["path": ledger, "into": "\(folder)/tree"])), "rate", floor: floor)
    }
}
