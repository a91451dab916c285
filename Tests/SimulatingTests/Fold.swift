import EventFormat
import Foundation
import Testing

@testable import Simulating

/// The value of a payload's field.
enum Field: Hashable, Sendable {
    case text(String), whole(Int), decimal(Double)

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int? { if case .whole(let number) = self { number } else { nil } }
}

/// One event with its payload read by another JSON reader than the simulator's writer.
struct Told: Sendable {
    let stream: String
    let event: Event
    let fields: [String: Field]

    var type: String { event.type }
    var application: String { event.correlation?.description ?? "" }

    func text(_ name: String) -> String { fields[name]?.text ?? "" }
    func number(_ name: String) -> Int? { fields[name]?.number }
}

/// The events of a simulation up to `limit`.
func told(_ configuration: Simulation.Configuration, limit: Int = .max) throws -> [Told] {
    var all: [Told] = []
    for (stream, event) in Simulation(configuration: configuration) {
        if all.count == limit { break }
        all.append(Told(stream: stream.text, event: event, fields: try object(event)))
    }
    return all
}

/// The event's payload as an object; throws when it is no flat JSON object of texts and numbers.
func object(_ event: Event) throws -> [String: Field] {
    let value = try JSONSerialization.jsonObject(with: Data(event.payload?.bytes ?? []))
    return try #require(value as? [String: Any]).mapValues { value in
        if let text = value as? String { return .text(text) }
        if let number = value as? Int { return .whole(number) }
        return .decimal(try #require(value as? Double))
    }
}

/// The events by application, in order.
func cases(_ all: [Told]) -> [String: [Told]] {
    Dictionary(grouping: all) { $0.application }
}

/// Every field of an event with its stream, as bytes.
func bytes(_ stream: StreamName, _ event: Event) -> [UInt8] {
    var output = Array("\(stream) \(event.type) \(event.source) \(event.occurred?.microseconds ?? -1) ".utf8)
    event.id.append(to: &output)
    event.correlation?.append(to: &output)
    event.causation?.append(to: &output)
    output += event.payload?.bytes ?? []
    return output
}
