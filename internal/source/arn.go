package source

import (
	"fmt"
	"strings"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
)

// IAM's limits, in characters.
const (
	maxARN      = 2048
	maxRoleName = 64
	maxRolePath = 512
)

// roleARN is the ARN of an IAM role, and its parts.
type roleARN struct {
	text      string
	partition string // aws, aws-cn or any similar name
	account   string // 12 digits
}

// parseRoleARN reads arn:PARTITION:iam::ACCOUNT:role/PATH/NAME.
func parseRoleARN(v awsconfig.Value) (roleARN, error) {
	a, problem := splitRoleARN(v.Text)
	if problem != "" {
		return roleARN{}, badValue(v, fmt.Sprintf("= %q: %s", brief(v.Text), problem),
			"write it as arn:aws:iam::123456789012:role/NAME")
	}
	return a, nil
}

// splitRoleARN returns the parts of the ARN, or why it is invalid.
func splitRoleARN(text string) (a roleARN, problem string) {
	parts := strings.SplitN(text, ":", 6)
	switch {
	case len(text) > maxARN:
		return a, fmt.Sprintf("longer than %d characters", maxARN)
	case len(parts) != 6 || parts[0] != "arn":
		return a, "not an ARN, which has six parts with colons between"
	case !isPartition(parts[1]):
		return a, fmt.Sprintf("%q is no partition of AWS", parts[1])
	case parts[2] != "iam" || parts[3] != "":
		return a, "not an ARN of IAM, which has iam and no region"
	case !aws.IsAccountID(parts[4]):
		return a, fmt.Sprintf("the account %q is not 12 digits", parts[4])
	}
	path, isRole := strings.CutPrefix(parts[5], "role/")
	if !isRole {
		return a, "not the ARN of a role"
	}
	name := path[strings.LastIndex(path, "/")+1:]
	path = path[:len(path)-len(name)]
	switch {
	case !isName(name, 1, maxRoleName):
		return a, fmt.Sprintf("the role's name %q is not 1 to %d of letters, digits and +=,.@_-", name, maxRoleName)
	case len(path) > maxRolePath || strings.ContainsFunc(path, notVisible):
		return a, fmt.Sprintf("the role's path is not up to %d visible characters", maxRolePath)
	}
	return roleARN{text: text, partition: parts[1], account: parts[4]}, ""
}

// isPolicyARN reports whether text is the ARN of a managed policy, of AWS or of
// an account.
func isPolicyARN(text string) bool {
	parts := strings.SplitN(text, ":", 6)
	if len(text) > maxARN || len(parts) != 6 || strings.ContainsFunc(text, notVisible) {
		return false
	}
	name, isPolicy := strings.CutPrefix(parts[5], "policy/")
	return parts[0] == "arn" && isPartition(parts[1]) && parts[2] == "iam" && parts[3] == "" &&
		(parts[4] == "aws" || aws.IsAccountID(parts[4])) && isPolicy && name != "" && !strings.HasSuffix(name, "/")
}

// isPartition also accepts partitions that do not exist yet.
func isPartition(s string) bool {
	rest, ok := strings.CutPrefix(s, "aws")
	if !ok || len(s) > 32 {
		return false
	}
	for rest != "" {
		word, isNext := strings.CutPrefix(rest, "-")
		end := strings.IndexByte(word, '-')
		if end < 0 {
			end = len(word)
		}
		if !isNext || end == 0 || strings.ContainsFunc(word[:end], func(r rune) bool { return !isLower(r) && !isDigit(r) }) {
			return false
		}
		rest = word[end:]
	}
	return true
}
