package adopt

import "understudy/internal/awsconfig"

// fromVegas translates the profiles of vegas-credentials: a role and its source
// with a prefix of their own. The codes may come from a Yubikey that the source
// profile names.
func fromVegas(drafts [2]*awsconfig.Draft, s *subject) (t translation) {
	if !s.has("vegas_role_arn") || program(s.value(process)) != "vegas-credentials" && s.has(process) {
		return t
	}
	t.tool, t.off = "vegas-credentials", []string{process}
	t.add(s, "vegas_role_arn", "role_arn")
	t.add(s, "vegas_source_profile", "source_profile")
	source := subjectOf(drafts, s.value("vegas_source_profile"))
	if key := source.value("vegas_yubikey_serial"); key != "" {
		label := source.value("vegas_yubikey_label")
		if label == "" {
			label = source.value("mfa_serial")
		}
		if awsconfig.OneWord(key) && awsconfig.OneWord(label) && !source.has("mfa_process") {
			t.set(s, "mfa_process", "ykman --device "+key+" oath accounts code --single "+label)
			t.notes = append(t.notes, "codes come from the Yubikey "+key+" through ykman")
		} else {
			t.without(source, "is not translated: write understudy_mfa_process with the command that prints a code", "vegas_yubikey_serial")
		}
	}
	t.notes = append(t.notes, "assumes the role itself; the keys of vegas-credentials stay")
	return t
}
