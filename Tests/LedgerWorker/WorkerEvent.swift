import Ledger

/// The event number `number` of the worker `seed`: the same in every process, so that it can be retried by another.
struct WorkerEvent {
    let stream: StreamName
    let event: Event

    /// `fill`: bytes of payload beside the number.
    init(seed: Int, number: Int, fill: Int) throws {
        let name = "\(seed)/\(number)"
        let moment = try Timestamp(microseconds: 1_700_000_000_000_000 + Int64(number) * 1000)
        stream = try StreamName(number % 3 == 0 ? "shared-\(number % 5)" : "own-\(seed)-\(number / 1_000_000)")
        event = Event(
            id: EventID(naming: [Array(name.utf8)], at: moment), type: "worker.noted", source: "urn:worker:\(seed)",
            payload: .json("{\"n\":\"\(name)\",\"fill\":\"\(String(repeating: "x", count: fill))\"}"))
    }
}
