/// What is applied for, with what its regulation and its practice say.
struct PermitKind: Sendable {
    /// The word in payloads.
    let name: String
    let department: String
    /// The rule that sets the term.
    let basis: String
    /// The statutory term in calendar days.
    let term: Int
    /// By how many days the term may be extended once; 0: not at all.
    let prolongation: Int
    /// How many officials must grant a visa before the decision is signed.
    let visas: Int
    /// In percent of the applications.
    let advice: Int
    let suspension: Int
    let inspection: Int
    let refusal: Int
    let withdrawal: Int
    /// Relative frequency in winter, spring, summer and autumn.
    let frequency: [Int]

    /// Every kind; a case names its kind by the index.
    static let all = [
        PermitKind(
            name: "building", department: "building-control", basis: "permit-code/4.1", term: 56, prolongation: 42,
            visas: 2, advice: 55, suspension: 34, inspection: 45, refusal: 9, withdrawal: 6,
            frequency: [16, 24, 20, 18]
        ),
        PermitKind(
            name: "environment", department: "environment", basis: "permit-code/5.3", term: 182, prolongation: 42,
            visas: 3, advice: 85, suspension: 30, inspection: 70, refusal: 12, withdrawal: 8,
            frequency: [5, 6, 5, 5]),
        PermitKind(
            name: "event", department: "public-space", basis: "order-code/2.4", term: 42, prolongation: 28,
            visas: 2, advice: 60, suspension: 15, inspection: 20, refusal: 6, withdrawal: 9,
            frequency: [10, 22, 16, 8]),
        PermitKind(
            name: "tree-felling", department: "public-space", basis: "green-code/7.1", term: 56, prolongation: 42,
            visas: 1, advice: 20, suspension: 12, inspection: 80, refusal: 21, withdrawal: 4,
            frequency: [20, 8, 6, 18]),
        PermitKind(
            name: "parking", department: "mobility", basis: "parking-code/3.2", term: 14, prolongation: 0,
            visas: 0, advice: 0, suspension: 10, inspection: 0, refusal: 11, withdrawal: 2,
            frequency: [30, 28, 26, 36]),
        PermitKind(
            name: "terrace", department: "public-space", basis: "order-code/2.9", term: 42, prolongation: 28,
            visas: 1, advice: 25, suspension: 14, inspection: 35, refusal: 10, withdrawal: 4,
            frequency: [6, 20, 8, 4]),
        PermitKind(
            name: "demolition", department: "building-control", basis: "permit-code/4.7", term: 28, prolongation: 28,
            visas: 1, advice: 30, suspension: 22, inspection: 40, refusal: 5, withdrawal: 4,
            frequency: [6, 8, 7, 7]),
        PermitKind(
            name: "signage", department: "building-control", basis: "permit-code/4.12", term: 42, prolongation: 21,
            visas: 1, advice: 15, suspension: 18, inspection: 5, refusal: 16, withdrawal: 3,
            frequency: [6, 7, 6, 7]),
    ]

    /// The index in ``all`` of the kind of an application that arrives in `month`, 1 to 12.
    static func choose(month: Int, _ random: inout SplitMix64) -> Int {
        let season = month % 12 / 3
        var choice = random.below(all.reduce(0) { $0 + $1.frequency[season] })
        for (index, kind) in all.enumerated() {
            choice -= kind.frequency[season]
            if choice < 0 { return index }
        }
        return all.count - 1
    }
}
