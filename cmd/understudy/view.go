package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/doctor"
	"understudy/internal/identitycenter"
	"understudy/internal/place"
	"understudy/internal/prompt"
	"understudy/internal/settings"
	"understudy/internal/source"
)

// view is what the caller's own files say, read and planned here: no daemon is
// asked, none is started, nobody is called and nothing that the files name is
// run.
type view struct {
	files    awsconfig.Files
	named    [2]bool // which of them a variable chose
	config   *awsconfig.Config
	broken   error // why they cannot be read; config is empty then
	settings settings.Settings
	unset    error // why the settings cannot be used
	resolver *source.Resolver
	signIns  *identitycenter.Center // makes plans here, and signs nobody in
	plans    memo[*credential.Plan] // by profile
	stats    memo[doctor.File]      // by path
}

// memo holds the results of a function, so that it is called once for each key.
type memo[T any] map[string]result[T]

type result[T any] struct {
	value T
	err   error
}

func (m memo[T]) get(key string, f func() (T, error)) (T, error) {
	r, ok := m[key]
	if !ok {
		r.value, r.err = f()
		m[key] = r
	}
	return r.value, r.err
}

// openView reads the files. The view is to be closed.
func (a *app) openView(ctx context.Context) (*view, error) {
	v := &view{plans: memo[*credential.Plan]{}, stats: memo[doctor.File]{}, signIns: identitycenter.New(identitycenter.Config{})}
	var err error
	if v.files.Config, v.files.Credentials, v.named, err = place.AWSFiles(); err != nil {
		return nil, err
	}
	reader := &awsconfig.Reader{}
	if v.config, v.broken = reader.Read(ctx, v.files); v.config == nil {
		if v.config, err = reader.Read(ctx, awsconfig.Files{}); err != nil {
			return nil, err
		}
	}
	v.settings, v.unset = settings.Load()
	v.config = v.config.Memoized()
	config := v.config
	v.resolver = &source.Resolver{
		Read:        func(context.Context, awsconfig.Files) (*awsconfig.Config, error) { return config, nil },
		EndpointURL: v.settings.STSEndpointURL,
		CABundle:    caBundle(),
		Container: source.Container{
			RelativeURI: os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"), FullURI: os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
		},
		SignIns: v.signIns,
		Version: a.version,
	}
	if v.settings.Store != settings.StoreMemory {
		v.resolver.Kept = &source.Kept{Mark: func(profile string) string { return profile }}
		v.resolver.TOTP = func(context.Context, string) (prompt.Answer, error) {
			return prompt.Answer{}, errors.New("no code is made here")
		}
	}
	return v, nil
}

// close lets go of what the view opened.
func (v *view) close() {
	v.resolver.Close()
	v.signIns.Close(context.Background()) // there is nothing to keep
}

// caBundle is what a daemon started from here would go by.
func caBundle() string {
	path := cmp.Or(os.Getenv(source.EnvCABundle), os.Getenv("AWS_CA_BUNDLE"))
	if abs, err := filepath.Abs(path); path != "" && err == nil {
		return abs
	}
	return ""
}

// plan makes the plan of a profile, once.
func (v *view) plan(name string) (*credential.Plan, error) {
	return v.plans.get(name, func() (*credential.Plan, error) {
		return v.resolver.Resolve(context.Background(), v.query(name))
	})
}

// stat returns the facts of a file. It reads them once, because all profiles name
// the same helper.
func (v *view) stat(path string) (doctor.File, error) {
	return v.stats.get(path, func() (doctor.File, error) { return statFile(path) })
}

func (v *view) query(name string) credential.Query {
	return credential.Query{Profile: name, ConfigFile: v.files.Config, CredentialsFile: v.files.Credentials}
}

// chain is a profile and those that it stands on.
func (v *view) chain(name string) []string {
	var names []string
	seen := map[string]bool{}
	for p, ok := v.config.Profile(name); ok && !seen[p.Name]; p, ok = v.config.Profile(name) {
		seen[p.Name] = true
		names = append(names, p.Name)
		from, _ := p.Get("source_profile")
		name = from.Text
	}
	return names
}
