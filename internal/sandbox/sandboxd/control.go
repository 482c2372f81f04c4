package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"understudy/internal/sandbox"
	"understudy/internal/sandbox/cloud"
)

// handler puts the control calls beside the services. Its paths begin with
// /_sandbox/, which no AWS client asks for.
func handler(all *cloud.Cloud, o options) http.Handler {
	c := &control{sts: all.STS, base: o.sts, now: o.sts}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_sandbox/calls", calls(all.STS.Calls))
	mux.HandleFunc("GET /_sandbox/behaviour", c.show)
	mux.HandleFunc("POST /_sandbox/behaviour", c.behave)
	mux.HandleFunc("POST /_sandbox/roles", c.role)
	mux.HandleFunc("POST /_sandbox/revoke", c.revoke)
	mux.HandleFunc("/_sandbox/", http.NotFound)
	mux.Handle("/", all)
	(&ways{all, o}).handle(mux)
	return mux
}

type control struct {
	sts  *sandbox.Server
	base settings // from the flags

	mu  sync.Mutex
	now settings
}

func (c *control) show(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	reply(w, c.now)
}

// behave sets the behaviour anew: what the call leaves out is as the flags
// say, not as the call before said.
func (c *control) behave(w http.ResponseWriter, r *http.Request) {
	next := c.base
	if !read(w, r, &next) {
		return
	}
	b, err := next.behaviour()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = next
	c.sts.Set(b)
	reply(w, next)
}

func (c *control) role(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ARN         string   `json:"arn"`
		Trusts      []string `json:"trusts"`
		ExternalID  string   `json:"external_id"`
		MaxDuration duration `json:"max_duration"`
		RequireMFA  bool     `json:"require_mfa"`
	}
	if !read(w, r, &in) {
		return
	}
	if in.ARN == "" {
		http.Error(w, "arn is missing", http.StatusBadRequest)
		return
	}
	c.sts.AddRole(sandbox.Role{ARN: in.ARN, Trusts: in.Trusts, ExternalID: in.ExternalID, MaxDuration: time.Duration(in.MaxDuration), RequireMFA: in.RequireMFA})
	w.WriteHeader(http.StatusNoContent)
}

func (c *control) revoke(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AccessKeyID string `json:"access_key_id"`
	}
	if !read(w, r, &in) {
		return
	}
	c.sts.Revoke(in.AccessKeyID)
	w.WriteHeader(http.StatusNoContent)
}

// read decodes the one JSON value of a call into v, and answers for itself
// when it cannot. An empty body changes nothing of v.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil && err != io.EOF {
		http.Error(w, fmt.Sprintf("not understood: %v", err), http.StatusBadRequest)
		return false
	}
	if d.More() {
		http.Error(w, "more than one JSON value", http.StatusBadRequest)
		return false
	}
	return true
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}
