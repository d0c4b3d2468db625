// A Kubernetes API that has pods to run commands in, and nothing else: Kubernetes' own code for exec at the API server
// (WebSocket to SPDY, or handed through as before version 1.30) and at the container runtime. Who may do what, and what
// pods there are, is made up here; the commands run on this machine.
//
// Prints "listening on <address>", then a line for each command that begins and ends.
package main

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilproxy "k8s.io/apimachinery/pkg/util/proxy"
	"k8s.io/apiserver/pkg/util/proxy"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-streaming/pkg/streaming"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"k8s.io/streaming/pkg/httpstream/wsstream"
	utilexec "k8s.io/utils/exec"
)

var (
	certificate = flag.String("cert", "", "the server's certificate")
	key         = flag.String("key", "", "its key")
	clientCA    = flag.String("client-ca", "", "who signs users' certificates")
	token       = flag.String("token", "", "a file with the token that is good now")
	path        = flag.String("path", "", "where the containers named buildkitd have their commands")
	old         = flag.Bool("old", false, "an API server that knows no version 5 of the protocol")
	prefix      = flag.String("prefix", "", "what is before /api")
)

// Containers of the pods, all in the namespace "ci". Those named "stopped" don't run.
var pods = map[string][]string{
	"builder": {"buildkitd"},
	"two":     {"buildkitd", "sidecar"},
	"halted":  {"stopped"},
}

func main() {
	flag.Parse()
	kubelet := startKubelet()
	authority := x509.NewCertPool()
	pem, err := os.ReadFile(*clientCA)
	check(err)
	authority.AppendCertsFromPEM(pem)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Printf("listening on %s\n", listener.Addr())
	server := &http.Server{
		Handler:   api(kubelet),
		TLSConfig: &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: authority},
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	check(server.ServeTLS(listener, *certificate, *key))
}

func api(kubelet *kubelet) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+*prefix+"/api/v1/namespaces/{namespace}/pods/{pod}/exec", func(w http.ResponseWriter, r *http.Request) {
		namespace, pod := r.PathValue("namespace"), r.PathValue("pod")
		resource := schema.GroupResource{Resource: "pods"}
		if !isKnown(r) {
			refuse(w, apierrors.NewUnauthorized("Unauthorized"))
			return
		}
		if namespace != "ci" {
			reason := fmt.Errorf("User %q cannot create resource %q in API group %q in the namespace %q", "hive", "pods/exec", "", namespace)
			refuse(w, apierrors.NewForbidden(resource, pod, reason))
			return
		}
		containers, ok := pods[pod]
		if !ok {
			refuse(w, apierrors.NewNotFound(resource, pod))
			return
		}
		query := r.URL.Query()
		container := query.Get("container")
		if container == "" {
			if len(containers) > 1 {
				refuse(w, apierrors.NewBadRequest(fmt.Sprintf("a container name must be specified for pod %s, choose one of: %v", pod, containers)))
				return
			}
			container = containers[0]
		}
		location := kubelet.location(container, query["command"])
		delegate := utilproxy.NewUpgradeAwareHandler(location, http.DefaultTransport, false, true, responder{})
		if *old {
			delegate.ServeHTTP(w, r)
			return
		}
		streams := proxy.Options{Stdin: true, Stdout: true, Stderr: true}
		translator := proxy.NewStreamTranslatorHandler(location, http.DefaultTransport, 0, streams)
		proxy.NewTranslatingHandler(delegate, translator, wsstream.IsWebSocketRequestWithStreamCloseProtocol).ServeHTTP(w, r)
	})
	return mux
}

func isKnown(r *http.Request) bool {
	if len(r.TLS.VerifiedChains) > 0 {
		return true
	}
	good, err := os.ReadFile(*token)
	check(err)
	said := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	return said != "" && subtle.ConstantTimeCompare([]byte(said), good) == 1
}

func refuse(w http.ResponseWriter, err *apierrors.StatusError) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(int(err.ErrStatus.Code))
	check(json.NewEncoder(w).Encode(err.ErrStatus))
}

type responder struct{}

func (responder) Error(w http.ResponseWriter, _ *http.Request, err error) {
	refuse(w, apierrors.NewInternalError(err))
}

// The machine that pods run on.
type kubelet struct {
	streaming streaming.Server
	address   string
}

func startKubelet() *kubelet {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	config := streaming.DefaultConfig
	config.Addr = listener.Addr().String()
	config.BaseURL = &url.URL{Scheme: "http", Host: config.Addr}
	server, err := streaming.NewServer(config, containers{})
	check(err)
	mux := http.NewServeMux()
	mux.Handle("/", server)
	mux.HandleFunc("/stopped", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `container not found ("stopped")`, http.StatusInternalServerError)
	})
	go func() { check(http.Serve(listener, mux)) }()
	return &kubelet{streaming: server, address: config.Addr}
}

func (k *kubelet) location(container string, command []string) *url.URL {
	if container == "stopped" {
		return &url.URL{Scheme: "http", Host: k.address, Path: "/stopped"}
	}
	response, err := k.streaming.GetExec(&runtimeapi.ExecRequest{
		ContainerId: container,
		Cmd:         command,
		Stdin:       true,
		Stdout:      true,
		Stderr:      true,
	})
	check(err)
	location, err := url.Parse(response.Url)
	check(err)
	return location
}

type containers struct{}

func (containers) Exec(ctx context.Context, container string, cmd []string, in io.Reader, out, errs io.WriteCloser, _ bool, _ <-chan remotecommand.TerminalSize) error {
	program := *path + "/" + cmd[0]
	if _, err := os.Stat(program); err != nil || container != "buildkitd" {
		return fmt.Errorf("OCI runtime exec failed: exec failed: unable to start container process: exec: %q: executable file not found in $PATH: unknown", cmd[0])
	}
	command := exec.CommandContext(ctx, program, cmd[1:]...)
	command.Stdout, command.Stderr = out, errs
	// The command's end is not that of its input.
	stdin, err := command.StdinPipe()
	check(err)
	if err := command.Start(); err != nil {
		return err
	}
	fmt.Printf("started %s\n", strings.Join(cmd, " "))
	go func() {
		_, _ = io.Copy(stdin, in)
		_ = stdin.Close()
	}()
	err = command.Wait()
	fmt.Printf("ended %s\n", strings.Join(cmd, " "))
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return utilexec.CodeExitError{Err: err, Code: exit.ExitCode()}
	}
	return err
}

func (containers) Attach(context.Context, string, io.Reader, io.WriteCloser, io.WriteCloser, bool, <-chan remotecommand.TerminalSize) error {
	return errors.ErrUnsupported
}

func (containers) PortForward(context.Context, string, int32, io.ReadWriteCloser) error {
	return errors.ErrUnsupported
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
