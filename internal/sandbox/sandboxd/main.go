// Command sandboxd is the sandbox STS as a process of its own, for scripts and
// for tests of the real binaries. It listens on loopback, prints its URL as
// its only line of output, and knows one example user and a few roles; -write
// leaves an AWS configuration that fits them.
//
//	curl $URL/_sandbox/calls                                  what it was asked
//	curl $URL/_sandbox/behaviour -d '{"status":503}'          how it answers from now on
//	curl $URL/_sandbox/roles -d '{"arn":"…","trusts":["…"]}'  one role more, or another trust
//	curl $URL/_sandbox/revoke -d '{"access_key_id":"…"}'      forgets a key
//
// It ends on SIGTERM and SIGINT, and with -stdin when its standard input ends,
// so that it does not outlive the script that started it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"understudy/internal/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run serves until ctx ends, and returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("sandboxd", flag.ContinueOnError)
	flags.SetOutput(stderr)
	base := settings{}
	base.bind(flags)
	write := flags.String("write", "", "write config and credentials into `folder`, which is made when missing")
	helper := flags.String("helper", "", "`path` of understudy-credentials, for the credential_process lines of -write")
	watch := flags.Bool("stdin", false, "end when standard input does")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if err := serve(ctx, base, *write, *helper, input(stdin, *watch), stdout); err != nil {
		fmt.Fprintf(stderr, "sandboxd: %v\n", err)
		return 1
	}
	return 0
}

// input is what to watch for its end; nil means nothing.
func input(stdin io.Reader, watch bool) io.Reader {
	if watch {
		return stdin
	}
	return nil
}

func serve(ctx context.Context, base settings, write, helper string, watched io.Reader, stdout io.Writer) error {
	behaviour, err := base.behaviour()
	if err != nil {
		return err
	}
	sts := sandbox.New()
	for _, r := range roles() {
		sts.AddRole(r)
	}
	sts.Set(behaviour)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	url := "http://" + listener.Addr().String()
	if write != "" {
		if err := writeConfig(write, url, helper); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if watched != nil {
		// Ends with the input, or with the process: a read cannot be called off.
		go func() {
			io.Copy(io.Discard, watched)
			cancel()
		}()
	}
	server := &http.Server{Handler: handler(sts, base), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	if _, err := fmt.Fprintln(stdout, url); err != nil {
		cancel()
	}
	select {
	case err = <-done:
		return err
	case <-ctx.Done():
	}
	server.Close()
	<-done
	return nil
}
