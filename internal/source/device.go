package source

import (
	"context"
	"fmt"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/text"
)

// device is an MFA device, and how to get its codes.
type device struct {
	serial  string
	profile string // the profile of the keys that it belongs to, for messages
	login   string // the profile to log in with, since the profile of the keys may not name the device
	process string // prints a code; empty if the user enters it
	totp    func(ctx context.Context, serial string) (prompt.Answer, error)
}

// about is the About of questions for a code.
func (d *device) about() string { return "mfa " + d.serial }

// automatic reports whether codes need no user interaction.
func (d *device) automatic() bool { return d.process != "" || d.totp != nil }

// question asks for a code.
func (d *device) question() prompt.Question {
	q := prompt.Question{
		About: d.about(), Kind: prompt.Code, Profile: d.profile,
		Text: text.Clean(fmt.Sprintf("MFA code of %s (profile %s)", d.serial, d.profile)),
	}
	switch {
	case d.process != "":
		q.Instead = func(ctx context.Context) (prompt.Answer, error) { return prompt.RunCommand(ctx, d.process) }
	case d.totp != nil:
		q.Instead = func(ctx context.Context) (prompt.Answer, error) { return d.totp(ctx, d.serial) }
	}
	return q
}

// device returns the MFA device for a session of p that the keys of base sign; nil if
// neither names one. Settings of p override those of base.
func (b *builder) device(p, base profile) (*device, error) {
	first := func(key string) (awsconfig.Value, bool) {
		if v, ok := p.value(key); ok {
			return v, true
		}
		return base.value(key)
	}
	process, hasProcess := first("mfa_process")
	v, ok := first("mfa_serial")
	if !ok {
		if hasProcess {
			return nil, badValue(process, "stands without mfa_serial", "write understudy_mfa_serial and the device's ARN beside it: aws iam list-mfa-devices")
		}
		return nil, nil
	}
	if !isSerial(v.Text) {
		return nil, badValue(v, fmt.Sprintf("= %q is no MFA device", brief(v.Text)), "write its ARN, arn:aws:iam::123456789012:mfa/NAME, or a hardware device's serial number")
	}
	d := &device{serial: v.Text, profile: base.name, login: p.name, process: process.Text}
	if t, ok := first("totp"); ok && !hasProcess {
		if t.Text != "keychain" {
			return nil, badValue(t, fmt.Sprintf("= %q", brief(t.Text)), "write keychain, or take the line out")
		}
		d.totp = b.r.TOTP
		if d.totp == nil {
			return nil, badValue(t, "cannot be used: sessions and seeds are not kept in the keychain here", "set store = auto or keychain, or take the line out")
		}
	}
	return d, nil
}

// isSerial applies STS's own rule for SerialNumber.
func isSerial(s string) bool {
	return len(s) >= 9 && len(s) <= 256 && !strings.ContainsFunc(s, func(r rune) bool { return !isNameRune(r) && r != ':' && r != '/' })
}

// withDevice adds MFA to s, which signs for the role of p. By default it returns a
// signing with the MFA session of the keys, which all roles of these keys share. With
// mfa_session = direct the code is sent with AssumeRole.
func (b *builder) withDevice(p profile, s signing, partition string) (signing, error) {
	keys, ok := s.signer.(keySource)
	if !ok {
		if v, ok := p.value("mfa_serial"); ok && prefixed(v) {
			return s, badValue(v, "stands in a profile that a role's session signs for, and only keys have an MFA device",
				"write it into the profile whose keys are at the beginning of the chain")
		}
		return s, nil
	}
	section, _ := b.cfg.Profile(s.profile)
	base := profile{Profile: section, name: s.profile}
	d, err := b.device(p, base)
	if err != nil || d == nil {
		return s, err
	}
	if s.temporary {
		// Another tool got these keys, most likely with an MFA code. STS does not
		// accept a code for temporary keys.
		b.r.logOnce.do("temporary with mfa "+p.name, func() {
			b.r.Log.Info("the keys are temporary, so no MFA code is asked for", "profile", s.profile)
		})
		return s, nil
	}
	direct, err := isDirect(p, base)
	if err != nil {
		return s, err
	}
	if direct {
		s.signer = deviceCode{keySource: keys, device: d}
		return s, nil
	}
	base.fallback = p.Profile
	plan, err := b.mfaSession(s, d, base, partition)
	if err != nil {
		return s, err
	}
	return signingSession(plan, s.profile, "MFA session of "+s.profile, s.region), nil
}

func isDirect(p, base profile) (bool, error) {
	v, ok := p.value("mfa_session")
	if !ok {
		v, ok = base.value("mfa_session")
	}
	switch {
	case !ok, v.Text == "shared":
		return false, nil
	case v.Text == "direct":
		return true, nil
	}
	return false, badValue(v, fmt.Sprintf("= %q", brief(v.Text)), "write shared or direct")
}

// mfaSession makes the plan of the session that GetSessionToken gives for keys
// and a code. s must sign with keys. p decides on the endpoint and the duration,
// so that every role on these keys shares the session.
func (b *builder) mfaSession(s signing, d *device, p profile, partition string) (*credential.Plan, error) {
	length := keySessionDefault
	for _, key := range []string{"mfa_session_seconds", "duration_seconds"} {
		v, ok := p.value(key)
		if key == "duration_seconds" {
			v, ok = p.Get(key) // not the fallback: a role's duration is not for this session
		}
		if ok && v.Text != "" {
			var err error
			if length, err = parseDuration(v, keySessionMin, keySessionMax); err != nil {
				return nil, err
			}
			break
		}
	}
	to, err := b.endpoint(p, awsconfig.Value{}, partition)
	if err != nil {
		return nil, err
	}
	c := &call{
		r: b.r, to: to, signer: deviceCode{keySource: s.signer.(keySource), device: d}, op: sessionToken{length}, at: p.At(),
		what: fmt.Sprintf("get session token with MFA for keys of %q", s.profile),
	}
	return c.plan(s.profile, "MFA session of "+strings.TrimPrefix(s.description, "session of ")), nil
}
