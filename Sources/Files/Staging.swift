internal import CShims
internal import Glibc

/// A folder in which many files are written before they get their places, so that all of them cost one flush.
///
/// The folder is on the same file system as the places, below one root. A file gets its place by one renaming, after
/// its content was flushed: whole or not at all. A crash leaves drafts in the staging folder, which the next
/// ``init(below:named:)`` removes, and any of the files in their places; whoever repeats the work stages the same
/// files again and finds those already there.
///
/// One process at a time may stage below one root: the caller holds a lock.
public struct Staging: Sendable {
    /// More drafts than this are flushed by one call for the whole file system.
    private static let fewDrafts = 16

    /// Where the files get their places.
    public let root: String
    private let folder: String

    /// A file that was written and has no place yet, or that is in its place already.
    public struct Draft: Sendable {
        /// The place, relative to the root.
        public let path: String
        /// nil when the place holds the same bytes.
        fileprivate let file: String?
    }

    /// Makes the root and the staging folder where they are missing, and removes what an interrupted run left.
    public init(below root: String, named name: String = ".staging") throws(FileError) {
        self.root = root
        folder = "\(root)/\(name)"
        try Folder.make(folder)
        for name in try Folder.names(in: folder) { try DurableFile.remove("\(folder)/\(name)") }
    }

    /// Writes a file that is to get the place `path`, relative to the root, and returns what ``place(_:)`` takes.
    ///
    /// When the place holds the same bytes already nothing is written. Several threads may stage files at once, each
    /// for another place.
    public func stage(_ bytes: Span<UInt8>, for path: String, mode: UInt32 = 0o644) throws(FileError) -> Draft {
        if try isThere(bytes, at: "\(root)/\(path)") { return Draft(path: path, file: nil) }
        let file = "\(folder)/\(String(path.map { $0 == "/" ? "_" : $0 }))"
        try DurableFile.write(bytes, to: file, mode, flushing: false)
        return Draft(path: path, file: file)
    }

    /// Gives all drafts their places, in the order given, and returns when they would outlast a loss of power: what
    /// was in a place is replaced.
    ///
    /// Flushes the contents, then renames, then flushes every folder from the places up to the root. The folders are
    /// flushed for files that were there already, too: a run that was killed may have renamed them without.
    public func place(_ drafts: [Draft]) throws(FileError) {
        var folders: Set<String> = []
        for draft in drafts {
            var parent = Folder.parent(of: "\(root)/\(draft.path)")
            if folders.insert(parent).inserted { try Folder.make(parent) }
            while parent != root {
                parent = Folder.parent(of: parent)
                folders.insert(parent)
            }
        }
        try flushContents(drafts.compactMap(\.file))
        for draft in drafts {
            guard let file = draft.file else { continue }
            guard unsafe rename(file, "\(root)/\(draft.path)") == 0 else { throw .last("renaming to", draft.path) }
        }
        for folder in folders.sorted() { try Folder.flush(folder) }
    }

    /// Removes the staging folder, which must be empty by now.
    public func remove() throws(FileError) {
        try Folder.removeEmpty(folder)
    }

    private func isThere(_ bytes: Span<UInt8>, at path: String) throws(FileError) -> Bool {
        do throws(FileError) {
            guard let found = try DurableFile.readIfPresent(path, atMost: bytes.count) else { return false }
            return unsafe bytes.withUnsafeBufferPointer { unsafe found.elementsEqual($0) }
        } catch {
            guard error == FileError(.tooLarge, "") else { throw error }
            return false
        }
    }

    /// syncfs(2) writes all of the file system's data at once and reports errors of writing since Linux 5.8; for a few
    /// files fsync(2) does not make them wait for others' data.
    private func flushContents(_ files: [String]) throws(FileError) {
        guard files.count > Staging.fewDrafts else {
            for file in files { try flush(file, O_RDONLY) { fsync($0) } }
            return
        }
        try flush(folder, O_RDONLY | O_DIRECTORY) { CShims_syncfs($0) }
    }

    private func flush(_ path: String, _ flags: Int32, _ call: (Int32) -> Int32) throws(FileError) {
        let descriptor = unsafe open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("opening", path) }
        defer { _ = close(descriptor) }
        guard call(descriptor) == 0 else { throw .last("flushing", path) }
    }
}
