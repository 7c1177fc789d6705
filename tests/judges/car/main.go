// Command car judges CAR files with go-car, the reference implementation, in two ways:
//
//	car list FILE          reads a CARv1 or CARv2, checks each block's hash, prints the version, the roots and the CIDs
//	car wrap FILE TARGET   wraps a CARv1 into a CARv2 with an index
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/ipld/go-car/v2"
)

func list(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	reader, err := car.NewBlockReader(file) // checks hashes unless told not to
	if err != nil {
		return err
	}
	fmt.Println("version", reader.Version)
	for _, root := range reader.Roots {
		fmt.Println("root", root)
	}
	for {
		block, err := reader.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Println("block", block.Cid(), len(block.RawData()))
	}
}

func main() {
	err := fmt.Errorf("list FILE, or wrap FILE TARGET")
	switch {
	case len(os.Args) == 3 && os.Args[1] == "list":
		err = list(os.Args[2])
	case len(os.Args) == 4 && os.Args[1] == "wrap":
		err = car.WrapV1File(os.Args[2], os.Args[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
