package source

import (
	"fmt"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// badValue is the Failure of a value in the configuration that cannot be used:
// file:line, the problem, and in the hint a value that works.
func badValue(v awsconfig.Value, problem, hint string) error {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: text.Clean(fmt.Sprintf("%s: %s %s", v.At(), v.Key, problem)),
		Hint:   text.Clean(hint),
	}
}

// isKey reports whether v is the value of key, with our prefix or without.
func isKey(v awsconfig.Value, key string) bool {
	return strings.TrimPrefix(strings.ToLower(v.Key), awsconfig.Prefix) == key
}

// missingSource is the Failure of a profile with no way to get credentials.
func missingSource(p profile) error {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: text.Clean(fmt.Sprintf("%s: profile %q: missing role_arn, and no keys either", p.At(), p.name)),
		Hint:   "write understudy_role_arn and understudy_source_profile into the profile, or run: aws configure --profile " + p.name,
	}
}
