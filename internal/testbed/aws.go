package testbed

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"understudy/internal/sandbox"
)

// StartSTS starts a sandbox, and writes the keys of its example user as profile base.
func (w *World) StartSTS() {
	w.t.Helper()
	w.STS = sandbox.New()
	w.ServeSTS(w.STS)
	w.Write(".aws/credentials", UserKeys("base"))
}

// ServeSTS stops the previous STS and serves h at a new URL.
func (w *World) ServeSTS(h http.Handler) {
	w.t.Helper()
	if w.StopSTS != nil {
		w.StopSTS()
	}
	var listener net.Listener
	var err error
	w.inside(func() { listener, err = net.Listen("tcp", "127.0.0.1:0") })
	w.must(err)
	w.URL, w.StopSTS = "http://"+listener.Addr().String(), Serve(w.t, listener, h)
}

// Serve answers HTTP until stop is called or the test ends.
func Serve(t T, l net.Listener, h http.Handler) (stop func()) {
	// Clients disconnect on purpose; that is not logged.
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(l)
	}()
	stop = sync.OnceFunc(func() {
		server.Close()
		<-done
	})
	t.Cleanup(stop)
	return stop
}

// UserKeys returns a section with the keys of the sandbox's example user.
func UserKeys(section string) string {
	alice := sandbox.Example()
	return fmt.Sprintf("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n", section, alice.AccessKeyID, alice.Secret.Reveal())
}

// Role returns the section of a profile whose role understudy assumes with the
// keys of base, followed by lines.
func Role(profile, arn, endpoint string, lines ...string) string {
	return fmt.Sprintf("\n[profile %s]\nregion = us-east-1\nendpoint_url = %s\nunderstudy_role_arn = %s\nunderstudy_source_profile = base\n",
		profile, endpoint, arn) + strings.Join(append(lines, ""), "\n")
}

// Process returns the credential_process line of a profile.
func (w *World) Process(profile string) string {
	return "credential_process = " + w.Path("understudy-credentials") + " " + profile
}
