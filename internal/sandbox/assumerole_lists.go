package sandbox

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	maxTags       = 50
	maxPolicyARNs = 10
	maxListed     = 200 // members of one list that are looked at
)

// member returns the n-th member's field of a query list, counted from 1:
// Tags.member.1.Key. field is "" for a list of plain strings.
func member(v url.Values, list string, n int, field string) (string, bool) {
	name := list + ".member." + strconv.Itoa(n)
	if field != "" {
		name += "." + field
	}
	return v.Get(name), v.Has(name)
}

func parsePolicyARNs(v url.Values) ([]string, error) {
	var out []string
	for n := 1; n <= maxListed; n++ {
		arn, ok := member(v, "PolicyArns", n, "arn")
		if !ok {
			break
		}
		if !policyShape.MatchString(arn) {
			return nil, invalid("ARN %s is not valid.", arn)
		}
		out = append(out, arn)
	}
	if len(out) > maxPolicyARNs {
		return nil, invalid("1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to %d", maxPolicyARNs)
	}
	return out, nil
}

// parseTags reads the session tags and the keys of those that are transitive.
func parseTags(v url.Values) (tags []tag, transitive []string, err error) {
	seen := make(map[string]bool)
	for n := 1; n <= maxListed; n++ {
		key, ok := member(v, "Tags", n, "Key")
		if !ok {
			break
		}
		value, _ := member(v, "Tags", n, "Value")
		if err := checkTag(n, key, value); err != nil {
			return nil, nil, err
		}
		if seen[strings.ToLower(key)] {
			return nil, nil, invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[strings.ToLower(key)] = true
		tags = append(tags, tag{key, value})
	}
	if len(tags) > maxTags {
		return nil, nil, invalid("1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to %d", maxTags)
	}
	for n := 1; n <= maxListed; n++ {
		key, ok := member(v, "TransitiveTagKeys", n, "")
		if !ok {
			break
		}
		if !seen[strings.ToLower(key)] {
			return nil, nil, invalid("The specified transitive tag key must be included in the requested tags.")
		}
		transitive = append(transitive, key)
	}
	return tags, transitive, nil
}

func checkTag(n int, key, value string) error {
	at := "tags." + strconv.Itoa(n) + ".member."
	switch {
	case key == "":
		return constraint(key, at+"key", "have length greater than or equal to 1")
	case len([]rune(key)) > 128:
		return constraint(key, at+"key", "have length less than or equal to 128")
	case !tagShape.MatchString(key):
		return constraint(key, at+"key", `satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`)
	case strings.HasPrefix(strings.ToLower(key), "aws:"):
		return invalid("Tag keys beginning with aws: are reserved for system use.")
	case len([]rune(value)) > 256:
		return constraint(value, at+"value", "have length less than or equal to 256")
	case !tagShape.MatchString(value):
		return constraint(value, at+"value", `satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*`)
	}
	return nil
}

// checkChain holds what a calling session has laid down: its transitive tags
// and its source identity cannot be changed by the next role.
func (a *assume) checkChain(p *principal) error {
	for _, t := range a.tags {
		if _, taken := p.transitive[strings.ToLower(t.key)]; taken {
			return refuse(http.StatusBadRequest, "InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
	}
	if p.sourceIdentity != "" && a.sourceIdentity != "" && a.sourceIdentity != p.sourceIdentity {
		return notAuthorized("SetSourceIdentity", p, a.roleARN)
	}
	return nil
}

// passedOn are the tags the new session hands to the role after it.
func (a *assume) passedOn(p *principal) map[string]string {
	out := maps.Clone(p.transitive)
	if out == nil {
		out = make(map[string]string)
	}
	for _, t := range a.tags {
		if slices.ContainsFunc(a.transitive, func(k string) bool { return strings.EqualFold(k, t.key) }) {
			out[strings.ToLower(t.key)] = t.value
		}
	}
	return out
}
