extension Command {
    static let bench = Command("bench", "Measure this machine", usage: "[--json]", options: [.json], operands: 0...0) { _ in }
}
