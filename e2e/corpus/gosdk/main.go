// Gosdk prints what the AWS SDK for Go reads in pairs of files, so that a test
// can hold understudy's reading against it. It is a module of its own: the
// product does not depend on the SDK's config package.
//
// On its standard input is a JSON list of cases, on its output an object of
// readings by the case's name.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
)

// testCase names two files and the profiles to look for in them.
type testCase struct {
	Name, Config, Credentials string
	Profiles                  []string
}

// reading is what was found: keys by profile, and endpoints by section and
// service of [services].
type reading struct {
	Profiles map[string]map[string]string            `json:"profiles"`
	Services map[string]map[string]map[string]string `json:"services"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gosdk:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var cases []testCase
	if err := json.NewDecoder(in).Decode(&cases); err != nil {
		return fmt.Errorf("read the cases: %w", err)
	}
	found := map[string]reading{}
	for _, c := range cases {
		found[c.Name] = read(c)
	}
	return json.NewEncoder(out).Encode(found)
}

func read(c testCase) reading {
	r := reading{Profiles: map[string]map[string]string{}, Services: map[string]map[string]map[string]string{}}
	for _, name := range c.Profiles {
		p, err := config.LoadSharedConfigProfile(context.Background(), name, func(o *config.LoadSharedConfigOptions) {
			o.ConfigFiles, o.CredentialsFiles = []string{c.Config}, []string{c.Credentials}
		})
		if _, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
			continue
		}
		if err != nil {
			r.Profiles[name] = map[string]string{"refused": "yes"}
			continue
		}
		r.Profiles[name] = keys(p)
		if len(p.Services.ServiceValues) > 0 {
			r.Services[p.ServicesSectionName] = p.Services.ServiceValues
		}
	}
	return r
}

func keys(p config.SharedConfig) map[string]string {
	m := map[string]string{
		"aws_access_key_id":     p.Credentials.AccessKeyID,
		"aws_secret_access_key": p.Credentials.SecretAccessKey,
		"aws_session_token":     p.Credentials.SessionToken,
		"credential_process":    p.CredentialProcess,
		"endpoint_url":          p.BaseEndpoint,
		"external_id":           p.ExternalID,
		"mfa_serial":            p.MFASerial,
		"region":                p.Region,
		"role_session_name":     p.RoleSessionName,
		"services":              p.ServicesSectionName,
	}
	for k, v := range m {
		if v == "" {
			delete(m, k)
		}
	}
	return m
}
