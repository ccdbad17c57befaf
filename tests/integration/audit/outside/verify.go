// Verifies a log of Sluis with Go's own libraries for transparency logs, which know nothing of Sluis.
//
//	verify log DIR VKEYS              all records against all checkpoints, and how they follow each other
//	verify receipt RECORD PROOF VKEYS one record and its .tlog-proof
//
// Exit 0 when it holds, 1 when not.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Println("does not hold:", err)
		os.Exit(1)
	}
	return value
}

func expect(holds bool, what string) {
	if !holds {
		must(0, fmt.Errorf("%s", what))
	}
}

// The first key is the log's own; Go's library knows no cosignatures, and ignores their lines as the format wants it.
func opened(content []byte, vkeys string) (int64, tlog.Hash) {
	keys := strings.Split(string(must(os.ReadFile(vkeys))), "\n")
	verifier := must(note.NewVerifier(keys[0]))
	read := must(note.Open(content, note.VerifierList(verifier)))
	lines := strings.Split(read.Text, "\n")
	expect(lines[0] == verifier.Name(), "another log's checkpoint")
	return must(strconv.ParseInt(lines[1], 10, 64)), must(tlog.ParseHash(lines[2]))
}

type stored []tlog.Hash

func (s *stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = (*s)[index]
	}
	return found, nil
}

func checkLog(dir, vkeys string) {
	paths := must(filepath.Glob(filepath.Join(dir, "log", "*.jsonl")))
	sort.Strings(paths)
	var records [][]byte
	for _, path := range paths {
		lines := bytes.Split(must(os.ReadFile(path)), []byte("\n"))
		records = append(records, lines[:len(lines)-1]...)
	}
	var hashes stored
	for n, record := range records {
		hashes = append(hashes, must(tlog.StoredHashes(int64(n), record, &hashes))...)
	}
	var last int64
	var lastRoot tlog.Hash
	notes := bytes.Split(must(os.ReadFile(filepath.Join(dir, "checkpoints"))), []byte("\n\n\n"))
	for _, content := range notes[:len(notes)-1] {
		size, root := opened(append(content, '\n'), vkeys)
		expect(size <= int64(len(records)), "records are missing")
		expect(must(tlog.TreeHash(size, &hashes)) == root, "records are not those that were signed for")
		if last > 0 && size >= last {
			proof := must(tlog.ProveTree(size, last, &hashes))
			must(0, tlog.CheckTree(proof, size, root, last, lastRoot))
		}
		last, lastRoot = size, root
	}
	expect(last == int64(len(records)), "records were never signed for")
}

func checkReceipt(recordPath, proofPath, vkeys string) {
	record := bytes.TrimSuffix(must(os.ReadFile(recordPath)), []byte("\n"))
	head, content, _ := bytes.Cut(must(os.ReadFile(proofPath)), []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	expect(lines[0] == "c2sp.org/tlog-proof@v1", "no proof")
	index := must(strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64))
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		var hash tlog.Hash
		copy(hash[:], must(base64.StdEncoding.DecodeString(line)))
		proof = append(proof, hash)
	}
	size, root := opened(content, vkeys)
	must(0, tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(record)))
}

func main() {
	if os.Args[1] == "log" {
		checkLog(os.Args[2], os.Args[3])
	} else {
		checkReceipt(os.Args[2], os.Args[3], os.Args[4])
	}
	fmt.Println("holds")
}
