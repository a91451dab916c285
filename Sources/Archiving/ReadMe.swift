/// The text that stands in each archive, for people who have nothing else.
enum ReadMe {
    static let bytes = Array(text.utf8)

    private static let text = """
        This folder is the archive of a Mohur ledger: the legal record of what an authority has recorded, entry by entry.
        It is a bag (BagIt 1.0, RFC 8493) of plain files. No program of Mohur's is needed to read or to check it.

        Quick check of the storage, on any Unix:
            sha256sum -c --quiet tagmanifest-sha256.txt
            sha256sum -c --quiet manifest-sha256.txt

        bag-info.txt                    which ledger this is, how many entries it has, and the root of their tree
        data/checkpoints/N.checkpoint   what was signed: three lines (the ledger's name, the number of entries, the root
                                        in base64), an empty line, and signatures. The last is the one of this archive.
                                        A .tsq and a .tsr beside it: a timestamp by an independent authority (RFC 3161).
        data/tile/entries/              the entries, 256 in a file: for each two bytes of length (big-endian) and the entry
        data/payloads/                  what the entries commit to, 256 in a file and in the same order: for each four
                                        bytes of length (big-endian) and the envelope. Length 0: the entry has none.
                                        Length FFFFFFFF: it was removed.
        data/contents/                  documents that payloads name: ni:///sha-256;... with the SHA-256 in base64url is the
                                        file whose name is the same SHA-256 in hexadecimal
        data/tile/0/, 1/, 2/ ...        hashes of the tree, 256 of 32 bytes in a file (C2SP tlog-tiles)
        data/keys/N.json                the history of keys and policies, for people

        File names count from 000. 1,234,067 is written x001/x234/067. A last file that is not full is named 067.p/W, where
        W is how many items it has.

        An entry is a map in CBOR (RFC 8949) with whole numbers as keys:
             0 version (1)                  8 type: what happened
             1 index: place in the ledger   9 source: who says so
             2 leaf hash of the entry       10 when it happened, microseconds since 1970-01-01 UTC
               before this one              11 [form, digest, size, media type] of the payload
             3 when it was recorded,        12 schema of the payload
               microseconds since 1970      13 correlation, 14 causation: ids of other events
             4 stream: the matter, the case 15 [count, key id, signature] of the source, on the last
             5 place in the stream             entry of a signed append
             6 leaf hash of the entry before
               in the stream
             7 id: a UUID

        An envelope of form 1 is 16 random bytes, then the payload. Its digest is SHA-256 of the byte 02 and the envelope.
        The leaf hash of an entry is SHA-256 of the byte 00 and the entry. The root is that of the Merkle tree of RFC 6962,
        section 2.1, over the leaf hashes. If the root that you compute is the one in the last checkpoint, and its signatures
        hold, nothing was added, changed, moved or taken away since it was signed.

        While an update is under way there is a folder incoming/. If it holds a file tagmanifest-sha256.txt, the update was
        decided and not finished: copy what is in incoming/ over this folder, then remove what the manifest does not name.

        The full description of all bytes is docs/archive.md and docs/format.md of the project Mohur.

        """
}
