internal import EventFormat

/// Finds the directives of a definition file.
///
/// A directive is a comment that begins a line, outside of statements' texts: `-- word: value` with one word in lower
/// case, `-- schema`, or `-- on TYPES`. All other comments are for people.
struct DefinitionReader {
    private enum Section {
        case header, schema
        case on([TypePattern])
    }

    private let file: String
    private let text: [UInt8]
    private(set) var name: String?
    private(set) var version: Int64?
    private(set) var categories: Set<String>?
    private(set) var excludedCategories: Set<String> = []
    private(set) var schema: [Range<Int>] = []
    private(set) var handlers: [Definition.Handler] = []

    private var section = Section.header
    private var sectionStart = 0
    private var sectionLine = 1
    private var sectionHasStatement = false
    private var line = 1

    init(file: String, text: [UInt8]) throws(ProjectionError) {
        self.file = file.escapingControls
        self.text = text
        guard text.count <= Definition.maximumByteCount else {
            throw invalid("the file has \(text.count) bytes; at most \(Definition.maximumByteCount) are read")
        }
        guard String(validating: text, as: UTF8.self) != nil, !text.contains(0) else {
            throw invalid("the file is no UTF-8 text; save it as UTF-8")
        }
    }

    private func invalid(_ reason: String) -> ProjectionError {
        .invalid(file, line: line, reason)
    }

    mutating func read() throws(ProjectionError) {
        var pieces = SQLPieces(text, in: 0..<text.count)
        while let piece = pieces.next() {
            let start = piece.range.lowerBound
            switch piece.kind {
            case .lineComment:
                let beginsLine = start == 0 || text[start - 1] == UInt8(ascii: "\n")
                if beginsLine { try readComment(piece.range) }
            case .blockComment, .space: break
            case .quoted, .word, .parameter, .other: try noteStatement(at: start)
            }
            line += text[piece.range].count { $0 == UInt8(ascii: "\n") }
        }
        try endSection(at: text.count)
    }

    private mutating func noteStatement(at offset: Int) throws(ProjectionError) {
        if case .header = section {
            throw invalid("a statement stands before the first section; begin one with \"-- schema\" or \"-- on TYPE\"")
        }
        if text[offset] != UInt8(ascii: ";") { sectionHasStatement = true }
    }

    private mutating func readComment(_ range: Range<Int>) throws(ProjectionError) {
        let comment = String(decoding: text[range], as: UTF8.self).drop { $0 == "-" }.trimmingSpace
        let word = comment.prefix { $0.isASCII && $0.isLetter }
        let rest = comment.dropFirst(word.count)
        switch word.lowercased() {
        case "schema" where rest.isEmpty:
            try begin(.schema, at: range.upperBound)
        case "on" where rest.isEmpty || rest.first?.isWhitespace == true || rest.first == ":":
            guard let patterns = TypePattern.list(rest.trimmingSpace) else {
                throw invalid(
                    "\"-- on\" is not followed by event types; write \"-- on case.described, activity.*\" "
                        + "or \"-- on *\", or indent the comment"
                )
            }
            try begin(.on(patterns), at: range.upperBound)
        default:
            guard rest.first == ":", word.allSatisfy(\.isLowercase), !word.isEmpty else { return }
            try setKey(word, rest.dropFirst().trimmingSpace)
        }
    }

    private mutating func begin(_ next: Section, at offset: Int) throws(ProjectionError) {
        try endSection(at: offset)
        section = next
        sectionStart = offset
        sectionLine = line
        sectionHasStatement = false
    }

    private mutating func endSection(at offset: Int) throws(ProjectionError) {
        switch section {
        case .header: return
        case .schema: schema.append(sectionStart..<offset)
        case .on(let patterns): handlers.append(.init(patterns: patterns, range: sectionStart..<offset))
        }
        guard sectionHasStatement else {
            throw .invalid(file, line: sectionLine, "the section has no statement; write one below it or remove it")
        }
    }
}

// MARK: - Keys

extension DefinitionReader {
    private mutating func setKey(_ key: Substring, _ value: Substring) throws(ProjectionError) {
        guard ["projection", "version", "categories"].contains(key) else {
            throw invalid(
                "the directive \"\(key):\" is not known; there are projection, version and categories. "
                    + "Begin other comments with a capital letter"
            )
        }
        guard case .header = section else {
            throw invalid("\"\(key):\" stands behind a section; move it to the beginning of the file")
        }
        switch key {
        case "projection": try setName(value)
        case "version": try setVersion(value)
        default: try setCategories(value)
        }
    }

    private mutating func setName(_ value: Substring) throws(ProjectionError) {
        guard name == nil else {
            throw invalid("the file has a second name; put each projection into a file of its own")
        }
        let isName = value.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
        guard isName, (1...64).contains(value.utf8.count), value.first?.isLetter == true else {
            throw invalid(
                "\"\(shown(value))\" is no name; use 1 to 64 lower-case letters, digits and -, a letter first")
        }
        name = String(value)
    }

    private mutating func setVersion(_ value: Substring) throws(ProjectionError) {
        guard version == nil else { throw invalid("the version stands twice; remove one") }
        guard let number = Int64(value), number >= 1 else {
            throw invalid("\"\(shown(value))\" is no version; write a whole number from 1")
        }
        version = number
    }

    private mutating func setCategories(_ value: Substring) throws(ProjectionError) {
        guard categories == nil, excludedCategories.isEmpty else {
            throw invalid("the categories stand twice; write one line with commas")
        }
        var names: Set<String> = []
        let excludes = value.hasPrefix("not ")
        let list = excludes ? value.dropFirst(4) : value
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let name = part.trimmingSpace
            guard !name.isEmpty, !name.contains("-"), !name.contains("*") else {
                throw invalid(
                    "\"\(shown(name))\" is no category; write what stands before the first - of stream names, "
                        + "such as \"-- categories: case, application\", or leave the line out for all"
                )
            }
            names.insert(String(name))
        }
        if excludes { excludedCategories = names } else { categories = names }
    }

    private func shown(_ text: Substring) -> String {
        String(text.prefix(80)).escapingControls
    }
}
