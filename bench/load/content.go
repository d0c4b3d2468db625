package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
)

// content is a blob of any size that takes a megabyte of memory: a head of its own, then one block again and again.
type content struct {
	head   []byte
	size   int64
	digest string
}

// block doesn't compress, as layers don't.
var block = func() []byte {
	bytes := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{}).Read(bytes)
	return bytes
}()

func newContent(seed string, index int, size int64) content {
	head := []byte(fmt.Sprintf("%s/%d\n", seed, index))
	if int64(len(head)) > size {
		head = head[:size]
	}
	c := content{head: head, size: size}
	hash := sha256.New()
	c.pieces(func(piece []byte) error {
		_, err := hash.Write(piece)
		return err
	})
	c.digest = fmt.Sprintf("sha256:%x", hash.Sum(nil))
	return c
}

func (c content) pieces(write func([]byte) error) error {
	if err := write(c.head); err != nil {
		return err
	}
	for left := c.size - int64(len(c.head)); left > 0; {
		piece := block[:min(left, int64(len(block)))]
		if err := write(piece); err != nil {
			return err
		}
		left -= int64(len(piece))
	}
	return nil
}

// small is the content as one slice.
func (c content) small() []byte {
	bytes := make([]byte, 0, c.size)
	c.pieces(func(piece []byte) error {
		bytes = append(bytes, piece...)
		return nil
	})
	return bytes
}

func digestOf(bytes []byte) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256(bytes))
}
