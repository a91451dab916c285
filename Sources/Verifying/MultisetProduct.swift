/// A product over many things, by which two collections are compared without holding either.
///
/// Each thing stands for the factor r + f(thing) modulo p = 2¹²⁷ − 1, where f is a keyed hash (``ProductKey``) and r a
/// random number. Two collections are taken for the same when their products are equal. Those of the same things, each
/// as often, always are. Those of n other things are only when f gives two different things one value, or when r is
/// one of the at most n roots of the difference of two polynomials: with a probability below n · 2⁻¹¹³, for 2³³ things
/// one in 2⁸⁰. That rests on the keys alone, which are drawn for each verification after the ledger was written, so
/// that nobody can have prepared a ledger for them (R. J. Lipton, "Fingerprinting sets", 1989; M. Blum et al.,
/// "Checking the correctness of memories", 1991).
struct MultisetProduct: Equatable, Sendable {
    private(set) var value = Residue.one

    mutating func multiply(by factor: Residue) { value = value * factor }
    mutating func multiply(by other: MultisetProduct) { value = value * other.value }
}
