package source

import (
	"strings"

	"understudy/internal/awsconfig"
)

// defaultRegion is where STS is asked for a role of the partition when no
// profile names a region; empty for a partition that is not known.
func defaultRegion(partition string) string {
	switch partition {
	case "aws":
		return "us-east-1"
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-iso":
		return "us-iso-east-1"
	case "aws-iso-b":
		return "us-isob-east-1"
	case "aws-iso-e":
		return "eu-isoe-west-1"
	case "aws-iso-f":
		return "us-isof-south-1"
	case "aws-eusc":
		return "eusc-de-east-1"
	}
	return ""
}

// isRegion holds the shape of a region's name, so that a slip of the pen is
// told as one and not as a host that cannot be found: words of lower-case
// letters and digits with dashes between, the last a number or "global".
func isRegion(s string) bool {
	words := strings.Split(s, "-")
	if len(words) < 2 || len(s) > 63 {
		return false
	}
	for _, w := range words {
		if w == "" || w == "fips" || strings.ContainsFunc(w, func(r rune) bool { return !isLower(r) && !isDigit(r) }) {
			return false
		}
	}
	last := words[len(words)-1]
	return isLower(rune(s[0])) && (last == "global" || !strings.ContainsFunc(last, func(r rune) bool { return !isDigit(r) }))
}

// regionBelow finds the region of p or of the profiles that sign for it. A
// source_profile beside keys signs nothing and may lead back: what stands in a
// plan makes no loop, what is written may.
func (b *builder) regionBelow(p profile) awsconfig.Value {
	for seen := map[string]bool{}; !seen[p.name]; {
		seen[p.name] = true
		if v, ok := p.value("region"); ok {
			return v
		}
		from, ok := p.value("source_profile")
		if !ok {
			break
		}
		section, ok := b.cfg.Profile(from.Text)
		if !ok {
			break
		}
		p = profile{Profile: section, name: from.Text}
	}
	return awsconfig.Value{}
}
