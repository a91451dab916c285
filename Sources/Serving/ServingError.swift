internal import Glibc

/// Why no server could be started. Equal when the codes are equal.
public struct ServingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong. Open: later versions may add codes.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The address is not a numeric one, or a bound makes no sense.
        public static let invalid = Code(description: "invalid")
        /// Somebody listens there already.
        public static let addressInUse = Code(description: "addressInUse")
        /// This user may not listen there.
        public static let noPermission = Code(description: "noPermission")
        /// This machine does not have the address.
        public static let noSuchAddress = Code(description: "noSuchAddress")
        /// The system gave no socket, thread or memory.
        public static let noResources = Code(description: "noResources")
    }

    public let code: Code
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { reason }

    public static func == (left: ServingError, right: ServingError) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    /// What the error number of a socket call for `address` and `port` means.
    static func listening(_ number: Int32, _ address: String, _ port: UInt16) -> ServingError {
        let place = "\(address) port \(port)"
        return switch number {
        case EINVAL:
            ServingError(
                .invalid, "\"\(address)\" is no address to listen at; write a numeric one, such as 127.0.0.1 or ::1")
        case EADDRINUSE:
            ServingError(.addressInUse, "another program listens at \(place); choose another port, or stop it")
        case EACCES, EPERM:
            ServingError(.noPermission, "this user may not listen at \(place); choose a port above 1023")
        case EADDRNOTAVAIL, EAFNOSUPPORT:
            ServingError(.noSuchAddress, "this machine does not have the address \(address)")
        default:
            ServingError(.noResources, "listening at \(place) failed (error \(number))")
        }
    }
}
