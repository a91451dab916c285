import Foundation

/// The interpreter of what is not written in Swift: the second verifier, and foreign clients.
public enum Python {
    /// Where it is, when it and its package `cryptography` are there.
    public static let path: String? = {
        for path in ["/usr/bin/python3", "/usr/local/bin/python3"] {
            let process = Process()
            process.executableURL = URL(filePath: path)
            process.arguments = ["-c", "import cryptography"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { continue }
            process.waitUntilExit()
            if process.terminationStatus == 0 { return path }
        }
        return nil
    }()
}
