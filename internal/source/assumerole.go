package source

import (
	"fmt"
	"slices"
	"time"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
)

// The limits of AssumeRole; the default is STS's own.
const (
	roleSessionDefault = time.Hour
	roleSessionMin     = 15 * time.Minute
	roleSessionMax     = 12 * time.Hour
)

// assumeRole is AssumeRole with its checked parameters, or the call that does the
// same for a token or an assertion.
type assumeRole struct {
	arn            roleARN
	sessionName    string
	externalID     string
	externalAt     string // file:line of externalID
	sourceIdentity string
	length         time.Duration
	policy         string
	policyARNs     []string
	tags           []aws.Tag
	transitive     []string
}

// assumeRole reads the parameters of AssumeRole from the profile, except for the
// keys in without, which the call does not take.
func (b *builder) assumeRole(p profile, arn roleARN, without ...string) (*assumeRole, error) {
	ask := &assumeRole{arn: arn, sessionName: b.r.SessionName, length: roleSessionDefault}
	if ask.sessionName == "" {
		ask.sessionName = b.r.defaultName()
	}
	for _, k := range []struct {
		key  string
		read func(awsconfig.Value) error
	}{
		{"role_session_name", named(&ask.sessionName)},
		{"source_identity", named(&ask.sourceIdentity)},
		{"external_id", func(v awsconfig.Value) error {
			if !isExternalID(v.Text) {
				return badValue(v, "is not an external ID", "2 to 1224 letters, digits and _+=,.@:/-")
			}
			ask.externalID, ask.externalAt = v.Text, v.At()
			return nil
		}},
		{"duration_seconds", func(v awsconfig.Value) (err error) {
			ask.length, err = parseDuration(v, roleSessionMin, roleSessionMax)
			return err
		}},
		{"session_tags", func(v awsconfig.Value) (err error) {
			ask.tags, err = parseTags(v)
			return err
		}},
		{"transitive_session_tags", func(v awsconfig.Value) (err error) {
			ask.transitive, err = parseTagKeys(v)
			return err
		}},
		{"policy", func(v awsconfig.Value) (err error) {
			ask.policy, err = b.policy(v)
			return err
		}},
		{"policy_arns", func(v awsconfig.Value) (err error) {
			ask.policyARNs, err = parsePolicyARNs(v)
			return err
		}},
	} {
		if v, ok := p.value(k.key); ok && !slices.Contains(without, k.key) {
			if err := k.read(v); err != nil {
				return nil, err
			}
		}
	}
	return ask, nil
}

// named reads a value that must be a name of 2 to 64 characters.
func named(into *string) func(awsconfig.Value) error {
	return func(v awsconfig.Value) error {
		if !isName(v.Text, 2, 64) {
			return badValue(v, fmt.Sprintf("= %q cannot be used", brief(v.Text)), "2 to 64 letters, digits and _+=,.@-")
		}
		*into = v.Text
		return nil
	}
}
