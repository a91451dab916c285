/// The files of a bag that are the same in every archive (RFC 8493).
public enum Bag {
    /// The path of the declaration.
    public static let declarationFile = "bagit.txt"
    /// The bytes of the declaration.
    public static let declaration = Array("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".utf8)
    /// The path of the text for people.
    public static let readMe = "README.txt"
    /// The list of files elsewhere, which no archive has.
    public static let fetchFile = "fetch.txt"
    /// The folder of what the manifest names.
    public static let payloadFolder = "data"
    /// The folder of an update that is under way.
    public static let incoming = "incoming"
}
