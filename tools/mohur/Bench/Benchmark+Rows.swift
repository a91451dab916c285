internal import Peers

extension Benchmark {
    /// All rows of Mohur's, in their order.
    nonisolated static let ownRows: [BenchRow] = appendRows + readingRows + proofRows + otherRows

    /// Every row must keep its memory small, whatever the ledger's size.
    private nonisolated static let memory = Target.memory(200)
    private nonisolated static let plain = "plain file: as many bytes, hashed as often, one fdatasync a commit"

    private nonisolated static let appendRows: [BenchRow] = [
        BenchRow("append.batch", "events/s", floor: plain, [.ratio(0.6), memory]) { try $0.appendBatch() },
        BenchRow("append.signed", "events/s", floor: "append.batch in the same round", [.ratio(0.9), memory]) {
            try $0.appendSigned()
        },
        concurrentRow(
            64, least: 40_000, [.times(4, row: "postgres.table.64"), .times(30, row: "postgres.chain.64")]),
        concurrentRow(256, least: 100_000, []),
        BenchRow(
            "append.processes", "events/s", floor: "append.concurrent.64 in the same round", [.ratio(0.5), memory]
        ) { try $0.appendFromProcesses(4, callers: 16, floor: "append.concurrent.64") },
        BenchRow(
            "append.single", "events/s", floor: "a bare LMDB commit of the same rows", [.ratio(0.9), memory]
        ) { try $0.appendSingly() },
        BenchRow("append.services", "events/s", floor: "append.single in the same round", [memory]) {
            try $0.appendFromProcesses(16, callers: 1, floor: "append.single")
        },
    ]

    private nonisolated static func concurrentRow(_ callers: Int, least: Double, _ others: [Target]) -> BenchRow {
        BenchRow(
            "append.concurrent.\(callers)", "events/s", floor: "\(plain), \(callers) events each",
            [.least(least), .p99(10)] + others + [memory]
        ) { try $0.appendConcurrently(callers) }
    }

    private nonisolated static let readingRows: [BenchRow] = [
        BenchRow(
            "scan", "entries/s", floor: "reading the events with their payloads, compared with their hashes",
            [.least(2_000_000), memory]
        ) { try $0.scan("scan") },
        BenchRow(
            "scan.values", "entries/s", floor: "reading the events with their payloads, compared with their hashes",
            [memory]
        ) { try $0.scan("scan.values") },
        BenchRow(
            "verify.1", "entries/s", floor: "SHA-256 of the same messages on one processor", [.ratio(0.7), memory]
        ) { try $0.verify(processors: 1) },
        BenchRow("verify.2", "entries/s", floor: "verify.1 in the same round", [.ratio(1.8), memory]) {
            try $0.verify(processors: 2)
        },
        BenchRow("verify.signed", "entries/s", floor: "verify.1 in the same round", [memory]) {
            try $0.verifySigned()
        },
    ]

    private nonisolated static let proofRows: [BenchRow] = ["inclusion", "consistency"].flatMap { kind in
        [
            BenchRow("proof.\(kind)", "µs", floor: "hashing as many tree nodes", [.most(30), memory]) {
                try $0.prove("proof.make", kind)
            },
            BenchRow("proof.\(kind).check", "µs", floor: "hashing as many tree nodes", [.most(20), memory]) {
                try $0.prove("proof.check", kind)
            },
        ]
    }

    private nonisolated static let otherRows: [BenchRow] = [
        BenchRow("open", "ms", floor: "opening the file with LMDB alone", [.most(50), memory]) { try $0.open() },
        BenchRow(
            "growth", "events/s", floor: "the same on a ledger of a twentieth of the entries", [.ratio(0.8), memory]
        ) { try $0.grow() },
        BenchRow("disk", "bytes/event", floor: "entry and envelope alone", [.most(900), memory]) {
            try $0.diskOfBatches()
        },
        BenchRow(
            "disk.concurrent", "bytes/event", floor: "entry and envelope alone", [memory]
        ) { try $0.diskOfCallers() },
        BenchRow("follow", "ms", floor: "p99 of the appends themselves", [.p99(10), memory]) { try $0.follow() },
        BenchRow(
            "project.rebuild", "events/s", floor: "reading the events without projecting", [.least(150_000), memory]
        ) { try $0.project(Benchmark.yearLedger($0.settings)) },
        BenchRow("project.rebuild.uniform", "events/s", floor: "reading the events without projecting", [memory]) {
            try $0.project(Benchmark.readingLedger($0.settings))
        },
        BenchRow(
            "publish", "entries/s", floor: "writing as many bytes in as many files, flushed as seldom",
            [.ratio(0.6), memory]
        ) { try $0.publish() },
        BenchRow("audit", "entries/s", floor: "verify.2 of the ledger in the same round", [memory]) {
            try $0.audit()
        },
    ]

    /// The rows of a peer, in their order.
    nonisolated static func rows(of peer: BenchSettings.Peer) -> [BenchRow] {
        switch peer {
        case .postgres:
            let forms: [(PostgresForm, [Int])] = [(.table, [1, 16, 64]), (.batch, [1]), (.chain, [1, 16, 64])]
            return forms.flatMap { form, counts in
                counts.map { clients in
                    BenchRow("postgres.\(form.rawValue).\(clients)", "events/s", floor: nil) {
                        try $0.measurePostgres(form, clients: clients)
                    }
                }
            }
        case .sqlite, .lmdb:
            return [("single", 1), ("batch", 1000)].map { name, batch in
                BenchRow("\(peer.rawValue).\(name)", "events/s", floor: nil) {
                    try $0.insertRows("\(peer.rawValue).rows", batch: batch)
                }
            }
        }
    }
}
