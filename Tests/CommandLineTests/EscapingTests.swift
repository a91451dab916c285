import Foundation
import Testing

/// Foreign text on its way to a terminal: names of files, keys and streams, and what others answer.
@Suite struct EscapingTests {
    private static let hostile = "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}"
    private static let shown = #"\u{1b}]0;x\u{7}\u{9b}2J\u{202e}"#

    /// Whether nothing in the text is one that a terminal acts on, but for the ends of lines and tabulators.
    private func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || scalar == "\t"
                || !(scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0x202e)
        }
    }

    @Test func `no command passes control characters of its words on to the terminal`() throws {
        let folder = try Folder.withLedger()
        let name = Self.hostile
        try folder.write("no policy of anything: \(name)\n", to: "policy\(name)")
        let made = try Mohur.run(["key", "make", "log\(name)"], in: folder)
        #expect(made.code == 0 && isHarmless(made.output) && made.output.contains(Self.shown), "\(made.output)")
        let commands: [[String]] = [
            ["info", name], ["verify", name], ["read", name], ["backup", "l", "l/data.mdb/\(name)"],
            ["backup", name, "copy"], ["create", name], ["create", "l", "--origin", name],
            ["create", "\(name)/\(name)", "--origin", "a.example"], ["read", "l", "--stream", name],
            ["read", "l", "--follow\(name)"], ["append", "l", "--stream", "a", name],
            ["append", "l", "--stream", "a", "--expect", name, name], ["prove", "l", "--event", name, "-o", "x"],
            ["prove", "l", "--stream", name, "-o", "x"], ["check", name, "--policy", "policy\(name)"],
            ["checkpoint", "l", "--key", name], ["checkpoint", "l", "--key", "log\(name).pub"],
            ["checkpoint", "l", "--key", "pkcs11:token=\(name);object=\(name)?module-path=/\(name).so"],
            ["checkpoint", "l", "--key", "pkcs11:token=a;object=a?module-path=/\(name).so"],
            ["key", "show", name], ["key", "show", "log\(name).pub", "--name", name], ["key", "revoke", "l", name],
            ["policy", "adopt", "l", "--witnesses", "policy\(name)", "--key", "log\(name)"],
            ["publish", name, "site", "--key", "log\(name)"],
            ["publish", "l", "policy\(name)/x", "--key", "log\(name)"],
            ["archive", "l", name], ["restore", name, "r"], ["timestamp", name, "--request", "q"],
            ["timestamp", "l", "--authority", "http://\(name)/", "--anchors", name], ["project", "l", name, name],
            ["witness", "init", "w", "--name", name], ["witness", "status", name], ["witness", "serve", name],
            ["witness", "add-log", name, name], ["import", "cloudevents", "l", name], ["import", "xes", name, name],
            ["import", name], ["help", name], [name],
        ]
        for words in commands {
            let ending = try Mohur.run(words, in: folder)
            #expect(ending.code != 0, "\(words)")
            #expect(ending.error.hasPrefix("mohur: "), "\(words): \(ending.error)")
            #expect(isHarmless(ending.error) && isHarmless(ending.output), "\(words): \(ending.error.debugDescription)")
        }
    }

    @Test func `an id in a line of events is shown without its control characters`() throws {
        let folder = try Folder.withLedger()
        let json = #"\u001b]0;x\u0007\u009b2J\u202e"#
        try folder.write(
            #"{"specversion":"1.0","id":"\#(json)","source":"s","type":"\#(json)","subject":"\#(json)"}"# + "\n",
            to: "events")
        for words in [["append", "l", "--stream", "a-1", "events"], ["import", "cloudevents", "l", "events"]] {
            let ending = try Mohur.run(words, in: folder)
            #expect(ending.code == 1)
            #expect(isHarmless(ending.error) && isHarmless(ending.output), "\(ending.error.debugDescription)")
        }
    }

    @Test func `what a witness answers is shown without its control characters`() throws {
        let folder = try Folder.withSimulation(5)
        let server = try AnsweringServer("HTTP/1.1 403 \(Self.hostile)\r\nConnection: close\r\n\r\n\(Self.hostile)\n")
        _ = try Mohur.run(["key", "make", "log"], in: folder)
        let witness = try Mohur.run(
            ["witness", "init", "w", "--name", "w.example", "--url", "http://127.0.0.1:\(server.port)/"], in: folder)
        try folder.write(witness.output + "quorum w.example\n", to: "policy")
        let words = ["publish", "l", "site", "--key", "log", "--policy", "policy"]
        let refused = try Mohur.run(words, in: folder)
        #expect(refused.code == 1 && refused.error.contains("w.example did not cosign"), "\(refused.error)")
        #expect(isHarmless(refused.error), "\(refused.error.debugDescription)")
        let published = try Mohur.run(words + ["--allow-missing-witnesses"], in: folder)
        #expect(published.code == 0 && published.output.contains("w.example did not cosign"), "\(published.error)")
        #expect(isHarmless(published.output), "\(published.output.debugDescription)")
    }
}

/// A server that gives every connection the same answer, until the last reference goes.
private final class AnsweringServer: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init(_ answer: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isListening)
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                var request = [UInt8](repeating: 0, count: 1 << 16)
                _ = recv(connection, &request, request.count, 0)
                let bytes = Array(answer.utf8)
                _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                _ = shutdown(connection, Int32(SHUT_WR))
                _ = recv(connection, &request, request.count, 0)
                close(connection)
            }
        }
    }

    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
