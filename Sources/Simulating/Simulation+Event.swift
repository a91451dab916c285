internal import EventFormat

extension Simulation {
    /// The event of a scene with its stream.
    mutating func makeEvent(_ scene: Scene, index: UInt8) -> (stream: StreamName, event: Event) {
        let file = scene.file
        let step = scene.step
        let teller = step.kind == .adviceGiven ? agencies[adviser(of: file, topic: step.subject)] : scene.agency
        let event = Event(
            id: file.eventID(index).eventID,
            type: step.kind.name,
            source: teller.source(step.kind.service),
            occurred: Simulation.timestamp(step.time),
            payload: Payload(bytes: payload(scene), mediaType: "application/json"),
            correlation: file.applicationID.eventID,
            causation: step.cause == Step.noCause ? nil : file.eventID(step.cause).eventID)
        return (Simulation.stream(step.kind.record, file.recordID(of: step)), event)
    }

    /// The index of the agency that advises on `topic`: another one where there is one.
    ///
    /// The one with the highest weight for this case is taken (rendezvous hashing), so that another agency takes over
    /// only what it wins.
    func adviser(of file: OpenCase, topic: UInt8) -> Int {
        var best = file.agency
        var bestWeight: UInt64 = 0
        for index in agencies.indices where index != file.agency {
            let weight = SplitMix64.derive(agencies[index].key ^ file.key, UInt64(topic))
            if weight >= bestWeight {
                best = index
                bestWeight = weight
            }
        }
        return best
    }

    private static func stream(_ category: RecordCategory, _ id: Identifier) -> StreamName {
        var text: [UInt8] = []
        text.reserveCapacity(48)
        text.append(contentsOf: category.rawValue.utf8)
        text.append(UInt8(ascii: "-"))
        id.append(to: &text)
        do {
            return try StreamName(String(decoding: text, as: UTF8.self))
        } catch {
            preconditionFailure("the simulator names streams as the format asks: \(error)")
        }
    }

    private static func timestamp(_ milliseconds: Int64) -> Timestamp {
        do {
            return try Timestamp(microseconds: milliseconds * 1000)
        } catch {
            preconditionFailure("the configuration keeps the period within the years 0001 to 9999: \(error)")
        }
    }
}
