package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"understudy/internal/credential"
	"understudy/internal/sandbox"
	"understudy/internal/sandbox/cloud"
	"understudy/internal/sandbox/identitycenter"
	"understudy/internal/sandbox/steer"
)

// ways are the control calls of what leads to a session beside a user's keys.
type ways struct {
	all  *cloud.Cloud
	from options
}

func (c *ways) handle(mux *http.ServeMux) {
	mux.HandleFunc("GET /_sandbox/mfa-code", c.code)
	mux.HandleFunc("GET /_sandbox/web-token", c.token)
	mux.HandleFunc("GET /_sandbox/assertion", c.assertion)
	mux.HandleFunc("POST /_sandbox/reject", c.reject)
	mux.HandleFunc("POST /_sandbox/identity-center/behaviour", c.identityCenter)
	mux.HandleFunc("POST /_sandbox/identity-center/answer", c.answer)
	mux.HandleFunc("POST /_sandbox/identity-center/accounts", c.accounts)
	mux.HandleFunc("POST /_sandbox/identity-center/end-sessions", func(w http.ResponseWriter, _ *http.Request) {
		c.all.IdentityCenter.EndSessions()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_sandbox/identity-center/cache", func(w http.ResponseWriter, r *http.Request) {
		file(w, c.all.IdentityCenter.SignIn().CacheFile, cmp.Or(r.FormValue("session"), identitycenter.StartURL))
	})
	mux.HandleFunc("POST /_sandbox/sign-in/behaviour", c.signIn)
	mux.HandleFunc("GET /_sandbox/sign-in/cache", func(w http.ResponseWriter, r *http.Request) {
		file(w, c.all.SignIn.SignIn().CacheFile, cmp.Or(r.FormValue("session"), sandbox.Example().ARN()))
	})
	mux.HandleFunc("POST /_sandbox/instance/behaviour", c.instance)
	mux.HandleFunc("POST /_sandbox/container/behaviour", c.container)
	for name, of := range map[string]func() []steer.Call{
		"identity-center": c.all.IdentityCenter.Calls, "sign-in": c.all.SignIn.Calls, "instance": c.all.Instance.Calls, "container": c.all.Container.Calls,
	} {
		mux.HandleFunc("GET /_sandbox/"+name+"/calls", calls(of))
	}
}

// call is a steer.Call in JSON.
type call struct {
	At      time.Time         `json:"at"`
	Action  string            `json:"action"` // "" if it could not be read
	Key     string            `json:"access_key_id,omitempty"`
	Params  map[string]string `json:"params,omitempty"`
	Proof   string            `json:"proof,omitempty"`
	Repeats int               `json:"repeats,omitempty"`
	Status  int               `json:"status"` // 0 while unanswered
	Code    string            `json:"code,omitempty"`
}

// calls lists what a service was asked.
func calls(of func() []steer.Call) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		out := struct {
			Total  int            `json:"total"`
			Counts map[string]int `json:"counts"`
			Calls  []call         `json:"calls"`
		}{Counts: map[string]int{}, Calls: []call{}}
		for _, k := range of() {
			out.Total++
			out.Counts[k.Op]++
			out.Calls = append(out.Calls, call{k.At, k.Op, k.Key, k.Params, k.Proof, k.Repeats, k.Status, k.Code})
		}
		reply(w, out)
	}
}

func (c *ways) code(w http.ResponseWriter, _ *http.Request) {
	if c.from.seed == "" {
		http.Error(w, "the device has no seed: any six digits are right", http.StatusNotFound)
		return
	}
	code, _ := sandbox.Code(credential.NewSecret(c.from.seed), time.Now().Add(time.Duration(c.from.sts.Skew))) // the seed was tried at the start
	fmt.Fprintln(w, code)
}

// life reads a duration of a query; "" is none.
func life(r *http.Request, name string) (time.Duration, error) {
	text := r.FormValue(name)
	if text == "" {
		return 0, nil
	}
	return time.ParseDuration(text)
}

func (c *ways) token(w http.ResponseWriter, r *http.Request) {
	lifetime, err := life(r, "lifetime")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	subject := r.FormValue("subject")
	if !r.Form.Has("subject") {
		subject = webSubject
	}
	io.WriteString(w, c.all.STS.WebToken(sandbox.WebIdentity{
		Subject: subject, Issuer: r.FormValue("issuer"), Audience: r.FormValue("audience"), Lifetime: lifetime,
	}))
}

func (c *ways) assertion(w http.ResponseWriter, r *http.Request) {
	lifetime, err := life(r, "lifetime")
	session, err2 := life(r, "session")
	if err := errors.Join(err, err2); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	role := r.FormValue("role")
	if role == "" {
		role = account + "Federated"
	}
	io.WriteString(w, c.all.STS.SAMLAssertion(sandbox.Assertion{RoleARN: role, Subject: r.FormValue("subject"), Lifetime: lifetime, Session: session}))
}

func (c *ways) reject(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Subject string `json:"subject"`
	}
	if !read(w, r, &in) {
		return
	}
	c.all.STS.Reject(in.Subject)
	w.WriteHeader(http.StatusNoContent)
}

func (c *ways) identityCenter(w http.ResponseWriter, r *http.Request) {
	next := c.from.idc
	if !read(w, r, &next) {
		return
	}
	b, err := next.behaviour()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.all.IdentityCenter.Set(b)
	reply(w, next)
}

func (c *ways) answer(w http.ResponseWriter, r *http.Request) {
	var in struct {
		UserCode string `json:"user_code"`
		Allow    bool   `json:"allow"`
	}
	if !read(w, r, &in) {
		return
	}
	if !c.all.IdentityCenter.Answer(in.UserCode, in.Allow) {
		http.Error(w, "no device waits under this code", http.StatusNotFound)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (c *ways) accounts(w http.ResponseWriter, r *http.Request) {
	var in []struct {
		ID    string   `json:"id"`
		Name  string   `json:"name"`
		Email string   `json:"email"`
		Roles []string `json:"roles"`
	}
	if !read(w, r, &in) {
		return
	}
	var out []identitycenter.Account
	for _, a := range in {
		out = append(out, identitycenter.Account{ID: a.ID, Name: a.Name, Email: a.Email, Roles: slices.Clone(a.Roles)})
	}
	c.all.IdentityCenter.SetAccounts(out)
	w.WriteHeader(http.StatusNoContent)
}

// file answers with what a login of the AWS CLI would have left, under the name
// it would have.
func file(w http.ResponseWriter, of func(session string) (string, []byte), session string) {
	name, content := of(session)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Write(content)
}

func (c *ways) signIn(w http.ResponseWriter, r *http.Request) {
	var in signIn
	if read(w, r, &in) {
		c.all.SignIn.Set(in.behaviour())
		reply(w, in)
	}
}

func (c *ways) instance(w http.ResponseWriter, r *http.Request) {
	var in instance
	if read(w, r, &in) {
		c.all.Instance.Set(in.behaviour())
		reply(w, in)
	}
}

func (c *ways) container(w http.ResponseWriter, r *http.Request) {
	var in container
	if read(w, r, &in) {
		c.all.Container.Set(in.behaviour())
		w.WriteHeader(http.StatusNoContent)
	}
}
