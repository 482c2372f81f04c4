package source

import (
	"slices"
	"strings"

	"understudy/internal/awsconfig"
)

// ourKeys are the keys that may have our prefix. Any other key with the prefix is
// an error: if it were ignored, a mistyped policy would give a session without
// limits.
const ourKeys = `
	role_arn source_profile credential_source external_id mfa_serial role_session_name duration_seconds
	web_identity_token_file sso_session sso_account_id sso_role_name sso_start_url sso_region login_session
	region endpoint_url services ignore_configured_endpoint_urls sts_regional_endpoints ca_bundle
	use_fips_endpoint use_dualstack_endpoint output
	mfa_process source_identity session_tags transitive_session_tags policy policy_arns
	web_identity_token_process saml_process saml_provider_arn credential_process
	ec2_metadata_service_endpoint ec2_metadata_service_endpoint_mode ec2_metadata_v1_disabled
	mfa_session mfa_session_seconds totp keys raw`

// checkKeys returns an error for the first prefixed key of p that is none of ours.
func checkKeys(p profile) error {
	known := strings.Fields(ourKeys)
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
