package source

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"understudy/internal/awsconfig"
	"understudy/internal/stamp"
)

const (
	maxPolicy     = 2048 // characters, STS's limit
	maxPolicyARNs = 10
	maxPolicyFile = 64 << 10 // bytes
)

// policy returns the inline session policy: the value itself if it is JSON, else
// the content of the file that it names. It is passed on as written, without the
// space around it.
func (b *builder) policy(v awsconfig.Value) (string, error) {
	text, from := v.Text, "the policy"
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		path, err := absolute(v)
		if err != nil {
			return "", err
		}
		content, read, err := stamp.Read(path, maxPolicyFile)
		if err != nil {
			return "", badValue(v, fmt.Sprintf("names a file that cannot be used: %v", err), "write the policy as JSON, or the path of a file that holds it")
		}
		b.read = append(b.read, read)
		text, from = string(content), path
	}
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case !json.Valid([]byte(text)) || !strings.HasPrefix(text, "{"):
		return "", badValue(v, from+" is not a JSON object", `write it as {"Version":"2012-10-17","Statement":[...]}`)
	case n > maxPolicy:
		return "", badValue(v, fmt.Sprintf("%s has %d characters", from, n),
			fmt.Sprintf("STS takes %d at most; take out spaces, or use policy_arns", maxPolicy))
	}
	return text, nil
}

// parsePolicyARNs reads policy_arns: ARNs with commas between.
func parsePolicyARNs(v awsconfig.Value) ([]string, error) {
	var arns []string
	for item := range strings.SplitSeq(v.Text, ",") {
		arn := strings.TrimSpace(item)
		if !isPolicyARN(arn) {
			return nil, badValue(v, fmt.Sprintf("has %q, which is not the ARN of a managed policy", brief(arn)),
				"write it as arn:aws:iam::123456789012:policy/NAME or arn:aws:iam::aws:policy/NAME")
		}
		arns = append(arns, arn)
	}
	if len(arns) > maxPolicyARNs {
		return nil, badValue(v, fmt.Sprintf("has %d ARNs", len(arns)), fmt.Sprintf("STS takes %d at most", maxPolicyARNs))
	}
	return arns, nil
}
