// Verifies a log of Sluis with Go's own libraries for transparency logs, which know nothing of Sluis.
//
//	verify log DIR VKEYS              all records against all checkpoints, and how they follow each other
//	verify receipt RECORD PROOF VKEYS one record and its .tlog-proof
//	verify logs VKEYS                 as `log`, of each folder that is named in a line of standard input
//
// Of a log whose oldest records were deleted it reads their hashes from DIR/tree, which are in the order in which Go's
// library stores them, and wants a record of the log that says who deleted them.
//
// Exit 0 when it holds, 1 when not; of several folders each answer is a line.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/bits"
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
		panic(err)
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

func (s *stored) add(n int64, leaf tlog.Hash) {
	*s = append(*s, must(tlog.StoredHashesForRecordHash(n, leaf, s))...)
}

type said struct {
	Action   string `json:"event.action"`
	Number   *int64 `json:"event.sequence"`
	End      int64  `json:"gateway.segment.end"`
	Root     string `json:"gateway.segment.root"`
	Proposer string `json:"gateway.policy.proposer"`
	Approver string `json:"user.id"`
}

// The number of the first record that is there; a record that can not be read takes a number.
func firstNumber(records [][]byte) int64 {
	for place, record := range records {
		var told said
		if json.Unmarshal(record, &told) == nil && told.Number != nil {
			if *told.Number > int64(place) {
				return *told.Number - int64(place)
			}
			return 0
		}
	}
	return 0
}

// Every leaf stands in the tree's file before the subtrees that it completes; these are computed anew.
func (s *stored) addDeleted(dir string, first int64) {
	if first == 0 {
		return
	}
	file := must(os.Open(filepath.Join(dir, "tree")))
	defer file.Close()
	for n := int64(0); n < first; n++ {
		var leaf tlog.Hash
		must(file.ReadAt(leaf[:], tlog.HashSize*(2*n-int64(bits.OnesCount64(uint64(n))))))
		s.add(n, leaf)
	}
}

// Whether a record says who deleted all records before the first one that is there, and perhaps some that still are.
func (s *stored) isDeletion(record []byte, first, number int64) bool {
	var told said
	if json.Unmarshal(record, &told) != nil || told.Action != "audit-segment-deleted" || told.End < first ||
		told.End > number || told.Proposer == "" || told.Approver == "" || told.Proposer == told.Approver {
		return false
	}
	root := must(tlog.TreeHash(told.End, s))
	return told.Root == fmt.Sprintf("%x", root[:])
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
	first := firstNumber(records)
	hashes.addDeleted(dir, first)
	told := first == 0
	for n, record := range records {
		hashes.add(first+int64(n), tlog.RecordHash(record))
		told = told || hashes.isDeletion(record, first, first+int64(n))
	}
	expect(told, "no record says who deleted what is gone")
	end := first + int64(len(records))
	var last int64
	var lastRoot tlog.Hash
	notes := bytes.Split(must(os.ReadFile(filepath.Join(dir, "checkpoints"))), []byte("\n\n\n"))
	for _, content := range notes[:len(notes)-1] {
		size, root := opened(append(content, '\n'), vkeys)
		expect(size <= end, "records are missing")
		expect(must(tlog.TreeHash(size, &hashes)) == root, "records are not those that were signed for")
		if last > 0 && size >= last {
			proof := must(tlog.ProveTree(size, last, &hashes))
			must(0, tlog.CheckTree(proof, size, root, last, lastRoot))
		}
		last, lastRoot = size, root
	}
	expect(last == end, "records were never signed for")
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

// Says whether a check holds; what it meets on its way is why it does not.
func holds(check func()) (held bool) {
	defer func() {
		if why := recover(); why != nil {
			fmt.Println("does not hold:", strings.ReplaceAll(fmt.Sprint(why), "\n", " "))
			held = false
		}
	}()
	check()
	fmt.Println("holds")
	return true
}

func main() {
	held := true
	switch os.Args[1] {
	case "log":
		held = holds(func() { checkLog(os.Args[2], os.Args[3]) })
	case "logs":
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			holds(func() { checkLog(lines.Text(), os.Args[2]) })
		}
	case "receipt":
		held = holds(func() { checkReceipt(os.Args[2], os.Args[3], os.Args[4]) })
	default:
		held = false
	}
	if !held {
		os.Exit(1)
	}
}
