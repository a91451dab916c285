/// Which event types a section of a definition is for.
enum TypePattern: Hashable, Sendable {
    case exactly(String)
    /// Types that begin with this text, which ends in `.`.
    case prefix(String)
    case all

    /// Reads `case.described`, `activity.*` or `*`; spaces, commas, `*` and `%` of a type are percent-encoded. Nil for
    /// anything else.
    init?(_ text: Substring) {
        guard !text.isEmpty, !text.contains(where: \.isWhitespace) else { return nil }
        if text == "*" {
            self = .all
            return
        }
        let isPrefix = text.hasSuffix(".*")
        let name = isPrefix ? text.dropLast() : text
        guard !name.contains("*"), name != ".", let decoded = PercentEncoding.decode(name) else { return nil }
        self = isPrefix ? .prefix(decoded) : .exactly(decoded)
    }

    /// Reads patterns with commas between them; nil when one is none.
    static func list(_ text: Substring) -> [TypePattern]? {
        var patterns: [TypePattern] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let pattern = TypePattern(part.trimmingSpace) else { return nil }
            patterns.append(pattern)
        }
        return patterns
    }

    func admits(_ type: String) -> Bool {
        switch self {
        case .exactly(let name): name.utf8.elementsEqual(type.utf8)
        case .prefix(let prefix): type.utf8.starts(with: prefix.utf8)
        case .all: true
        }
    }
}

extension Substring {
    /// Without spaces, tabs and line ends around it.
    var trimmingSpace: Substring {
        var part = self
        while let first = part.first, first.isWhitespace { part.removeFirst() }
        while let last = part.last, last.isWhitespace { part.removeLast() }
        return part
    }
}
