internal import Files
internal import Glibc

/// Where a passphrase or a PIN is read from: never a program's arguments, which every user of the machine can see.
public enum SecretSource: Hashable, Sendable {
    /// The first line of a file that only its owner can read.
    case file(String)
    /// The value of an environment variable.
    case environment(String)

    /// No secret has more bytes.
    public static let byteLimit = 1_024

    /// The secret's bytes, without the line's end. Throws `fileMissing`, `openToOthers`, `inputOutput` or
    /// `secretMissing`.
    public func read() throws(SigningError) -> [UInt8] {
        let secret: [UInt8]
        switch self {
        case .file(let path):
            var text = try PrivateFile.read(path, what: "the secret", atMost: 4 * SecretSource.byteLimit)
            defer { wipe(&text) }
            let line = text.prefix { $0 != UInt8(ascii: "\n") }
            secret = Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
        case .environment(let name):
            // getenv gives a text of the process's environment, which is copied at once.
            guard let text = unsafe getenv(name) else {
                throw SigningError(
                    .secretMissing, "the environment variable \(name), which is to hold a secret, is not set")
            }
            secret = unsafe Array(UnsafeBufferPointer(start: text, count: strlen(text))).map { UInt8(bitPattern: $0) }
        }
        guard !secret.isEmpty, secret.count <= SecretSource.byteLimit else {
            throw SigningError(
                .secretMissing,
                "\(self) holds a secret of \(secret.count) bytes: 1 to \(SecretSource.byteLimit) are asked for")
        }
        return secret
    }
}

extension SecretSource: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path): "the file \(path)"
        case .environment(let name): "the environment variable \(name)"
        }
    }
}

/// Files that nobody but their owner may reach.
enum PrivateFile {
    /// The bytes of the regular file at `path`. Throws `openToOthers` when its group or others have any permission.
    static func read(_ path: String, what: String, atMost limit: Int) throws(SigningError) -> [UInt8] {
        do throws(FileError) { return try DurableFile.read(path, atMost: limit, forbidding: 0o077) } catch {
            guard error == FileError(.openToOthers, "") else { throw SigningError(error) }
            throw SigningError(.openToOthers, "\(what) is not safe: \(error.reason)")
        }
    }
}

extension SigningError {
    init(_ error: FileError) {
        let code: Code =
            switch error.code {
            case .notFound: .fileMissing
            case .exists: .fileExists
            default: .inputOutput
            }
        self.init(code, error.reason)
    }
}
