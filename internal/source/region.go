package source

import (
	"strings"

	"understudy/internal/awsconfig"
)

// defaultRegion is the region of STS for roles of a partition if no profile names
// one; empty for an unknown partition.
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

// isRegion checks the form of a region's name, so that a typo is reported as one
// and not as an unknown host: words of lower-case letters and digits with dashes
// between, the last one a number or "global".
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

// regionOf finds the region of p, or of the profiles that sign for it. It stops at a
// loop of source_profile: plans have none, but a source_profile next to keys is
// neither used nor checked.
func (b *builder) regionOf(p profile) awsconfig.Value {
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
