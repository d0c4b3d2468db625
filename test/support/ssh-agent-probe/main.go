// Asks the ssh agent at SSH_AUTH_SOCK what a build step may ask it, and a thing that it may not: busybox can't.
// Static, so that it runs in an image made from scratch. Prints a line for each question.
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
)

const (
	failure           = 5
	requestIdentities = 11
	identitiesAnswer  = 12
	signRequest       = 13
	signResponse      = 14
	removeAll         = 19
)

func main() {
	connection, err := net.Dial("unix", os.Getenv("SSH_AUTH_SOCK"))
	check(err)
	kind, body := ask(connection, []byte{requestIdentities})
	if kind != identitiesAnswer {
		check(fmt.Errorf("listing: answer %d", kind))
	}
	count := binary.BigEndian.Uint32(body)
	fmt.Printf("identities: %d\n", count)
	kind, _ = ask(connection, []byte{removeAll})
	fmt.Printf("removing refused: %t\n", kind == failure)
	if count > 0 {
		key := take(body[4:])
		kind, _ = ask(connection, signing(key))
		fmt.Printf("signed: %t\n", kind == signResponse)
	}
	// No more questions: the other side ends, too.
	check(connection.(*net.UnixConn).CloseWrite())
	_, err = io.ReadAll(connection)
	fmt.Printf("closed: %t\n", err == nil)
}

func ask(connection net.Conn, message []byte) (byte, []byte) {
	// In two pieces, as a stream may cut it anywhere.
	length := binary.BigEndian.AppendUint32(nil, uint32(len(message)))
	_, err := connection.Write(append(length, message[:1]...))
	check(err)
	if len(message) > 1 {
		_, err = connection.Write(message[1:])
		check(err)
	}
	head := make([]byte, 5)
	_, err = io.ReadFull(connection, head)
	check(err)
	body := make([]byte, binary.BigEndian.Uint32(head)-1)
	_, err = io.ReadFull(connection, body)
	check(err)
	return head[4], body
}

// A string of the protocol: its length, then so many bytes.
func take(data []byte) []byte {
	return data[4 : 4+binary.BigEndian.Uint32(data)]
}

func signing(key []byte) []byte {
	message := []byte{signRequest}
	for _, part := range [][]byte{key, []byte("to be signed")} {
		message = binary.BigEndian.AppendUint32(message, uint32(len(part)))
		message = append(message, part...)
	}
	return binary.BigEndian.AppendUint32(message, 0)
}

func check(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}
