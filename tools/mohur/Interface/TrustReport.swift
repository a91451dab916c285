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

    /// Shows under which event `what` was removed; `name` adds what names it for machines.
    func show(_ removal: Removal?, of what: String, naming name: (inout JSONObject) -> Void) {
        guard let removal else { return }
        guard json else { return Output.line("removed under event \(removal.event): \(what)") }
        var object = JSONObject()
        name(&object)
        object.add("event", removal.event.rawValue)
        Output.line(object.bytes)
    }

    /// Says how many of `wanted` things were not there to be removed.
    func showMissing(of wanted: Int, removed: Int) {
        guard removed < wanted else { return }
        Output.error("mohur: \((wanted - removed).grouped) of them were not there any more")
    }
}
