internal import JSON

/// Attributes of XES as JSON that loses nothing: `{"concept:name":{"type":"string","value":"…"},…}` in the order of
/// the file.
///
/// A value is always the file's text. Attributes of an attribute stand in its member `attributes`, a list's items in
/// `values`, each with its `key`; where a key stands again, its further values are under `also` of the first.
enum XESPayload {
    /// How deep the JSON may be nested, so that a reader of JSON still takes it inside of another value.
    private static let maximumDepth = 120

    static func encode(_ attributes: [XESAttribute], file: String) throws(InterchangeError) -> [UInt8] {
        var output: [UInt8] = []
        try append(attributes, depth: 1, file: file, to: &output)
        return output
    }

    private static func append(
        _ attributes: [XESAttribute], depth: Int, file: String, to output: inout [UInt8]
    ) throws(InterchangeError) {
        output.append(UInt8(ascii: "{"))
        for (index, group) in grouped(attributes).enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            let first = attributes[group[0]]
            JSONText.append(first.key, to: &output)
            output.append(contentsOf: ":{".utf8)
            try appendMembers(of: first, depth: depth + 1, file: file, to: &output)
            if group.count > 1 {
                output.append(contentsOf: #","also":["#.utf8)
                for (position, other) in group.dropFirst().enumerated() {
                    output.append(contentsOf: position > 0 ? ",{".utf8 : "{".utf8)
                    try appendMembers(of: attributes[other], depth: depth + 3, file: file, to: &output)
                    output.append(UInt8(ascii: "}"))
                }
                output.append(UInt8(ascii: "]"))
            }
            output.append(UInt8(ascii: "}"))
        }
        output.append(UInt8(ascii: "}"))
    }

    /// The indexes of `attributes` by key, in the order of the keys' first appearance; keys are the same when their
    /// bytes are.
    private static func grouped(_ attributes: [XESAttribute]) -> [[Int]] {
        var groups: [[Int]] = []
        var slots: [[UInt8]: Int] = [:]
        slots.reserveCapacity(attributes.count)
        for (index, attribute) in attributes.enumerated() {
            let key = Array(attribute.key.utf8)
            if let slot = slots[key] {
                groups[slot].append(index)
            } else {
                slots[key] = groups.count
                groups.append([index])
            }
        }
        return groups
    }

    /// Appends `"type":…` and what else there is of an attribute, without the braces around it.
    private static func appendMembers(
        of attribute: XESAttribute, depth: Int, file: String, to output: inout [UInt8]
    ) throws(InterchangeError) {
        guard depth < maximumDepth else {
            throw InterchangeError(
                .tooDeep, "attributes and lists are nested too deeply; flatten them",
                at: .init(file: file, line: attribute.line))
        }
        output.append(contentsOf: #""type":"\#(attribute.kind.rawValue)""#.utf8)
        if let value = attribute.value {
            output.append(contentsOf: #","value":"#.utf8)
            JSONText.append(value, to: &output)
        }
        if attribute.kind == .list {
            output.append(contentsOf: #","values":["#.utf8)
            for (index, item) in attribute.values.enumerated() {
                output.append(contentsOf: index > 0 ? #",{"key":"#.utf8 : #"{"key":"#.utf8)
                JSONText.append(item.key, to: &output)
                output.append(UInt8(ascii: ","))
                try appendMembers(of: item, depth: depth + 2, file: file, to: &output)
                output.append(UInt8(ascii: "}"))
            }
            output.append(UInt8(ascii: "]"))
        }
        if !attribute.attributes.isEmpty {
            output.append(contentsOf: #","attributes":"#.utf8)
            try append(attribute.attributes, depth: depth + 1, file: file, to: &output)
        }
    }
}
