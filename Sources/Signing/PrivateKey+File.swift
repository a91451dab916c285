internal import Files

/// Private keys in files, which only their owner may read; the public key beside it, as FILE.pub.
extension PrivateKey {
    /// Reads the PEM file at `path`. Throws `openToOthers` when anybody but its owner may read or write it, and what
    /// ``init(pem:passphrase:)`` throws.
    public convenience init(file path: String, passphrase: [UInt8]? = nil) throws(SigningError) {
        var text = try PrivateFile.read(path, what: "the private key", atMost: PEM.maximumByteCount)
        defer { wipe(&text) }
        do throws(SigningError) { try self.init(pem: text, passphrase: passphrase) } catch {
            throw SigningError(error.code, "\(path): \(error.reason)")
        }
    }

    /// Writes the key to a new file at `path`, mode 0600, and the public key to `path`.pub, mode 0644. Throws
    /// `fileExists` when either is there: a key is never replaced.
    public func write(file path: String, passphrase: [UInt8]? = nil) throws(SigningError) {
        var text = try pem(passphrase: passphrase)
        defer { wipe(&text) }
        let publicPath = path + ".pub"
        do throws(FileError) {
            guard try Folder.kind(of: publicPath) == nil else {
                throw FileError(.exists, "\(publicPath) is there already: choose another name")
            }
            try DurableFile.create(path, with: text.span, mode: 0o600)
        } catch { throw SigningError(error) }
        do throws(SigningError) { try writePublicKey(beside: path) } catch {
            // Nobody has seen the key yet. A public key is left only together with it.
            if !Folder.isFile(publicPath) { try? DurableFile.remove(path) }
            throw error
        }
    }

    /// Writes the public key to the new file `path`.pub, mode 0644, as ``write(file:passphrase:)`` does.
    public func writePublicKey(beside path: String) throws(SigningError) {
        let text = Array(publicKey.pem.utf8)
        do throws(FileError) { try DurableFile.create(path + ".pub", with: text.span, mode: 0o644) } catch {
            throw SigningError(error)
        }
    }
}

extension PublicKey {
    /// Reads the PEM file at `path`.
    public init(file path: String) throws(SigningError) {
        var text: [UInt8] = []
        do throws(FileError) { text = try DurableFile.read(path, atMost: PEM.maximumByteCount) } catch {
            throw SigningError(error)
        }
        do throws(SigningError) { try self.init(pem: text) } catch {
            throw SigningError(error.code, "\(path): \(error.reason)")
        }
    }
}
