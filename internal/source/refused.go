package source

import (
	"fmt"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// wrong says that a value in the configuration cannot be used: where it
// stands, what is the matter, and in the hint what would be right.
func wrong(v awsconfig.Value, problem, right string) error {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: text.Clean(fmt.Sprintf("%s: %s %s", v.At(), v.Key, problem)),
		Hint:   text.Clean(right),
	}
}

// isKey reports whether v is what key says, with or without our prefix.
func isKey(v awsconfig.Value, key string) bool {
	return strings.TrimPrefix(strings.ToLower(v.Key), awsconfig.Prefix) == key
}

// missingSource says that a profile has nothing to get credentials from.
func missingSource(p profile) error {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: text.Clean(fmt.Sprintf("%s: profile %q: missing role_arn, and no keys either", p.At(), p.name)),
		Hint:   "write understudy_role_arn and understudy_source_profile into the profile, or run: aws configure --profile " + p.name,
	}
}
