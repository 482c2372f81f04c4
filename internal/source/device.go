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

// device is an MFA device, and how its codes are had.
type device struct {
	serial  string
	profile string // whose keys it belongs to, for people
	login   string // the profile to log in with: only what wants the session may name the device
	process string // prints a code; "" where a person types it
	totp    func(ctx context.Context, serial string) (prompt.Answer, error)
}

// about is what questions about the device are about.
func (d *device) about() string { return "mfa " + d.serial }

// automatic reports whether its codes come without a person.
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

// device returns the MFA device that goes with keys of base when p wants a
// session: what p says counts before what base says. nil where neither names
// one.
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
			return nil, wrong(process, "stands without mfa_serial", "write understudy_mfa_serial and the device's ARN beside it: aws iam list-mfa-devices")
		}
		return nil, nil
	}
	if !isSerial(v.Text) {
		return nil, wrong(v, fmt.Sprintf("= %q is no MFA device", brief(v.Text)), "write its ARN, arn:aws:iam::123456789012:mfa/NAME, or a hardware device's serial number")
	}
	d := &device{serial: v.Text, profile: base.name, login: p.name, process: process.Text}
	if t, ok := first("totp"); ok && !hasProcess {
		if t.Text != "keychain" {
			return nil, wrong(t, fmt.Sprintf("= %q", brief(t.Text)), "write keychain, or take the line out")
		}
		d.totp = b.r.TOTP
		if d.totp == nil {
			return nil, wrong(t, "cannot be used: sessions and seeds are not kept in the keychain here", "set store = auto or keychain, or take the line out")
		}
	}
	return d, nil
}

// isSerial holds STS's own rule for SerialNumber.
func isSerial(s string) bool {
	return len(s) >= 9 && len(s) <= 256 && !strings.ContainsFunc(s, func(r rune) bool { return !isNameRune(r) && r != ':' && r != '/' })
}

// withDevice decides how MFA comes into the session of a role that s signs for:
// by default s becomes the MFA session of the keys, which all roles on them
// share; with mfa_session = direct the code goes along with AssumeRole, and d is
// whose.
func (b *builder) withDevice(p profile, s signer, partition string) (_ signer, d *device, err error) {
	if s.plan != nil {
		if v, ok := p.value("mfa_serial"); ok && prefixed(v) {
			return s, nil, wrong(v, "stands in a profile that a role's session signs for, and only keys have an MFA device",
				"write it into the profile whose keys are at the beginning of the chain")
		}
		return s, nil, nil
	}
	section, _ := b.cfg.Profile(s.profile)
	base := profile{Profile: section, name: s.profile}
	if d, err = b.device(p, base); err != nil || d == nil {
		return s, nil, err
	}
	if s.temporary {
		// Keys that another tool fetched, with a code most likely; STS takes no
		// second one for them.
		b.r.said.once("temporary with mfa "+p.name, func() {
			b.r.Log.Info("the keys are temporary, so no MFA code is asked for", "profile", s.profile)
		})
		return s, nil, nil
	}
	direct, err := isDirect(p, base)
	if err != nil || direct {
		return s, d, err
	}
	base.behind = p.Profile
	plan, err := b.mfaSession(s, d, base, partition)
	if err != nil {
		return s, nil, err
	}
	return signer{
		plan: plan, profile: s.profile, phrase: "MFA session of " + s.profile, region: s.region, temporary: true,
	}, nil, nil
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
	return false, wrong(v, fmt.Sprintf("= %q", brief(v.Text)), "write shared or direct")
}

// mfaSession makes the plan of the session that GetSessionToken gives for keys
// and a code. p says where it is fetched and how long it lasts, so that every
// role on the keys shares it.
func (b *builder) mfaSession(s signer, d *device, p profile, partition string) (*credential.Plan, error) {
	life := keySession
	for _, key := range []string{"mfa_session_seconds", "duration_seconds"} {
		v, ok := p.value(key)
		if key == "duration_seconds" {
			v, ok = p.Get(key) // a role's own says nothing of this session
		}
		if ok && v.Text != "" {
			var err error
			if life, err = parseDuration(v, keySessionMin, keySessionMax); err != nil {
				return nil, err
			}
			break
		}
	}
	to, err := b.site(p, awsconfig.Value{}, partition)
	if err != nil {
		return nil, err
	}
	c := &call{
		r: b.r, to: to, signer: s, at: p.At(), keyLife: life, device: d,
		what: fmt.Sprintf("get session token with MFA for keys of %q", s.profile),
	}
	return c.asPlan(s.profile, "MFA session of "+strings.TrimPrefix(s.phrase, "session of ")), nil
}

// codeTries is how often a code is sent for one session.
const codeTries = 3
