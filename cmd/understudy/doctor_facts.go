package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/doctor"
	"understudy/internal/keychain"
	"understudy/internal/launch"
	"understudy/internal/longkeys"
	"understudy/internal/place"
	"understudy/internal/process"
	"understudy/internal/settings"
	"understudy/internal/trust"
	"understudy/internal/wire"
)

// facts is what the doctor is told of the files alone.
func (v *view) facts(names []string, version string) *doctor.Facts {
	return &doctor.Facts{
		Files: v.files, Config: v.config, Broken: v.broken, Profiles: names,
		Plan: v.plan, Stat: v.stat, LookPath: process.LookPath, Version: version, Getenv: os.Getenv,
	}
}

// around gathers what is around the files. What has to be waited for is asked at
// once; each has a deadline of its own.
func (a *app) around(ctx context.Context, v *view, names []string) *doctor.Machine {
	m := &doctor.Machine{Settings: v.unset}
	m.State, _ = place.StateDir() // without a home there is none
	var err error
	if m.Socket, err = place.SocketPath(); err == nil {
		err = place.CheckDir(m.Socket)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		m.Place = failure(err)
	}
	var all sync.WaitGroup
	all.Go(func() { m.Keychain = askKeychain(ctx, v.settings, v.sayKept(names)) })
	all.Go(func() { m.STS = v.resolver.Reach(ctx, v.served(names)) })
	if m.Place == nil {
		v.askDaemon(m)
	}
	all.Wait()
	return m
}

// failure is an error of the daemon's or of the way there as the doctor takes
// it.
func failure(err error) error {
	e := launch.Explain(err)
	return &credential.Failure{Code: e.Code, Reason: e.Message, Hint: e.Hint}
}

// served are the profiles whose sessions somebody may ask the daemon for.
func (v *view) served(names []string) (queries []credential.Query) {
	for _, name := range names {
		p, ok := v.config.Profile(name)
		if !ok {
			continue
		}
		helper, _ := p.Get("credential_process")
		if _, ours := awsconfig.ParseOwn(helper.Text); ours || len(p.Prefixed()) > 0 || len(names) == 1 {
			queries = append(queries, v.query(name))
		}
	}
	return queries
}

// askDaemon asks the daemon that runs for its status, and whether it would use
// the files that a variable names.
func (v *view) askDaemon(m *doctor.Machine) {
	r, err := askStatus()
	if err == nil {
		var now overview
		now, err = r.read()
		m.Daemon, m.Sessions = now.Daemon, now.Sessions
	}
	if err != nil {
		m.Unreached = failure(err)
		return
	}
	if m.Daemon == nil || v.named == [2]bool{} {
		return // a daemon that is started from here trusts them
	}
	_, err = ask(wire.Request{Op: wire.Credentials, Profile: v.nobody(), ConfigFile: v.files.Config, CredentialsFile: v.files.Credentials})
	if e, ok := errors.AsType[*wire.Error](err); ok && strings.Contains(e.Hint, "understudy trust ") {
		m.Untrusted = failure(e)
	}
}

// nobody is a profile that there is not: to ask for it has the daemon read the
// files, and no more.
func (v *view) nobody() string {
	name := "understudy-doctor"
	for slices.Contains(v.config.Names(), name) {
		name += "-"
	}
	return name
}

// sayKept are the profiles that say that their keys are in the keychain.
func (v *view) sayKept(names []string) (kept []string) {
	for _, name := range names {
		if p, ok := v.config.Profile(name); ok {
			if where, ok := p.Get("keys"); ok && where.Text == "keychain" {
				kept = append(kept, name)
			}
		}
	}
	return kept
}

// askKeychain asks without a prompt, times one read, and looks whether the keys
// of these profiles are there.
func askKeychain(ctx context.Context, set settings.Settings, profiles []string) doctor.Keychain {
	found := doctor.Keychain{Mode: string(set.Store)}
	if set.Store == settings.StoreMemory || set.Store == "" {
		found.Mode = string(settings.StoreMemory)
		return found
	}
	k := keychain.New(keychain.Config{})
	defer k.Close()
	st := k.Probe(ctx)
	found.Absent, found.Locked, found.Reason = !st.Available, st.Locked, st.Reason
	if !st.Available || st.Locked {
		return found
	}
	began := time.Now()
	k.Get(ctx, "doctor") // nothing is kept there; how long that takes to say is what counts
	found.Reading = time.Since(began)
	keys := longkeys.Keys{Store: k}
	found.NoKeys = map[string]error{}
	for _, name := range profiles {
		if _, ok, err := keys.Get(ctx, name); err != nil || !ok {
			found.NoKeys[name] = longkeys.Unavailable(name, err)
		}
	}
	return found
}

// helperLimit is how long a helper may take to say its version.
const helperLimit = 2 * time.Second

// helperVersion runs helpers that the files name, nil where a file is one that
// nobody said may name programs.
func (v *view) helperVersion(ctx context.Context) func(string) (string, error) {
	policy := &trust.Policy{Always: trust.Own()}
	if l, err := trustList(); err == nil {
		policy.List = l
	}
	for i, path := range []string{v.files.Config, v.files.Credentials} {
		if v.named[i] && !policy.Stands(path) && standing(policy, path) == "changed" {
			return nil
		}
	}
	said := map[string]string{}
	return func(path string) (string, error) {
		if version, ok := said[path]; ok {
			return version, nil
		}
		ctx, cancel := context.WithTimeout(ctx, helperLimit)
		defer cancel()
		out, err := process.Run(ctx, 1<<10, nil, path, "--version")
		if err != nil {
			return "", err
		}
		name, version, ok := strings.Cut(strings.TrimSpace(out.Reveal()), " ")
		if !ok || name != "understudy-credentials" {
			return "", errors.New("it is another program")
		}
		said[path] = version
		return version, nil
	}
}
