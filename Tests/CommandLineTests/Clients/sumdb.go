// A client of a published log that rests on Go's own implementation of signed notes and tiles, golang.org/x/mod/sumdb:
// whatever is read is believed only when that package has proved it.
//
//	sumdb SITE VKEY RECEIPT…
//
// Opens the checkpoint, holds every entry to the tree, then each receipt, and the tree of each to the newest one. Prints
// a line for each, and ends with 1 at the first that does not hold.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
}

func require(holds bool, reason string) {
	if !holds {
		check(fmt.Errorf("%s", reason))
	}
}

// site reads tiles where C2SP tlog-tiles has them: without the height, and entries under their own name.
type site string

func (s site) read(tile tlog.Tile) ([]byte, error) {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return os.ReadFile(filepath.Join(string(s), strings.Replace(path, "tile/data/", "tile/entries/", 1)))
}

func (s site) Height() int { return 8 }

func (s site) ReadTiles(tiles []tlog.Tile) (all [][]byte, err error) {
	for _, tile := range tiles {
		data, err := s.read(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (s site) SaveTiles([]tlog.Tile, [][]byte) {}

// open checks a checkpoint's signature and takes it apart.
func open(text []byte, verifier note.Verifier) tlog.Tree {
	signed, err := note.Open(text, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(signed.Text, "\n")
	require(len(lines) == 4 && lines[0] == verifier.Name(), "the checkpoint has other lines than three")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	return tlog.Tree{N: size, Hash: hash(lines[2])}
}

func hash(text string) (hash tlog.Hash) {
	bytes, err := base64.StdEncoding.DecodeString(text)
	check(err)
	require(len(bytes) == len(hash), "a hash has another length than 32 bytes")
	copy(hash[:], bytes)
	return hash
}

// entries holds each entry's hash to the tree.
func entries(s site, tree tlog.Tree, proved tlog.HashReader) {
	for first := int64(0); first < tree.N; first += 256 {
		width := tree.N - first
		if width > 256 {
			width = 256
		}
		data, err := s.read(tlog.Tile{H: 8, L: -1, N: first / 256, W: int(width)})
		check(err)
		var indexes []int64
		var own []tlog.Hash
		for len(data) > 0 {
			require(len(data) >= 2 && len(data) >= 2+int(binary.BigEndian.Uint16(data)), "a bundle ends in an entry")
			length := 2 + int(binary.BigEndian.Uint16(data))
			indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(len(own))))
			own = append(own, tlog.RecordHash(data[2:length]))
			data = data[length:]
		}
		require(int64(len(own)) == width, "a bundle has another number of entries than its name says")
		hashes, err := proved.ReadHashes(indexes)
		check(err)
		for i := range own {
			require(own[i] == hashes[i], fmt.Sprintf("entry %d is not the one in the tree", first+int64(i)))
		}
	}
	fmt.Println("verified", tree.N, "entries")
}

// receipt checks a tlog-proof, and that its tree is a prefix of the newest.
func receipt(path string, verifier note.Verifier, tree tlog.Tree, proved tlog.HashReader) {
	text, err := os.ReadFile(path)
	check(err)
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	require(found && lines[0] == "c2sp.org/tlog-proof@v1", "the receipt is no tlog-proof")
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	check(err)
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		proof = append(proof, hash(line))
	}
	old := open([]byte(checkpoint), verifier)
	leaf, err := proved.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	check(err)
	check(tlog.CheckRecord(proof, old.N, old.Hash, index, leaf[0]))
	between, err := tlog.ProveTree(tree.N, old.N, proved)
	check(err)
	check(tlog.CheckTree(between, tree.N, tree.Hash, old.N, old.Hash))
	fmt.Println("entry", index, "is in the tree of", old.N, "which continues to", tree.N)
}

func main() {
	s := site(os.Args[1])
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	text, err := os.ReadFile(filepath.Join(string(s), "checkpoint"))
	check(err)
	tree := open(text, verifier)
	proved := tlog.TileHashReader(tree, s)
	entries(s, tree, proved)
	for _, path := range os.Args[3:] {
		receipt(path, verifier, tree, proved)
	}
}
