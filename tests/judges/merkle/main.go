// Command merkle judges roots and inclusion paths with transparency-dev/merkle, the reference for RFC 9162.
//
// It reads one JSON document a line from standard input:
//
//	{"entries": ["aa", ...], "root": "...", "paths": {"3": ["...", ...]}}     all in hexadecimal digits
//
// and writes one line for each: "ok", or what does not agree.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

type question struct {
	Entries []string            `json:"entries"`
	Root    string              `json:"root"`
	Paths   map[uint64][]string `json:"paths"`
}

func decode(text string) []byte {
	content, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return content
}

func judge(asked question) error {
	hasher := rfc6962.DefaultHasher
	factory := compact.RangeFactory{Hash: hasher.HashChildren}
	tree := factory.NewEmptyRange(0)
	leaves := make([][]byte, 0, len(asked.Entries))
	for _, entry := range asked.Entries {
		leaf := hasher.HashLeaf(decode(entry))
		leaves = append(leaves, leaf)
		if err := tree.Append(leaf, nil); err != nil {
			return err
		}
	}
	root, err := tree.GetRootHash(nil)
	if err != nil {
		return err
	}
	if len(leaves) == 0 {
		root = hasher.EmptyRoot()
	}
	if hex.EncodeToString(root) != asked.Root {
		return fmt.Errorf("root %x, not %s", root, asked.Root)
	}
	for index, siblings := range asked.Paths {
		path := make([][]byte, 0, len(siblings))
		for _, sibling := range siblings {
			path = append(path, decode(sibling))
		}
		if err := proof.VerifyInclusion(hasher, index, uint64(len(leaves)), leaves[index], path, root); err != nil {
			return fmt.Errorf("path of %d: %w", index, err)
		}
	}
	return nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := judge(asked); err != nil {
			fmt.Println(err)
		} else {
			fmt.Println("ok")
		}
	}
}
