package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// assume is what an AssumeRole asks for, its parameters checked one by one.
type assume struct {
	roleARN        string
	sessionName    string
	externalID     string
	sourceIdentity string
	duration       time.Duration
	policy         string
	policyARNs     []string
	tags           []tag
	transitive     []string
}

type tag struct{ key, value string }

var (
	nameShape     = regexp.MustCompile(`^[\w+=,.@-]*$`)
	externalShape = regexp.MustCompile(`^[\w+=,.@:/-]*$`)
	roleShape     = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]*[\w+=,.@-]$`)
	policyShape   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\w+=,.@/-]+$`)
	tagShape      = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`)
)

const (
	minDuration  = 900   // seconds
	maxDuration  = 43200 // seconds, of a role session
	packedBudget = 4096  // characters of policies and tags together, about what STS packs
)

// parseAssume reads and checks the parameters. Its error is a *refusal.
func parseAssume(v url.Values) (*assume, error) {
	a, err := parseSession(v, []field{
		{"RoleSessionName", "roleSessionName", 2, 64, nameShape, true},
		{"ExternalId", "externalId", 2, 1224, externalShape, false},
		{"SourceIdentity", "sourceIdentity", 2, 64, nameShape, false},
	})
	if err != nil {
		return nil, err
	}
	a.externalID, a.sourceIdentity = v.Get("ExternalId"), v.Get("SourceIdentity")
	if a.tags, a.transitive, err = parseTags(v); err != nil {
		return nil, err
	}
	return a, a.checkSize()
}

// parseSession reads what every way to assume a role has, with the fields that
// only one has. Its error is a *refusal.
func parseSession(v url.Values, own []field) (*assume, error) {
	a := &assume{roleARN: v.Get("RoleArn"), sessionName: v.Get("RoleSessionName"), policy: v.Get("Policy")}
	for _, f := range append([]field{
		{"RoleArn", "roleArn", 20, 2048, nil, true},
		{"Policy", "policy", 1, 2048, nil, false},
	}, own...) {
		if err := f.check(v); err != nil {
			return nil, err
		}
	}
	if !roleShape.MatchString(a.roleARN) {
		return nil, invalid("%s is invalid", a.roleARN)
	}
	var err error
	if a.duration, err = parseDuration(v, 3600, maxDuration); err != nil {
		return nil, err
	}
	if a.policy != "" && !looksLikePolicy(a.policy) {
		return nil, refuse(http.StatusBadRequest, "MalformedPolicyDocument", "This policy contains invalid Json")
	}
	if a.policyARNs, err = parsePolicyARNs(v); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *assume) checkSize() error {
	if n := a.packedSize(); n > 100 {
		return refuse(http.StatusBadRequest, "PackedPolicyTooLarge", "Packed policy consumes %d%% of allotted space, please use smaller policy.", n)
	}
	return nil
}

// field is a text parameter and the bounds AWS sets for it.
type field struct {
	name, member string
	least, most  int
	shape        *regexp.Regexp
	required     bool
}

func (f field) check(v url.Values) error {
	text := v.Get(f.name)
	if !v.Has(f.name) {
		if f.required {
			return constraint(nil, f.member, "not be null")
		}
		return nil
	}
	switch n := len([]rune(text)); {
	case n < f.least:
		return constraint(text, f.member, "have length greater than or equal to "+strconv.Itoa(f.least))
	case n > f.most:
		return constraint(text, f.member, "have length less than or equal to "+strconv.Itoa(f.most))
	case f.shape != nil && !f.shape.MatchString(text):
		return constraint(text, f.member, "satisfy regular expression pattern: "+strings.Trim(f.shape.String(), "^$"))
	}
	return nil
}

// parseDuration reads DurationSeconds; def and most are seconds.
func parseDuration(v url.Values, def, most int) (time.Duration, error) {
	seconds := def
	if text := v.Get("DurationSeconds"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return 0, refuse(http.StatusBadRequest, "MalformedInput", "DurationSeconds is not an integer")
		}
		seconds = n
	}
	switch {
	case seconds < minDuration:
		return 0, constraint(seconds, "durationSeconds", "have value greater than or equal to "+strconv.Itoa(minDuration))
	case seconds > most:
		return 0, constraint(seconds, "durationSeconds", "have value less than or equal to "+strconv.Itoa(most))
	}
	return time.Duration(seconds) * time.Second, nil
}

// looksLikePolicy asks for a JSON object with a Statement; the rest of IAM's
// grammar is not checked.
func looksLikePolicy(text string) bool {
	var doc map[string]json.RawMessage
	return json.Unmarshal([]byte(text), &doc) == nil && len(doc["Statement"]) > 0
}

// packedSize is the share of the packed budget in use, in percent, at least 1
// when anything is.
func (a *assume) packedSize() int {
	n := len(a.policy)
	for _, arn := range a.policyARNs {
		n += len(arn)
	}
	for _, t := range a.tags {
		n += len(t.key) + len(t.value)
	}
	return (n*100 + packedBudget - 1) / packedBudget
}
