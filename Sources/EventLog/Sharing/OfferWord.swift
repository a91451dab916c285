/// What stands in the word of an offer's place: its state, its number, and where its events were recorded.
///
/// One word, so that each step of the protocol is one atomic exchange (``OfferBoard``).
struct OfferWord: Hashable, Sendable {
    enum State: UInt64 {
        /// The place is free for its owner to offer.
        case empty
        /// The owner waits for whoever commits next.
        case offered
        /// The same: the owner was told that nobody commits just now. Told again, the state changes back, so that it
        /// never sleeps over it.
        case called
        /// A process that has the write transaction has taken the events.
        case taken
        /// That process has committed.
        case answered
    }

    static let stateBits: UInt64 = 3
    static let numberBits: UInt64 = 17
    /// The least index that does not fit.
    static let indexLimit: UInt64 = 1 << (64 - stateBits - numberBits)

    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(_ state: State, number: UInt64, first: UInt64 = 0) {
        let number = number & (1 << OfferWord.numberBits - 1)
        rawValue =
            state.rawValue | number << OfferWord.stateBits | first << (OfferWord.stateBits + OfferWord.numberBits)
    }

    /// nil for a word that no process of this version writes.
    var state: State? { State(rawValue: rawValue & (1 << OfferWord.stateBits - 1)) }

    /// The offer's number, which tells it from those before, modulo 2¹⁷.
    var number: UInt64 { rawValue >> OfferWord.stateBits & (1 << OfferWord.numberBits - 1) }

    /// The index of the first entry that was recorded for an answered offer, 0 when none was; of a taken one the place
    /// of the process that has it.
    var first: UInt64 { rawValue >> (OfferWord.stateBits + OfferWord.numberBits) }

    /// Whether a process that has the write transaction may take the offer.
    var isOpen: Bool { state == .offered || state == .called }

    /// The same offer in another state.
    func with(_ state: State, first: UInt64 = 0) -> OfferWord { OfferWord(state, number: number, first: first) }
}
