package adopt

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/source"
)

const helper = "/usr/local/bin/understudy-credentials"

// mover moves in with plans of the real resolver.
func mover() *Mover {
	return &Mover{Resolve: resolve(), Helper: helper}
}

// resolve is what the command does.
func resolve() func(context.Context, *awsconfig.Config, string) (*credential.Plan, error) {
	r := &source.Resolver{SessionName: "alice@laptop"}
	return func(ctx context.Context, c *awsconfig.Config, profile string) (*credential.Plan, error) {
		r := &source.Resolver{SessionName: r.SessionName, Read: func(context.Context, awsconfig.Files) (*awsconfig.Config, error) { return c, nil }}
		return r.Resolve(ctx, credential.Query{Profile: profile, Environment: &credential.Environment{
			AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: credential.NewSecret("made-up")}})
	}
}

// paths are those of files that need not be there.
var paths = awsconfig.Files{Config: "/home/alice/.aws/config", Credentials: "/home/alice/.aws/credentials"}

// odd writes two files as nobody would and some did: every spelling of headers,
// keys and values, and lines that some reader trips on.
func odd(r *rand.Rand) Files {
	f := Files{Files: paths}
	f.ConfigText = oddText(r, func(name string) string {
		if name == "default" && r.IntN(2) == 0 {
			return "[default]"
		}
		return pick(r, "[profile %s]", "[profile %s]", "[profile %s]", "[ profile  %s ]", "[profile\t%s] # mine", "[profile \"%s\"]", "  [profile %s]", "[profile %s", "[Profile %s]")
	})
	f.CredentialsText = oddText(r, func(string) string {
		return pick(r, "[%s]", "[%s]", "[%s] ; mine", "[ %s ]", "[profile %s]", "%s]")
	})
	if r.IntN(5) > 0 { // most roles stand on something
		f.CredentialsText = "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = made-up\n" + f.CredentialsText
	}
	return f
}

func pick(r *rand.Rand, s ...string) string { return s[r.IntN(len(s))] }

var oddNames = []string{"prod", "prod", "dev", "base", "base", "default", "my x", "über", "a/b@c", "x#1", "-x", "prod.eu"}

func oddText(r *rand.Rand, header func(string) string) string {
	var b strings.Builder
	if r.IntN(20) == 0 {
		b.WriteString("\ufeff")
	}
	eol := pick(r, "\n", "\n", "\n", "\r\n")
	for range r.IntN(3) {
		b.WriteString(pick(r, "", "# a comment", "; another", "role_arn = homeless") + eol)
	}
	for range r.IntN(6) {
		name := pick(r, oddNames...)
		h := header(name)
		if strings.Contains(h, "%s") {
			h = fmt.Sprintf(h, name)
		}
		b.WriteString(h + eol)
		indent := pick(r, "", "", "", "", "  ", "\t")
		whole := r.IntN(3) > 0 // a role, with odd lines between
		for i := range r.IntN(8) {
			line := oddLine(r, name)
			if whole && i < 2 {
				line = []string{"role_arn = arn:aws:iam::123456789012:role/Admin", "source_profile = base"}[i]
			}
			if r.IntN(12) == 0 {
				line = pick(r, " ", "    ", "\t") + line
			}
			end := eol
			if r.IntN(40) == 0 {
				end = pick(r, "\n", "\r\n", "\r")
			}
			b.WriteString(indent + line + end)
		}
	}
	text := b.String()
	if r.IntN(4) == 0 {
		text = strings.TrimRight(text, "\r\n")
	}
	return text
}

func oddLine(r *rand.Rand, name string) string {
	if r.IntN(4) == 0 {
		return pick(r, "", "", "# comment", "\t", "; role_arn = off", "s3 =", "  max_concurrent_requests = 20", "    role_arn = nested",
			"no delimiter", "= nothing", "{", "\"Version\": 1", "  more of it", "caf\xe9 = 1", "nul = a\x00b", "x y = z", "role_arn", "role_arn =")
	}
	key := pick(r, "role_arn", "role_arn", "role_arn", "source_profile", "source_profile", "source_profile", "external_id", "mfa_serial",
		"duration_seconds", "role_session_name", "credential_process", "region", "output", "web_identity_token_file", "sso_session",
		"credential_source", "aws_access_key_id", "aws_secret_access_key", "include_profile", "granted_sso_region", "vegas_role_arn",
		"adopted", "was_role_arn", "policy_arns", "login_session", "credentials_duration", "aws_session_token", "aws_mfa_device")
	value := oddValue(r, key, name)
	if key == "adopted" || strings.HasPrefix(key, "was_") || !strings.HasPrefix(key, "aws_") && r.IntN(8) == 0 {
		key = awsconfig.Prefix + key
	}
	switch r.IntN(12) {
	case 0:
		key = strings.ToUpper(key)
	case 1:
		key = strings.ToUpper(key[:1]) + key[1:]
	}
	return key + pick(r, " = ", " = ", " = ", "=", "\t=\t", ": ", "  =") + value + pick(r, "", "", "", "", " ", " # why", "\t; why")
}

func oddValue(r *rand.Rand, key, name string) string {
	switch strings.TrimPrefix(key, "vegas_") {
	case "role_arn":
		return "arn:aws:iam::123456789012:role/" + pick(r, "Admin", "Reader")
	case "source_profile", "include_profile":
		return pick(r, "base", "base", "base", "default", name)
	case "mfa_serial", "aws_mfa_device":
		return "arn:aws:iam::123456789012:mfa/alice"
	case "duration_seconds":
		return pick(r, "900", "3600", "43200")
	case "credential_process":
		return pick(r, "/opt/other", helper+" "+name, helper+" "+name, helper+" elsewhere", "understudy-credentials --profile "+name, "aws-vault export "+name, "vegas-credentials assume")
	case "aws_access_key_id":
		return "AKIAIOSFODNN7EXAMPLE"
	case "aws_secret_access_key", "aws_session_token":
		return "made-up"
	case "adopted":
		return pick(r, "understudy_role_arn", "+role_arn", "+credential_process")
	case "credentials_duration":
		return "2h"
	}
	return pick(r, "a", "b c", "a#b", "\"q\"", "")
}
