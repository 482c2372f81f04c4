package adopt

import "understudy/internal/awsconfig"

// fromGranted translates the profiles that `granted sso generate` writes: the
// keys of an Identity Center profile with a prefix of granted's own, and granted
// as the credential_process.
func fromGranted(_ [2]*awsconfig.Draft, s *subject) (t translation) {
	command := s.value(process)
	if command != "" && program(command) != "granted" && program(command) != "dgranted" {
		return t
	}
	for _, k := range []string{"sso_start_url", "sso_region", "sso_account_id", "sso_role_name"} {
		t.add(s, "granted_"+k, k)
	}
	if len(t.added) < 4 { // not a whole one: granted stays what is run
		return translation{}
	}
	t.tool, t.off = "granted", []string{process}
	t.without(s, "is granted's alone: access that has to be requested is not requested here", "granted_registry_url")
	t.notes = append(t.notes, "asks Identity Center itself, not granted, whose keys stay for `assume`")
	return t
}
