package adopt

import "understudy/internal/awsconfig"

// Candidates returns the profiles that Adopt would have something to do for, or
// has done it for, and those that are nothing but a long-lived key in plain text.
func Candidates(f Files) (roles, keys []string) {
	drafts := begin(f)
	for _, name := range f.Parse().Names() {
		s := subjectOf(drafts, name)
		switch {
		case s.movable() || s.touched():
			roles = append(roles, name)
		case s.has("aws_access_key_id") && !s.has("aws_session_token"):
			if t := translate(drafts, s); t.tool != "" {
				roles = append(roles, name)
			} else {
				keys = append(keys, name)
			}
		default:
			if t := translate(drafts, s); t.tool != "" || len(t.notes) > 0 {
				roles = append(roles, name)
			}
		}
	}
	return roles, keys
}

// Plugged returns the profiles that Release would have something to do for.
func Plugged(f Files) (names []string) {
	drafts := begin(f)
	for _, name := range f.Parse().Names() {
		if subjectOf(drafts, name).touched() {
			names = append(names, name)
		}
	}
	return names
}

// movable reports whether the profile says anything that an SDK gets credentials
// by, static keys aside. A device or a session's name alone is no role.
func (s *subject) movable() bool {
	for _, k := range []string{"role_arn", "web_identity_token_file", "sso_session", "sso_account_id", "sso_start_url", "login_session", process} {
		if s.value(k) != "" || s.value(awsconfig.Prefix+k) != "" {
			return true
		}
	}
	return false
}
