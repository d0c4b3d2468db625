package main

import (
	"fmt"
)

// Up to here a blob is sent in one call, together with the head of its request.
const smallBlob = 64 << 10

// pushBlobs pushes content that no server has seen. Digests are computed before the clock starts.
func pushBlobs(o options) (result, error) {
	contents := make([]content, o.count)
	digests := make([]string, o.count)
	for i := range contents {
		contents[i] = newContent(o.seed, i, o.size)
		digests[i] = contents[i].digest
	}
	seconds, err := onConnections(o, o.count, func(c *client, item int) error {
		return pushBlob(c, o, contents[item])
	})
	return result{Seconds: seconds, Requests: o.count, Digests: digests}, err
}

func pushBlob(c *client, o options, blob content) error {
	opened, err := c.ask("POST", "/v2/"+o.repository+"/blobs/uploads/", "", nil, 202)
	if err != nil {
		return err
	}
	if o.method == "patch" {
		opened, err = sendContent(c, "PATCH", uploadPath(opened.location, ""), blob, 202)
		if err != nil {
			return err
		}
		_, err = c.ask("PUT", uploadPath(opened.location, blob.digest), "", nil, 201)
		return err
	}
	_, err = sendContent(c, "PUT", uploadPath(opened.location, blob.digest), blob, 201)
	return err
}

func sendContent(c *client, method, path string, blob content, want int) (response, error) {
	extra := fmt.Sprintf("Content-Type: application/octet-stream\r\nContent-Length: %d\r\n", blob.size)
	if blob.size <= smallBlob {
		if err := c.send(method, path, extra, blob.small()); err != nil {
			return response{}, err
		}
		return c.expect(method, path, want)
	}
	if err := c.send(method, path, extra, nil); err != nil {
		return response{}, err
	}
	err := blob.pieces(func(piece []byte) error {
		_, err := c.conn.Write(piece)
		return err
	})
	if err != nil {
		return response{}, err
	}
	return c.expect(method, path, want)
}
