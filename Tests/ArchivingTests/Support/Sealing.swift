import ArchiveFormat
import Digests
import Foundation

/// The SHA-256 of a text, in hexadecimal.
func hex(_ text: String) -> String { hex(Array(text.utf8)) }

func hex(_ bytes: [UInt8]) -> String { SHA256.hash(bytes.span).hex }

/// Computes the manifests of the bag `name` again, as whoever may write the folder can: same lines, new digests. Files
/// that are no more there keep their digest; `Payload-Oxum` is what the files have.
func reseal(_ folder: TestFolder, _ name: String) throws {
    try rehash(folder, name, "manifest-sha256.txt")
    let files = folder.files(below: "\(name)/data")
    let sizes = try files.map { try folder.bytes("\(name)/data/\($0)").count }
    var lines = String(decoding: try folder.bytes("\(name)/bag-info.txt"), as: UTF8.self).split(separator: "\n").map {
        String($0)
    }
    lines[1] = "Payload-Oxum: \(sizes.reduce(0, +)).\(files.count)"
    try folder.write(Array((lines.joined(separator: "\n") + "\n").utf8), "\(name)/bag-info.txt")
    try rehash(folder, name, "tagmanifest-sha256.txt")
}

private func rehash(_ folder: TestFolder, _ name: String, _ manifest: String) throws {
    var text = ""
    for line in String(decoding: try folder.bytes("\(name)/\(manifest)"), as: UTF8.self).split(separator: "\n") {
        let path = line.dropFirst(66)
        let file = path.replacing("%25", with: "%")
        let bytes = try? folder.bytes("\(name)/\(file)")
        text += bytes.map { "\(hex($0))  \(path)\n" } ?? "\(line)\n"
    }
    try folder.write(Array(text.utf8), "\(name)/\(manifest)")
}
