extension Simulation {
    /// What has happened so far, counted by the simulator itself: the truth to compare a projection with.
    public struct Summary: Hashable, Sendable {
        /// All events.
        public internal(set) var events = 0
        /// Cases whose `application.received` has occurred.
        public internal(set) var opened = 0
        /// Cases whose `application.closed` has occurred.
        public internal(set) var closed = 0
        /// Closed cases whose `application.closed` occurred after the `due` that the case's last `term.` event with
        /// one told.
        public internal(set) var late = 0
        private var countsByKind = [Int](repeating: 0, count: EventKind.allCases.count)

        /// Cases that are opened and not closed.
        public var open: Int { opened - closed }

        /// How many events of each type there were; types that did not occur are absent.
        public var counts: [String: Int] {
            var counts: [String: Int] = [:]
            for kind in EventKind.allCases where countsByKind[Int(kind.rawValue)] > 0 {
                counts[kind.name] = countsByKind[Int(kind.rawValue)]
            }
            return counts
        }

        /// Counts an event; `isLate` says of a closure whether it came after the term's last second.
        mutating func count(_ kind: EventKind, isLate: Bool) {
            events += 1
            countsByKind[Int(kind.rawValue)] += 1
            switch kind {
            case .applicationReceived: opened += 1
            case .applicationClosed:
                closed += 1
                if isLate { late += 1 }
            default: break
            }
        }
    }
}
