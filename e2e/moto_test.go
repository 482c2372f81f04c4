//go:build linux

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// story is what clients/py/aws.py has set up: alice's key, those of two more,
// and the roles.
type story struct {
	URL, KeyID, Secret, Reader, Sibling, Auditor string

	Carol, Dave struct{ KeyID, Secret string }
}

// moto is one server for all tests: its people never change, and each world
// reaches it through a witness of its own.
var moto struct {
	once  sync.Once
	story story
	err   error
	stop  func()
}

func needMoto(t *testing.T) story {
	t.Helper()
	p := needPython(t)
	moto.once.Do(func() { moto.story, moto.stop, moto.err = startMoto(p) })
	if moto.err != nil {
		t.Fatal("moto: ", moto.err)
	}
	return moto.story
}

func motoStop() {
	if moto.stop != nil {
		moto.stop()
	}
}

func startMoto(p interpreter) (story, func(), error) {
	cmd := exec.Command(p.path, filepath.Join("clients", "py", "aws.py"))
	cmd.Env = []string{"PYTHONUSERBASE=" + p.userBase}
	var said bytes.Buffer
	cmd.Stderr = &said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return story{}, nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return story{}, nil, err
	}
	if err := cmd.Start(); err != nil {
		return story{}, nil, err
	}
	giveUp := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	stop := func() {
		stdin.Close()
		end := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		end.Stop()
	}
	var s story
	err = json.NewDecoder(stdout).Decode(&s)
	giveUp.Stop()
	if err != nil {
		stop()
		return story{}, nil, errors.Join(err, errors.New(said.String()))
	}
	return s, stop, nil
}

// witness stands in front of moto and counts what passes, by its Action. It
// sees calls as they are sent, before anyone could answer from memory.
type witness struct {
	URL string

	mu       sync.Mutex
	calls    map[string]int
	answered func(action string) // before an answer goes back; nil for nothing
}

func newWitness(t *testing.T, target string) *witness {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{calls: map[string]int{}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is signed
		},
		ModifyResponse: func(r *http.Response) error {
			w.mu.Lock()
			answered := w.answered
			w.mu.Unlock()
			if action, ok := r.Request.Context().Value(actionKey{}).(string); ok && answered != nil {
				answered(action)
			}
			return nil
		},
		ErrorHandler: func(rw http.ResponseWriter, _ *http.Request, _ error) { rw.WriteHeader(http.StatusBadGateway) },
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		form, _ := url.ParseQuery(string(body))
		w.mu.Lock()
		w.calls[form.Get("Action")]++
		w.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(rw, r.WithContext(context.WithValue(r.Context(), actionKey{}, form.Get("Action"))))
	}))
	t.Cleanup(server.Close)
	w.URL = server.URL
	return w
}

// actionKey is where a call's action stands in its context.
type actionKey struct{}

// assumed is how often AssumeRole was called.
func (w *witness) assumed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls["AssumeRole"]
}

// tell writes the story into the world's ~/.aws: base is alice herself, reader
// and auditor are roles plugged in as a person would, own lines added to reader.
func (w *world) tell(s story, endpoint string, own ...string) {
	w.t.Helper()
	w.Write(".aws/credentials", fmt.Sprintf("[base]\naws_access_key_id = %s\naws_secret_access_key = %s\n", s.KeyID, s.Secret))
	config := fmt.Sprintf("[profile base]\nregion = us-east-1\nendpoint_url = %s\n", endpoint)
	config += w.role("reader", s.Reader, endpoint, own...)
	config += w.role("auditor", s.Auditor, endpoint)
	w.Write(".aws/config", config)
}

// set has f called before each answer goes back.
func (w *witness) set(f func(action string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answered = f
}
