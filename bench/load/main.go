// Load for the registry benchmark: one command is one measurement, whose result goes to stdout as JSON.
// It speaks HTTP/1.1 on plain sockets, so that it costs little beside the server that shares the machine with it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

type options struct {
	address     string
	repository  string
	seed        string
	digests     string
	method      string
	count       int
	size        int64
	connections int
	duration    time.Duration
	verify      bool
	discard     bool
}

type result struct {
	Seconds float64 `json:"seconds"`
	// Requests answered as they should be.
	Requests int `json:"requests"`
	// Of the content that was pushed.
	Digests []string `json:"digests,omitempty"`
}

func main() {
	commands := map[string]func(options) (result, error){
		"seed": seedManifests,
		"push": pushBlobs,
		"pull": pullBlobs,
		"head": headManifests,
	}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fail(fmt.Errorf("usage: load seed|push|pull|head [flags]"))
	}
	var o options
	flags := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	flags.StringVar(&o.address, "address", "", "host:port of the server")
	flags.StringVar(&o.repository, "repository", "bench", "repository to push to and pull from")
	flags.StringVar(&o.seed, "seed", "", "makes content unlike that of another seed")
	flags.StringVar(&o.digests, "digests", "", "what to pull, with commas between")
	flags.StringVar(&o.method, "method", "put", "put: POST and PUT with the content; patch: POST, PATCH, PUT")
	flags.IntVar(&o.count, "count", 1, "blobs, manifests or pulls in all")
	flags.Int64Var(&o.size, "size", 0, "bytes of a blob")
	flags.IntVar(&o.connections, "connections", 1, "connections at a time")
	flags.DurationVar(&o.duration, "duration", 3*time.Second, "how long to send HEAD requests")
	flags.BoolVar(&o.discard, "discard", false, "drop what is pulled inside the kernel")
	flags.BoolVar(&o.verify, "verify", false, "check what is pulled against its digest")
	flags.Parse(os.Args[2:])
	answer, err := commands[os.Args[1]](o)
	if err != nil {
		fail(err)
	}
	json.NewEncoder(os.Stdout).Encode(answer)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "load:", err)
	os.Exit(1)
}
