package source

import (
	"fmt"
	"strings"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
)

// STS's limits on session tags, in characters.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// parseTags reads session_tags: k=v,k=v. The first = ends the key, so that a
// value may have one. A comma cannot be part of either.
func parseTags(v awsconfig.Value) ([]aws.Tag, error) {
	const hint = "write it as key=value,key=value"
	var tags []aws.Tag
	seen := make(map[string]bool)
	for item := range strings.SplitSeq(v.Text, ",") {
		key, value, ok := strings.Cut(item, "=")
		t := aws.Tag{Key: strings.TrimSpace(key), Value: strings.TrimSpace(value)}
		switch {
		case !ok:
			return nil, badValue(v, fmt.Sprintf("has %q, which is not key=value", brief(item)), hint)
		case !isTagKey(t.Key):
			return nil, badValue(v, fmt.Sprintf("has the key %q", brief(t.Key)), tagKeyRule)
		case !isTagText(t.Value, 0, maxTagValue):
			return nil, badValue(v, fmt.Sprintf("has a value for %q that no tag may hold", brief(t.Key)),
				fmt.Sprintf("a value is up to %d letters, digits, spaces and _.:/=+-@", maxTagValue))
		case seen[strings.ToLower(t.Key)]:
			return nil, badValue(v, fmt.Sprintf("has the key %q twice; STS takes no account of case", brief(t.Key)), "keep one of them")
		}
		seen[strings.ToLower(t.Key)] = true
		tags = append(tags, t)
	}
	if len(tags) > maxTags {
		return nil, badValue(v, fmt.Sprintf("has %d tags", len(tags)), fmt.Sprintf("STS takes %d at most", maxTags))
	}
	return tags, nil
}

// parseTagKeys reads transitive_session_tags: k,k.
func parseTagKeys(v awsconfig.Value) ([]string, error) {
	var keys []string
	for item := range strings.SplitSeq(v.Text, ",") {
		key := strings.TrimSpace(item)
		if !isTagKey(key) {
			return nil, badValue(v, fmt.Sprintf("has the key %q", brief(key)), tagKeyRule)
		}
		keys = append(keys, key)
	}
	if len(keys) > maxTags {
		return nil, badValue(v, fmt.Sprintf("has %d keys", len(keys)), fmt.Sprintf("STS takes %d at most", maxTags))
	}
	return keys, nil
}

const tagKeyRule = "a key is 1 to 128 letters, digits, spaces and _.:/=+-@, and does not begin with aws:"

func isTagKey(key string) bool {
	return isTagText(key, 1, maxTagKey) && !strings.HasPrefix(strings.ToLower(key), "aws:")
}
