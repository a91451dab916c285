import Foundation

/// A connection to a port of this machine on which a test says, byte for byte, what it wants.
public final class RawConnection {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private let descriptor: Int32

    public init(port: UInt16, overIPv6: Bool = false) throws {
        let descriptor = socket(overIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let status = overIPv6 ? connectOverIPv6(descriptor, port) : connectOverIPv4(descriptor, port)
        guard status == 0 else {
            close(descriptor)
            throw Failure(description: "no connection to port \(port): error \(errno)")
        }
        // Only now: when an initialiser throws with all properties set, deinit closes once more.
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Sends the text; false when the other end has closed.
    @discardableResult
    public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress! + done, $0.count - done, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// What comes until `text` has come, the other end closes, or `seconds` are over.
    public func receive(until text: String? = nil, seconds: Double = 10) -> String {
        var received: [UInt8] = []
        let deadline = ContinuousClock.now + .seconds(seconds)
        while text.map({ !String(decoding: received, as: UTF8.self).contains($0) }) ?? true {
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&request, 1, Int32(left) + 1) > 0 else { break }
            var part = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(descriptor, &part, part.count)
            guard count > 0 else { break }
            received += part[..<count]
        }
        return String(decoding: received, as: UTF8.self)
    }

    /// Whether the other end closes within `seconds`.
    public func isClosed(within seconds: Double) -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&request, 1, Int32(left) + 1) > 0 else { return false }
            var part = [UInt8](repeating: 0, count: 1 << 16)
            if read(descriptor, &part, part.count) <= 0 { return true }
        }
    }

    /// An answer to one request: its status, its header lines in lower case, and its body.
    public struct Answer {
        public let status: Int
        public let headers: [String: String]
        public let body: String
    }

    /// Sends the request, which must ask to close the connection, and takes the answer apart.
    public static func exchange(port: UInt16, _ request: String, overIPv6: Bool = false) throws -> Answer {
        let connection = try RawConnection(port: port, overIPv6: overIPv6)
        connection.send(request)
        return try answer(connection.receive())
    }

    public static func answer(_ text: String) throws -> Answer {
        let parts = text.components(separatedBy: "\r\n\r\n")
        let lines = parts[0].components(separatedBy: "\r\n")
        guard parts.count >= 2, let status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") else {
            throw Failure(description: "no HTTP answer: \(text)")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let halves = line.split(separator: ":", maxSplits: 1)
            if halves.count == 2 {
                headers[halves[0].lowercased()] = halves[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return Answer(status: status, headers: headers, body: parts.dropFirst().joined(separator: "\r\n\r\n"))
    }
}

private func connectOverIPv4(_ descriptor: Int32, _ port: UInt16) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

private func connectOverIPv6(_ descriptor: Int32, _ port: UInt16) -> Int32 {
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = port.bigEndian
    address.sin6_addr = in6addr_loopback
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
    }
}
