// Command sandboxd is the sandbox as a process of its own, for scripts and for
// tests of the real binaries. It listens on loopback, prints its URL as its
// only line of output, and knows one example user and a few roles; -write
// leaves an AWS configuration that fits them. Every service answers at that one
// URL; Identity Center also at URL/oidc and URL/sso, an instance's metadata
// below URL/latest, a container's credentials at URL/ecs.
//
//	curl $URL/_sandbox/calls                                  what STS was asked
//	curl $URL/_sandbox/behaviour -d '{"status":503}'          how STS answers from now on
//	curl $URL/_sandbox/roles -d '{"arn":"…","trusts":["…"]}'  one role more, or another trust
//	curl $URL/_sandbox/revoke -d '{"access_key_id":"…"}'      forgets a key
//	curl $URL/_sandbox/mfa-code                               what the device of -totp-seed shows
//	curl $URL/_sandbox/web-token?lifetime=20m                 a token (subject, issuer, audience)
//	curl $URL/_sandbox/assertion?role=…                       a SAML assertion (subject, lifetime, session)
//	curl $URL/_sandbox/reject -d '{"subject":"…"}'            turns away a token's or assertion's subject
//
//	curl $URL/_sandbox/identity-center/calls                  and so sign-in, instance, container
//	curl $URL/_sandbox/identity-center/behaviour -d '{"page":"click","token_life":"20s"}'
//	curl $URL/_sandbox/identity-center/answer -d '{"user_code":"…","allow":true}'
//	curl $URL/_sandbox/identity-center/accounts -d '[{"id":"…","name":"…","roles":["…"]}]'
//	curl $URL/_sandbox/identity-center/end-sessions -d ''     forgets every token
//	curl -OJ $URL/_sandbox/identity-center/cache?session=…    the file aws sso login would leave
//	curl -OJ $URL/_sandbox/sign-in/cache?session=…            the file aws login would leave
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

	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/sandbox/cloud"
	"understudy/internal/sandbox/identitycenter"
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
	every := flags.Bool("every-way", false, "with -write: profiles for Identity Center, web identity, SAML and instance metadata too")
	seed := flags.String("totp-seed", "", "base32 `seed` of the user's MFA device; without it any code but 000000 is right, once")
	page := flags.String("page", "", "`how` the person answers on a page that asks for leave: deny, click or leave; without it with yes, at once")
	watch := flags.Bool("stdin", false, "end when standard input does")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	o := options{base, identity{Page: identitycenter.Page(*page)}, *seed, fixture{*write, *helper, *every}}
	if err := serve(ctx, o, input(stdin, *watch), stdout); err != nil {
		fmt.Fprintf(stderr, "sandboxd: %v\n", err)
		return 1
	}
	return 0
}

// options are what the flags say.
type options struct {
	sts  settings
	idc  identity
	seed string
	fixture
}

// input is what to watch for its end; nil means nothing.
func input(stdin io.Reader, watch bool) io.Reader {
	if watch {
		return stdin
	}
	return nil
}

// world returns the services as the flags have them.
func (o options) world() (*cloud.Cloud, error) {
	sts, err := o.sts.behaviour()
	if err != nil {
		return nil, err
	}
	idc, err := o.idc.behaviour()
	if err != nil {
		return nil, err
	}
	all := cloud.New()
	for _, r := range roles() {
		all.STS.AddRole(r)
	}
	if o.seed != "" {
		alice := sandbox.Example()
		alice.TOTPSeed = credential.NewSecret(o.seed)
		if _, err := sandbox.Code(alice.TOTPSeed, time.Now()); err != nil {
			return nil, err
		}
		all.STS.AddUser(alice)
	}
	all.STS.Set(sts)
	all.IdentityCenter.Set(idc)
	return all, nil
}

func serve(ctx context.Context, o options, watched io.Reader, stdout io.Writer) error {
	all, err := o.world()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	url := "http://" + listener.Addr().String()
	if o.dir != "" {
		if err := o.write(url, all.STS); err != nil {
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
	server := &http.Server{Handler: handler(all, o), ReadHeaderTimeout: 10 * time.Second}
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
