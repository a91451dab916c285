import Ledger

/// The ledger's type of that name, in a file that does not import Testing, which has one too.
typealias Expected = Expectation
