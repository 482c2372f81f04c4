package adopt

import (
	"strconv"
	"time"

	"understudy/internal/awsconfig"
)

// fromRunas translates the lengths that aws-runas takes as Go durations. Its
// sign-in with SAML or OIDC has no equivalent that could be written here.
func fromRunas(_ [2]*awsconfig.Draft, s *subject) (t translation) {
	for _, k := range [][2]string{{"credentials_duration", "duration_seconds"}, {"session_token_duration", "mfa_session_seconds"}} {
		d, err := time.ParseDuration(s.value(k[0]))
		if err == nil && d >= time.Second && t.set(s, k[1], strconv.Itoa(int(d/time.Second))) {
			t.tool = "aws-runas"
			t.notes = append(t.notes, "lasts as long as "+k[0]+" says: "+k[1]+" = "+strconv.Itoa(int(d/time.Second)))
		}
	}
	t.without(s, "is aws-runas's sign-in and has no equivalent: name a command with understudy_saml_process", "saml_auth_url")
	t.without(s, "is aws-runas's sign-in and has no equivalent: name a command with understudy_web_identity_token_process", "web_identity_auth_url")
	t.without(s, "has no equivalent: give the role a profile, and name it with source_profile", "jump_role", "jump_role_arn")
	return t
}
