import Foundation
import Signing
import Tokens

/// Tokens of SoftHSM in a folder of the tests' own. They are made before the module starts in this process, which is
/// when it looks for them.
enum SoftHSM {
    static let modulePath = "/usr/lib/softhsm/libsofthsm2.so"
    static let isThere =
        FileManager.default.fileExists(atPath: modulePath)
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/softhsm2-util")
    static let missing: String = "needs the package softhsm2"

    static let pin = Array("1234".utf8)
    /// Tokens that are there: one to use, one whose PIN is tried wrongly, and two of one label.
    static let labels = ["registry", "other", "twin", "twin"]

    /// The folder of the tokens; making it makes them.
    static let folder: String = {
        let folder = FileManager.default.temporaryDirectory.path + "/tokens-\(UUID().uuidString)"
        let configuration = folder + "/softhsm2.conf"
        do {
            try FileManager.default.createDirectory(atPath: folder + "/tokens", withIntermediateDirectories: true)
            let text = "directories.tokendir = \(folder)/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
            try Data(text.utf8).write(to: URL(filePath: configuration))
        } catch { preconditionFailure("no folder for tokens: \(error)") }
        setenv("SOFTHSM2_CONF", configuration, 1)
        for label in labels {
            run("--init-token", "--free", "--label", label, "--pin", "1234", "--so-pin", "87654321")
        }
        return folder
    }()

    static func run(_ arguments: String...) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/softhsm2-util")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try? process.run()
        process.waitUntilExit()
        precondition(process.terminationStatus == 0, "softhsm2-util \(arguments) failed")
    }

    /// A key's place in a token, with a label that no other test uses.
    static func uri(_ token: String = "registry", key: String = "key-\(UUID().uuidString)") throws -> PKCS11URI {
        _ = folder
        return try PKCS11URI(token: token, object: key, modulePath: modulePath)
    }
}
