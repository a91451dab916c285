internal import JSON

/// What a parameter of a statement stands for.
enum Parameter: Hashable, Sendable {
    case stream, category, index, revision, type, id, source, occurred, recorded, correlation, causation, leaf
    case payload(PayloadType, JSONPointer)

    /// How a value is taken out of a payload; the raw value is the parameter's name.
    enum PayloadType: String, CaseIterable, Sendable {
        case text, integer, decimal, time, boolean, json
    }

    private static let envelope: [String: Parameter] = [
        "stream": .stream, "category": .category, "index": .index, "revision": .revision, "type": .type, "id": .id,
        "source": .source, "occurred": .occurred, "recorded": .recorded, "correlation": .correlation,
        "causation": .causation, "leaf": .leaf,
    ]

    /// Why a name is no parameter, and what to write instead.
    struct Fault: Error {
        let reason: String
    }

    /// Reads a parameter as SQLite reports it: `$stream`, `$time(/startdate/value)`.
    init(_ name: String) throws(Fault) {
        guard name.hasPrefix("$") else {
            throw Fault(reason: "\(name) is no parameter; parameters begin with $, such as $stream or $text(/name)")
        }
        let body = name.dropFirst()
        guard let bracket = body.firstIndex(of: "(") else {
            guard let parameter = Parameter.envelope[String(body)] else { throw Parameter.unknown(name) }
            self = parameter
            return
        }
        guard let type = PayloadType(rawValue: String(body[..<bracket])), body.hasSuffix(")") else {
            throw Parameter.unknown(name)
        }
        let encoded = body[body.index(after: bracket)...].dropLast()
        guard let pointer = PercentEncoding.decode(encoded) else {
            throw Fault(reason: "\(name) has a % without two hexadecimal digits; write % itself as %25")
        }
        do throws(JSONError) {
            self = .payload(type, try JSONPointer(pointer))
        } catch {
            throw Fault(reason: "\(name): \(error.reason); write a JSON Pointer such as $\(type.rawValue)(/name)")
        }
    }

    private static func unknown(_ name: String) -> Fault {
        let names = envelope.keys.sorted().map { "$" + $0 }.joined(separator: ", ")
        let types = PayloadType.allCases.map { "$\($0.rawValue)(/pointer)" }.joined(separator: ", ")
        return Fault(reason: "\(name) is not known; there are \(names), \(types)")
    }

    /// Whether the payload is needed.
    var isPayload: Bool {
        if case .payload = self { true } else { false }
    }
}
