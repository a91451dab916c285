internal import EventFormat
internal import JSON

extension LedgerPolicy {
    /// Reads the payload of `policy.adopted`. Throws ``KeyringError/Code/malformed``.
    init(payload: [UInt8]) throws(KeyringError) {
        let object = try TrustObject(
            payload: payload, of: "policy.adopted", ["unsigned", "sources", "types", "witnesses"])
        let unsigned = try object.string("unsigned")
        guard unsigned == "allowed" || unsigned == "refused" else {
            throw object.fault(
                "unsigned", "is \"\(unsigned.escapingControls)\"; write \"allowed\" or \"refused\"")
        }
        allowsUnsigned = unsigned == "allowed"
        sources = [:]
        for (name, rule) in try object.rules("sources") {
            sources[try object.naming("sources") { () throws(KeyringError) in try SourceName(name) }] = rule
        }
        types = [:]
        for (name, rule) in try object.rules("types") {
            types[try object.naming("types") { () throws(KeyringError) in try TypePattern(name) }] = rule
        }
        guard object.has("witnesses") else { return }
        let text = try object.string("witnesses")
        witnesses = try object.naming("witnesses") { () throws(KeyringError) in try WitnessPolicy(text) }
    }

    /// The payload of `policy.adopted`; names in the order of their bytes.
    var json: JSONObject {
        var object = JSONObject()
        object.add("unsigned", allowsUnsigned ? "allowed" : "refused")
        var rules = JSONObject()
        for (source, rule) in sources.sorted(by: { $0.key < $1.key }) { rules.add(source.text, rule.rawValue) }
        object.add("sources", rules)
        rules = JSONObject()
        for (type, rule) in types.sorted(by: { $0.key < $1.key }) { rules.add(type.text, rule.rawValue) }
        object.add("types", rules)
        if let witnesses { object.add("witnesses", witnesses.text) }
        return object
    }
}

extension TrustObject {
    /// The member `member`: an object of names to rules.
    fileprivate func rules(_ member: String) throws(KeyringError) -> [(String, LedgerPolicy.Rule)] {
        guard let members = document.members(at: try position(member)) else {
            throw fault(member, "is no object; write {} when there are no such rules")
        }
        var rules: [(String, LedgerPolicy.Rule)] = []
        for found in members {
            guard let text = document.string(at: found.value), let rule = LedgerPolicy.Rule(rawValue: text) else {
                throw fault(
                    member,
                    "has another rule than \"signed\" or \"unsigned\" for \"\(found.key.escapingControls)\": "
                        + "write one of the two")
            }
            rules.append((found.key, rule))
        }
        return rules
    }

    /// What `make` returns; what it throws, with the member named.
    fileprivate func naming<Value>(
        _ member: String, _ make: () throws(KeyringError) -> Value
    ) throws(KeyringError) -> Value {
        do throws(KeyringError) {
            return try make()
        } catch {
            throw fault(member, "is not accepted: \(error.reason)")
        }
    }
}
