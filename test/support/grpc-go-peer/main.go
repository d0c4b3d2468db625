// A gRPC peer in Go that tests run against: its BDP estimator changes SETTINGS while streams are under way.
//
//	grpc-go-peer serve <socket>                       serves test.Peer until stdin closes
//	grpc-go-peer call <socket> <method> <size> <chunk> calls test.Peer, prints "<bytes> <sha256>"
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"os"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const maxMessageSize = 16 << 20

// The messages are BytesValue: `bytes value = 1`.
var service = grpc.ServiceDesc{
	ServiceName: "test.Peer",
	HandlerType: (*any)(nil),
	Streams: []grpc.StreamDesc{
		{StreamName: "Echo", Handler: echo, ServerStreams: true, ClientStreams: true},
		{StreamName: "Upload", Handler: upload, ServerStreams: true, ClientStreams: true},
		{StreamName: "Download", Handler: download, ServerStreams: true, ClientStreams: true},
		{StreamName: "Fail", Handler: fail, ServerStreams: true, ClientStreams: true},
	},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "serve":
		return serve(args[1])
	case len(args) == 5 && args[0] == "call":
		size, err := strconv.Atoi(args[3])
		if err != nil {
			return err
		}
		chunk, err := strconv.Atoi(args[4])
		if err != nil {
			return err
		}
		return call(args[1], args[2], size, chunk)
	}
	return errors.New("usage: serve <socket> | call <socket> <method> <size> <chunk>")
}

func serve(socket string) error {
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(maxMessageSize), grpc.MaxSendMsgSize(maxMessageSize))
	server.RegisterService(&service, nil)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		server.Stop()
	}()
	fmt.Println("ready")
	return server.Serve(listener)
}

func call(socket, method string, size, chunk int) error {
	conn, err := grpc.NewClient("unix:"+socket,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageSize), grpc.MaxCallSendMsgSize(maxMessageSize)))
	if err != nil {
		return err
	}
	defer conn.Close()
	desc := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream, err := conn.NewStream(context.Background(), desc, "/test.Peer/"+method)
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() {
		var err error
		if method == "Download" {
			err = stream.SendMsg(wrapperspb.Bytes(fmt.Appendf(nil, "%d %d", size, chunk)))
		} else {
			err = send(stream, size, chunk)
		}
		sent <- errors.Join(err, stream.CloseSend())
	}()
	sum, count := sha256.New(), 0
	for {
		var message wrapperspb.BytesValue
		err := stream.RecvMsg(&message)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if method == "Upload" {
			// The server has summed up.
			fmt.Println(string(message.Value))
		}
		sum.Write(message.Value)
		count += len(message.Value)
	}
	if err := <-sent; err != nil {
		return err
	}
	if method != "Upload" {
		fmt.Println(summary(sum, count))
	}
	return nil
}

func echo(_ any, stream grpc.ServerStream) error {
	for {
		var message wrapperspb.BytesValue
		err := stream.RecvMsg(&message)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.SendMsg(&message); err != nil {
			return err
		}
	}
}

func upload(_ any, stream grpc.ServerStream) error {
	sum, count := sha256.New(), 0
	for {
		var message wrapperspb.BytesValue
		err := stream.RecvMsg(&message)
		if err == io.EOF {
			return stream.SendMsg(wrapperspb.Bytes([]byte(summary(sum, count))))
		}
		if err != nil {
			return err
		}
		sum.Write(message.Value)
		count += len(message.Value)
	}
}

func download(_ any, stream grpc.ServerStream) error {
	var request wrapperspb.BytesValue
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	var size, chunk int
	if _, err := fmt.Sscanf(string(request.Value), "%d %d", &size, &chunk); err != nil {
		return err
	}
	return send(stream, size, chunk)
}

// fail ends the call with the request as its message.
func fail(_ any, stream grpc.ServerStream) error {
	var request wrapperspb.BytesValue
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	return status.Error(codes.NotFound, string(request.Value))
}

type sender interface{ SendMsg(any) error }

// send sends size bytes in messages of chunk: byte i is i mod 251.
func send(stream sender, size, chunk int) error {
	for offset := 0; offset < size; offset += chunk {
		data := make([]byte, min(chunk, size-offset))
		for i := range data {
			data[i] = byte((offset + i) % 251)
		}
		if err := stream.SendMsg(wrapperspb.Bytes(data)); err != nil {
			return err
		}
	}
	return nil
}

func summary(sum hash.Hash, count int) string {
	return fmt.Sprintf("%d %x", count, sum.Sum(nil))
}
