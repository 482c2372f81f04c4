package adopt

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// process is how SDKs reach us, and others.
const process = "credential_process"

// actedOn are the keys that some SDK acts on, or refuses the profile for, beside
// credential_process.
func actedOn(key string) bool {
	return slices.Contains([]string{
		"role_arn", "source_profile", "credential_source", "external_id", "mfa_serial", "role_session_name", "duration_seconds",
		"web_identity_token_file", "sso_session", "sso_account_id", "sso_role_name", "sso_start_url", "sso_region", "login_session",
	}, key)
}

// moves reports whether a key gets the prefix, and loses it.
func moves(key string) bool { return key == process || actedOn(key) }

// isStatic reports whether a key is part of a static one, which every SDK but
// Java's takes before credential_process.
func isStatic(key string) bool {
	return slices.Contains([]string{"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"}, key)
}

// FitsCommand reports whether a program's path can stand in a credential_process
// so that every SDK runs it.
func FitsCommand(path string) bool {
	if runtime.GOOS == "windows" {
		path = strings.ReplaceAll(path, `\`, "/")
	}
	return awsconfig.OneWord(path)
}

// command is the value of credential_process that asks for a profile.
func (m *Mover) command(profile string) string { return m.Helper + " " + profile }

// no says why a profile is left as it is.
func no(hint, format string, args ...any) *credential.Failure {
	return &credential.Failure{Code: wire.BadConfig, Reason: fmt.Sprintf(format, args...), Hint: hint}
}

// bare is a key in small letters and without our prefix.
func bare(key string) (name string, prefixed bool) {
	return strings.CutPrefix(strings.ToLower(key), awsconfig.Prefix)
}

// isOurs reports whether a credential_process runs understudy.
func isOurs(command string) bool {
	_, ours := awsconfig.ParseOwn(command)
	return ours
}
