package identitycenter

import (
	"context"
	"crypto/subtle"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"understudy/internal/credential"
)

// callback is where the browser comes back to: a server on a port of 127.0.0.1
// that takes one request, which has to know state.
type callback struct {
	uri     string // with the port
	host    string // 127.0.0.1:port
	state   string
	came    chan landing // yields once
	outcome chan error   // what came of it, for the page; has room for one

	taken   atomic.Bool
	server  *http.Server
	serving sync.WaitGroup
}

// landing is what the browser brought.
type landing struct {
	code    credential.Secret
	refused string // OAuth's word for why there is no code; empty when there is one
}

const (
	callbackPath = "/oauth/callback"
	// callbackURI is registered with the service, which leaves the port of a
	// loopback address open (RFC 8252).
	callbackURI  = "http://127.0.0.1" + callbackPath
	pagePatience = 20 * time.Second // for what comes of a code, before the page says so
)

func listen() (*callback, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &callback{
		host: l.Addr().String(), state: random(),
		came: make(chan landing, 1), outcome: make(chan error, 1),
	}
	c.uri = "http://" + c.host + callbackPath
	c.server = &http.Server{
		Handler:           c,
		ReadHeaderTimeout: 5 * time.Second,
		WriteTimeout:      pagePatience + 5*time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // it may quote what was sent
	}
	c.server.SetKeepAlivesEnabled(false)
	c.serving.Go(func() { c.server.Serve(l) })
	return c, nil
}

// close lets a page that is being sent be sent, and ends the server.
func (c *callback) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	c.server.Shutdown(ctx)
	c.server.Close()
	c.serving.Wait()
}

// ServeHTTP answers the browser. The Host is checked so that no name of
// somebody else's that leads to 127.0.0.1 has a page of its own read this one.
func (c *callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	code := q.Get("code")
	switch {
	case r.URL.Path != callbackPath || r.Host != c.host:
		show(w, http.StatusNotFound, "Nothing here", "This address is used for a sign-in of understudy, and not for anything else.")
		return
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		show(w, http.StatusMethodNotAllowed, "Nothing here", "A browser comes here with GET.")
		return
	case subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(c.state)) == 0:
		show(w, http.StatusBadRequest, "Not the sign-in that is waited for", "Close this tab, and use the one that understudy opened last.")
		return
	case code == "" && q.Get("error") == "":
		show(w, http.StatusBadRequest, "Not an answer", "The page that sent you here said neither yes nor no.")
		return
	case !c.taken.CompareAndSwap(false, true):
		show(w, http.StatusGone, "Answered already", "This sign-in has had its answer. You can close this tab.")
		return
	}
	c.came <- landing{code: credential.NewSecret(code), refused: q.Get("error")}
	late := time.NewTimer(pagePatience)
	defer late.Stop()
	select {
	case err := <-c.outcome:
		if err == nil {
			show(w, http.StatusOK, "You are signed in", "It is done: the programs that wait go on by themselves. You can close this tab.")
			return
		}
		show(w, http.StatusOK, "You are not signed in", credential.AsFailure(err).Reason+". You can close this tab.")
	case <-late.C:
		show(w, http.StatusGatewayTimeout, "No answer yet", "The sign-in has not been completed in time. You can close this tab.")
	case <-r.Context().Done():
	}
}

// page makes the page that the browser shows. It does without html/template, which
// calls methods by name: the linker would have to keep every method of every type.
func page(title, text string) string {
	title, text = html.EscapeString(title), html.EscapeString(text)
	return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>understudy: ` + title + `</title>
<h1>` + title + `</h1>
<p>` + text + `</p>
</html>
`
}

func show(w http.ResponseWriter, status int, title, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // the address holds the code
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	io.WriteString(w, page(title, text)) // a browser that has gone needs no page
}
