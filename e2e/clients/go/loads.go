package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
)

// pair is two files and the profiles to look for in them; ../py/loads.py says
// what comes in and goes out.
type pair struct {
	Name, Config, Credentials string
	Profiles                  []string
	Fetch                     bool
}

type found struct {
	Region string `json:"region"`
	Key    string `json:"key,omitempty"`
}

func loads(ctx context.Context, in io.Reader, out io.Writer) error {
	var pairs []pair
	if err := json.NewDecoder(in).Decode(&pairs); err != nil {
		return err
	}
	all := map[string]map[string]found{}
	for _, p := range pairs {
		os.Setenv("AWS_CONFIG_FILE", p.Config)
		os.Setenv("AWS_SHARED_CREDENTIALS_FILE", p.Credentials)
		all[p.Name] = map[string]found{}
		for _, profile := range p.Profiles {
			if f, ok := load(ctx, p, profile); ok {
				all[p.Name][profile] = f
			}
		}
	}
	return json.NewEncoder(out).Encode(all)
}

func load(ctx context.Context, p pair, profile string) (f found, ok bool) {
	shared, err := config.LoadSharedConfigProfile(ctx, profile, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles, o.CredentialsFiles = []string{p.Config}, []string{p.Credentials}
	})
	if _, missing := errors.AsType[config.SharedConfigProfileNotExistError](err); missing || err != nil && !p.Fetch {
		return f, false
	}
	f.Region = shared.Region
	if !p.Fetch {
		return f, true
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile(profile))
	if err != nil {
		f.Key = err.Error()
		return f, true
	}
	c, err := cfg.Credentials.Retrieve(ctx)
	f.Key = c.AccessKeyID
	if err != nil {
		f.Key = err.Error()
	}
	return f, true
}
