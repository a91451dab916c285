/// Sentences that officials write, with the characters that real ones have.
enum Texts {
    static let conclusions: [String] = [
        "no objection",
        "no objection, on condition that the escape route stays free",
        "positive; see \u{a7} 2.3 of the survey",
        "negative: the parapet is lower than 1.00 m",
        "no objection; noise at the fa\u{e7}ade at most 50 dB(A)",
        "positive, provided the plan \"north side\" is followed",
        "no competence; returned without advice",
        "positive\nThe file C:\\plans\\2 was not needed.",
    ]

    static let comments: [String] = [
        "the reasons do not name the rule applied",
        "cite the \"green code\" in the second paragraph",
        "address of the parcel is missing\nsee the form",
        "wrong template \u{2013} use the one for refusals",
        "fee and area contradict each other (12 m\u{b2} \u{2260} 21 m\u{b2})",
    ]

    static let objectionOutcomes: [String] = ["dismissed", "upheld", "partially-upheld", "inadmissible"]
}
