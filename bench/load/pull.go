package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"syscall"
)

// pullBlobs pulls `count` times in all, going through the digests again and again.
func pullBlobs(o options) (result, error) {
	digests := strings.Split(o.digests, ",")
	seconds, err := onConnections(o, o.count, func(c *client, item int) error {
		return pullBlob(c, o, digests[item%len(digests)])
	})
	return result{Seconds: seconds, Requests: o.count}, err
}

func pullBlob(c *client, o options, digest string) error {
	path := "/v2/" + o.repository + "/blobs/" + digest
	if err := c.send("GET", path, "", nil); err != nil {
		return err
	}
	answer, err := c.receive()
	if err != nil {
		return err
	}
	if answer.status != 200 || answer.length != o.size {
		return fmt.Errorf("GET %s: status %d, %d bytes", path, answer.status, answer.length)
	}
	if o.discard {
		return discard(c, answer.length)
	}
	if !o.verify {
		return read(c, answer.length)
	}
	hash := sha256.New()
	if _, err := io.CopyN(hash, c.reader, answer.length); err != nil {
		return err
	}
	if actual := fmt.Sprintf("sha256:%x", hash.Sum(nil)); actual != digest {
		return fmt.Errorf("GET %s: the content has digest %s", path, actual)
	}
	return nil
}

// read copies bytes out of the kernel, which is the least that every client does.
func read(c *client, length int64) error {
	buffered, err := c.reader.Discard(int(min(length, int64(c.reader.Buffered()))))
	if err != nil {
		return err
	}
	buffer := make([]byte, 256<<10)
	for left := length - int64(buffered); left > 0; {
		n, err := c.conn.Read(buffer[:min(left, int64(len(buffer)))])
		if err != nil {
			return err
		}
		left -= int64(n)
	}
	return nil
}

// discard drops bytes inside the kernel: no client does, but it leaves both cores to the server.
func discard(c *client, length int64) error {
	buffered, err := c.reader.Discard(int(min(length, int64(c.reader.Buffered()))))
	if err != nil {
		return err
	}
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return err
	}
	for left := length - int64(buffered); left > 0; {
		var n int
		var failure error
		err := raw.Read(func(fd uintptr) bool {
			n, _, failure = syscall.Recvfrom(int(fd), block[:min(left, int64(len(block)))], syscall.MSG_TRUNC)
			return failure != syscall.EAGAIN
		})
		if err == nil && failure != nil && failure != syscall.EINTR {
			err = failure
		}
		if err == nil && failure == nil && n == 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		left -= int64(max(n, 0))
	}
	return nil
}
