import Foundation
import Signing
import Testing

/// Passphrases and PINs, from files and the environment.
@Suite struct SecretSourceTests {
    private let folder: Scratch

    init() throws { folder = try Scratch() }

    @Test(arguments: ["secret", "secret\n", "secret\r\n", "secret\nsecond line\n"])
    func `the first line of a file is the secret`(text: String) throws {
        try folder.write(text.utf8, to: "secret")
        #expect(try SecretSource.file(folder.file("secret")).read() == Array("secret".utf8))
    }

    @Test func `blanks belong to the secret`() throws {
        try folder.write(" a b \n".utf8, to: "secret")
        #expect(try SecretSource.file(folder.file("secret")).read() == Array(" a b ".utf8))
    }

    @Test(arguments: ["", "\n", "\r\n", String(repeating: "a", count: SecretSource.byteLimit + 1)])
    func `no secret, or an endless one, is refused`(text: String) throws {
        try folder.write(text.utf8, to: "secret")
        #expect(throws: SigningError(.secretMissing, "")) { try SecretSource.file(folder.file("secret")).read() }
    }

    @Test func `a file that others can read is refused, and one that is missing`() throws {
        try folder.write("secret\n".utf8, to: "secret", mode: 0o640)
        #expect(throws: SigningError(.openToOthers, "")) { try SecretSource.file(folder.file("secret")).read() }
        #expect(throws: SigningError(.fileMissing, "")) { try SecretSource.file(folder.file("none")).read() }
    }

    @Test func `a variable is read whole`() throws {
        setenv("SIGNING_TEST_SECRET", "sec ret ü", 1)
        #expect(try SecretSource.environment("SIGNING_TEST_SECRET").read() == Array("sec ret ü".utf8))
        setenv("SIGNING_TEST_EMPTY", "", 1)
        for name in ["SIGNING_TEST_EMPTY", "SIGNING_TEST_NONE"] {
            let error = #expect(throws: SigningError(.secretMissing, "")) { try SecretSource.environment(name).read() }
            #expect(error?.reason.contains(name) == true)
        }
    }
}
