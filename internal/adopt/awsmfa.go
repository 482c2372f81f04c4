package adopt

import "understudy/internal/awsconfig"

// longTerm ends the name of the section where aws-mfa has the long-lived key.
const longTerm = "-long-term"

// fromAWSMFA translates what aws-mfa keeps in the credentials file: [x-long-term]
// with the key and the device, and in [x] the session that it last fetched. The
// session is switched off, the device is given to the key, and x becomes another
// name for it, or the role that aws-mfa was told to assume.
func fromAWSMFA(drafts [2]*awsconfig.Draft, s *subject) (t translation) {
	base := subjectOf(drafts, s.name+longTerm)
	if !base.has("aws_mfa_device") || !base.has("aws_access_key_id") || base.touched() {
		return t
	}
	if s.has("aws_access_key_id") && !s.has("aws_session_token") && !s.has("aws_security_token") {
		return t // a key of its own, not what aws-mfa wrote
	}
	t.tool = "aws-mfa"
	t.off = []string{"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"}
	device := base.value("aws_mfa_device")
	t.base = base.name
	if !base.has("mfa_serial") && !base.has(awsconfig.Prefix+"mfa_serial") {
		t.baseAdded = []added{{"mfa_serial", device}}
	}
	role := base.value("assume_role")
	if role == "" && s.value("assumed_role_arn") != "" {
		role = s.value("assumed_role_arn")
	}
	if role != "" {
		t.set(s, "role_arn", role)
		t.set(s, "source_profile", base.name)
		t.notes = append(t.notes, "assumes the role with the key of "+base.name+"; aws-mfa must not write its session here again")
		return t
	}
	t.serves = base.name
	t.notes = append(t.notes, "is served the MFA session of "+base.name+"; aws-mfa must not write its session here again")
	return t
}

// leansOn reports whether s was changed along with the profile above it.
func (s *subject) leansOn(above *subject) bool {
	if _, plugged := s.plugged(); plugged || len(s.parts) == 0 || !s.touched() {
		return false
	}
	line, ok := above.plugged()
	o, _ := awsconfig.ParseOwn(line.Value())
	return ok && (o.Profile == s.name || above.value(awsconfig.Prefix+"source_profile") == s.name)
}
