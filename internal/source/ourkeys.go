package source

import (
	"slices"
	"strings"
	"sync"

	"understudy/internal/awsconfig"
)

// sharedKeys are the keys that more than one source reads.
const sharedKeys = `
	mfa_serial mfa_process mfa_session_seconds totp
	role_session_name duration_seconds source_identity session_tags transitive_session_tags policy policy_arns
	region endpoint_url services ignore_configured_endpoint_urls sts_regional_endpoints ca_bundle
	use_fips_endpoint use_dualstack_endpoint output`

// known is what ourKeys returns. It is made once: every plan asks for it.
var known struct {
	once sync.Once
	keys []string
}

// ourKeys returns the keys that may have our prefix: all that a source reads, but
// for those with AWS's own prefix.
func ourKeys() []string {
	known.once.Do(func() {
		all := strings.Fields(sharedKeys)
		for _, m := range makers() {
			all = append(append(all, m.keys...), strings.Fields(m.reads)...)
		}
		known.keys = slices.DeleteFunc(all, func(key string) bool { return strings.HasPrefix(key, "aws_") })
	})
	return known.keys
}

// checkKeys returns an error for the first prefixed key of p that is none of ours.
// If it were ignored, a mistyped policy would give a session without limits.
func checkKeys(p profile) error {
	known := ourKeys()
	for _, v := range p.Prefixed() {
		key := strings.TrimPrefix(strings.ToLower(v.Key), awsconfig.Prefix)
		if slices.Contains(known, key) || isAdopted(v.Key) {
			continue
		}
		hint := "docs/configuration.md lists the keys"
		if near := awsconfig.Nearest(key, known); len(near) > 0 {
			hint = "did you mean " + awsconfig.Prefix + near[0] + "?"
		}
		return badValue(v, "is not a key of understudy", hint)
	}
	return nil
}

// isAdopted reports whether adopt wrote the key, to be able to undo itself.
func isAdopted(key string) bool {
	key = strings.ToLower(key)
	return key == awsconfig.Adopted || strings.HasPrefix(key, awsconfig.Was)
}
