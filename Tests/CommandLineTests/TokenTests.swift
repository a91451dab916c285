import Foundation
import Testing

private enum SoftHSM {
    static let module = "/usr/lib/softhsm/libsofthsm2.so"
    static let tool = "/usr/bin/softhsm2-util"
    static let isThere =
        FileManager.default.fileExists(atPath: module) && FileManager.default.isExecutableFile(atPath: tool)
}

/// Keys in a token, which the commands name by a URI.
@Suite(.serialized, .enabled(if: SoftHSM.isThere, "needs the package softhsm2"))
struct TokenTests {
    private let folder: Folder
    private let environment: [String: String]

    /// Makes a token with the label `office` and the PIN 4321, which stands in the file `pin`.
    init() throws {
        folder = try Folder()
        try FileManager.default.createDirectory(atPath: folder.path("tokens"), withIntermediateDirectories: false)
        try folder.write(
            "directories.tokendir = \(folder.path("tokens"))\nobjectstore.backend = file\nlog.level = ERROR\n",
            to: "softhsm2.conf")
        try folder.write("4321\n", to: "pin")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path("pin"))
        environment = ["SOFTHSM2_CONF": folder.path("softhsm2.conf")]
        let words = ["--init-token", "--free", "--label", "office", "--pin", "4321", "--so-pin", "12345678"]
        let child = try Child(
            [SoftHSM.tool] + words, in: folder.path, input: .null, output: .file("softhsm.out"),
            error: "softhsm.err", environment: environment)
        #expect(child.wait() == 0)
    }

    private func uri(_ key: String, pin: String = "pin") -> String {
        "pkcs11:token=office;object=\(key)?module-path=\(SoftHSM.module)&pin-source=file:\(folder.path(pin))"
    }

    private func mohur(_ words: String...) throws -> Mohur.Ending {
        try Mohur.run(words, in: folder, environment: environment)
    }

    @Test(arguments: ["ed25519", "ecdsa-p256"])
    func `keys in a token are made, govern a ledger and sign appends`(_ algorithm: String) throws {
        for name in ["authority", "intake"] {
            let made = try mohur("key", "make", uri(name), "--algorithm", algorithm, "--public", "\(name).pub")
            #expect(made.code == 0, "\(made.error)")
            let shown = try mohur("key", "show", uri(name), "--json")
            let fromFile = try mohur("key", "show", "\(name).pub", "--json")
            #expect(shown.code == 0 && shown.output == fromFile.output)
        }
        let created = try mohur("create", "l", "--origin", "a.example/b", "--authority", "authority.pub")
        #expect(created.code == 0)
        let registered = try mohur(
            "source", "register", "l", "urn:intake", "--public", "intake.pub", "--key", uri("authority"))
        #expect(registered.code == 0, "\(registered.error)")
        try folder.write(
            #"{"specversion":"1.0","id":"1","source":"urn:intake","type":"note.made"}"# + "\n", to: "events")
        let refused = try mohur("append", "l", "--stream", "a-1", "--key", uri("authority"), "events")
        #expect(refused.code == 1 && refused.error.contains("is an authority key"))
        let appended = try mohur("append", "l", "--stream", "a-1", "--key", uri("intake"), "events")
        #expect(appended.code == 0, "\(appended.error)")
        let verified = try mohur("verify", "l")
        #expect(verified.code == 0 && verified.output.contains("2 signatures checked, 2 entries signed"))
    }

    @Test func `what is wrong with a token, its PIN or its key is said`() throws {
        try folder.write("9999\n", to: "wrong")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path("wrong"))
        let cases: [(String, Int32, String)] = [
            (uri("none"), 1, "none"), (uri("none", pin: "wrong"), 1, "PIN"),
            (uri("none", pin: "nothing"), 2, "nothing"),
            (uri("none").replacing("office", with: "home"), 2, "home"),
            (uri("none").replacing(SoftHSM.module, with: "/nothing.so"), 2, "/nothing.so"),
            ("pkcs11:token=office;object=x?module-path=\(SoftHSM.module)&pin-value=4321", 1, "pin-source"),
        ]
        for (uri, code, word) in cases {
            let ending = try mohur("key", "show", uri)
            #expect(ending.code == code && ending.error.contains(word), "\(uri): \(ending.error)")
        }
        let file = try mohur("key", "make", uri("x"))
        #expect(file.code == 64 && file.error.contains("--public is missing"))
    }
}
