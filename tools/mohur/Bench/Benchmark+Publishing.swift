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

    /// The archive of the same ledger, as mohur-verify looks at it.
    func audit() throws -> Reading {
        let fill = Benchmark.readingLedger(settings)
        let archive = try ledger(TaskWords("fill.archive", ["from": try ledger(fill)]))
        let floor = try reading(of: try Benchmark.ownRow("verify.2")).value
        let task = TaskWords("audit", ["path": archive, "events": try fill.text("events"), "processors": "2"])
        return try Reading(try TaskProcess.run(task), "rate", floor: floor)
    }
}
