internal import EventFormat
internal import JSON
internal import Keyring
internal import Ledger

/// Shows where events about keys and policy were recorded.
@MainActor struct TrustReport {
    let json: Bool

    func show(_ event: TrustEvent, _ place: AppendedEvent) {
        guard json else {
            return Output.line(
                "recorded at \(place.index): \(event.type), in force from entry \(place.index.rawValue + 1) on")
        }
        var object = JSONObject()
        object.add("id", place.id.description)
        object.add("type", event.type)
        object.add("index", place.index.rawValue)
        object.add("inForceFrom", place.index.rawValue + 1)
        Output.line(object.bytes)
    }
}
