package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"time"
)

// client is one connection, kept open from request to request.
type client struct {
	address string
	conn    *net.TCPConn
	reader  *bufio.Reader
	out     []byte
}

type response struct {
	status   int
	length   int64
	location string
	digest   string
}

func dial(address string) (*client, error) {
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &client{address: address, conn: conn.(*net.TCPConn), reader: bufio.NewReaderSize(conn, 4096)}, nil
}

// send writes a request's head, and `first` in the same segment: a small body costs no call of its own.
func (c *client) send(method, path, extra string, first []byte) error {
	c.conn.SetDeadline(time.Now().Add(2 * time.Minute))
	c.out = append(c.out[:0], method...)
	c.out = append(c.out, ' ')
	c.out = append(c.out, path...)
	c.out = append(c.out, " HTTP/1.1\r\nHost: "...)
	c.out = append(c.out, c.address...)
	c.out = append(c.out, "\r\nAccept: application/vnd.oci.image.manifest.v1+json, */*\r\n"...)
	c.out = append(c.out, extra...)
	c.out = append(c.out, "\r\n"...)
	c.out = append(c.out, first...)
	_, err := c.conn.Write(c.out)
	return err
}

// receive reads the head of an answer.
func (c *client) receive() (response, error) {
	var r response
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return r, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return r, fmt.Errorf("no HTTP/1.1: %q", line)
	}
	r.status, _ = strconv.Atoi(string(line[9:12]))
	for {
		line, err = c.reader.ReadSlice('\n')
		if err != nil {
			return r, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return r, nil
		}
		colon := bytes.IndexByte(line, ':')
		if colon < 0 {
			return r, fmt.Errorf("no header: %q", line)
		}
		value := bytes.TrimSpace(line[colon+1:])
		switch textproto.CanonicalMIMEHeaderKey(string(line[:colon])) {
		case "Content-Length":
			r.length, err = strconv.ParseInt(string(value), 10, 64)
			if err != nil {
				return r, err
			}
		case "Location":
			r.location = string(value)
		case "Docker-Content-Digest":
			r.digest = string(value)
		case "Transfer-Encoding":
			return r, fmt.Errorf("an answer without a length")
		}
	}
}

// ask sends a request with a small body, drops the body of its answer and insists on a status.
func (c *client) ask(method, path, extra string, body []byte, want int) (response, error) {
	if method != "GET" && method != "HEAD" {
		extra += "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	if err := c.send(method, path, extra, body); err != nil {
		return response{}, err
	}
	return c.expect(method, path, want)
}

func (c *client) expect(method, path string, want int) (response, error) {
	r, err := c.receive()
	if err != nil {
		return r, fmt.Errorf("%s %s: %w", method, path, err)
	}
	var text []byte
	if method != "HEAD" {
		text, err = io.ReadAll(io.LimitReader(c.reader, r.length))
	}
	if err == nil && r.status != want {
		err = fmt.Errorf("status %d, not %d: %s", r.status, want, text)
	}
	if err != nil {
		return r, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return r, nil
}

// uploadPath is the path to send content to: registries answer with a whole URL, or with a path.
func uploadPath(location, digest string) string {
	if at := strings.Index(location, "://"); at >= 0 {
		location = location[at+3:]
		location = location[strings.IndexByte(location, '/'):]
	}
	if digest == "" {
		return location
	}
	if strings.Contains(location, "?") {
		return location + "&digest=" + digest
	}
	return location + "?digest=" + digest
}

// onConnections runs `work` for each of `count` items, spread over connections that are open before the clock starts.
func onConnections(o options, count int, work func(c *client, item int) error) (float64, error) {
	clients := make([]*client, o.connections)
	for i := range clients {
		c, err := dial(o.address)
		if err != nil {
			return 0, err
		}
		defer c.conn.Close()
		clients[i] = c
	}
	items := make(chan int, count)
	for i := range count {
		items <- i
	}
	close(items)
	failures := make([]error, len(clients))
	var group sync.WaitGroup
	start := time.Now()
	for i, c := range clients {
		group.Go(func() {
			for item := range items {
				if failures[i] = work(c, item); failures[i] != nil {
					return
				}
			}
		})
	}
	group.Wait()
	seconds := time.Since(start).Seconds()
	for _, err := range failures {
		if err != nil {
			return 0, err
		}
	}
	return seconds, nil
}
