package source

import (
	"fmt"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/wire"
)

// wrong says that a value in the configuration cannot be used: where it
// stands, what is the matter, and in the hint what would be right.
func wrong(v awsconfig.Value, problem, right string) error {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: clean(fmt.Sprintf("%s: %s %s", v.At(), v.Key, problem)),
		Hint:   clean(right),
	}
}

// isKey reports whether v is what key says, with or without our prefix.
func isKey(v awsconfig.Value, key string) bool {
	return strings.TrimPrefix(strings.ToLower(v.Key), awsconfig.Prefix) == key
}

// notServed is the maker of every source that this release knows by name only.
func notServed(_ *builder, _ profile, by awsconfig.Value) (*credential.Plan, error) {
	return nil, wrong(by, "is not served by this release",
		"leave this profile to the SDK: take its credential_process out, and "+awsconfig.Prefix+" from its keys; or take this line out where nothing asks for it")
}

// missingSource says that a profile has nothing to get credentials from.
func missingSource(p profile) error {
	return &credential.Failure{
		Code:   wire.BadConfig,
		Reason: clean(fmt.Sprintf("%s: profile %q: missing role_arn, and no keys either", p.At(), p.name)),
		Hint:   "write understudy_role_arn and understudy_source_profile into the profile, or run: aws configure --profile " + p.name,
	}
}
