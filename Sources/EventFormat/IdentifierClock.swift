internal import Digests
internal import Synchronization

/// Makes UUIDs of version 7 that ascend within the process (RFC 9562 §6.2, method 1: a counter in the bits after the
/// milliseconds).
final class IdentifierClock: Sendable {
    static let shared = IdentifierClock()

    private struct State {
        /// The last id's milliseconds and 12-bit counter as one number, so that a full counter carries into the
        /// milliseconds.
        var tick: UInt64 = 0
    }

    private let state = Mutex(State())

    func next() -> EventID {
        let tail = RandomBytes.word()
        return state.withLock { state in
            let milliseconds = UInt64(Timestamp.now.microseconds / 1000)
            state.tick = max(state.tick + 1, milliseconds << 12)
            let high = (state.tick >> 12 & 0xffff_ffff_ffff) << 16 | 7 << 12 | state.tick & 0xfff
            return EventID(high: high, low: 2 << 62 | tail & 0x3fff_ffff_ffff_ffff)
        }
    }
}
