/// A line of a transcript, in which `<kind>` stands for what differs from run to run, and `<kind name>` for the same
/// text each time.
///
/// Kinds: `uuid`, `hash` (64 hexadecimal digits), `time` (RFC 3339 with microseconds), `number` (digits, commas and
/// points), `text` (anything).
struct Pattern {
    private enum Piece {
        case literal(String)
        case kind(String, name: String?)
    }

    private static let kinds = ["uuid", "hash", "time", "number", "text"]
    private var pieces: [Piece] = []

    init(_ line: String) {
        var rest = line[...]
        var literal = ""
        while let start = rest.firstIndex(of: "<") {
            literal += rest[..<start]
            let end = rest[start...].firstIndex(of: ">") ?? rest.endIndex
            let words = rest[start..<end].dropFirst().split(separator: " ").map(String.init)
            if end < rest.endIndex, let kind = words.first, Pattern.kinds.contains(kind), words.count <= 2 {
                pieces.append(.literal(literal))
                pieces.append(.kind(kind, name: words.count == 2 ? words[1] : nil))
                literal = ""
                rest = rest[rest.index(after: end)...]
            } else {
                literal += "<"
                rest = rest[rest.index(after: start)...]
            }
        }
        pieces.append(.literal(literal + rest))
    }

    /// Whether `line` is as the pattern says, given what the names stand for; adds the names that it meets first.
    func matches(_ line: String, _ names: inout [String: String]) -> Bool {
        var bound = names
        guard match(pieces[...], line[...], &bound) else { return false }
        names = bound
        return true
    }

    private func match(_ pieces: ArraySlice<Piece>, _ line: Substring, _ names: inout [String: String]) -> Bool {
        guard let piece = pieces.first else { return line.isEmpty }
        let others = pieces.dropFirst()
        switch piece {
        case .literal(let text):
            return line.hasPrefix(text) && match(others, line.dropFirst(text.count), &names)
        case .kind(let kind, let name):
            if let name, let known = names[name] {
                return line.hasPrefix(known) && match(others, line.dropFirst(known.count), &names)
            }
            for length in Pattern.lengths(kind, in: line) {
                var bound = names
                if let name { bound[name] = String(line.prefix(length)) }
                if match(others, line.dropFirst(length), &bound) {
                    names = bound
                    return true
                }
            }
            return false
        }
    }

    /// How long a text of `kind` at the start of `line` may be, longest first.
    private static func lengths(_ kind: String, in line: Substring) -> [Int] {
        let isHexadecimal = { (character: Character) in character.isHexDigit && !character.isUppercase }
        switch kind {
        case "uuid": return line.prefix(36).count { isHexadecimal($0) || $0 == "-" } == 36 ? [36] : []
        case "hash": return line.prefix(64).count(where: isHexadecimal) == 64 ? [64] : []
        case "time":
            let form = line.prefix(27).map { $0.isWholeNumber ? "0" : String($0) }.joined()
            return form == "0000-00-00T00:00:00.000000Z" ? [27] : []
        case "number":
            let count = line.prefix { $0.isWholeNumber || $0 == "," || $0 == "." }.count
            return count > 0 ? Array((1...count).reversed()) : []
        default: return Array((0...line.count).reversed())
        }
    }
}
