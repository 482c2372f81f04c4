package source

import (
	"fmt"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/stamp"
)

// webIdentity makes the plan of a profile with a token of an OpenID Connect
// provider: AssumeRoleWithWebIdentity, which is not signed.
func webIdentity(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	with := &bearer{kind: token, from: by}
	if file, ok := p.value("web_identity_token_file"); ok && file == by {
		path, err := absolute(by)
		if err != nil {
			return nil, err
		}
		with.file = path
	}
	return federated(b, p, with, "role via web identity", "external_id", "source_identity", "session_tags", "transitive_session_tags")
}

// saml makes the plan of a profile with a command that prints a SAML assertion:
// AssumeRoleWithSAML. The assertion has the name of the session.
func saml(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	with := &bearer{kind: assertion, from: by}
	if v, ok := p.value("saml_provider_arn"); ok {
		if !isProviderARN(v.Text) {
			return nil, badValue(v, fmt.Sprintf("= %q is not the ARN of a SAML provider", brief(v.Text)),
				"write it as arn:aws:iam::123456789012:saml-provider/NAME, or leave it out where the assertion names it")
		}
		with.provider = v.Text
	}
	return federated(b, p, with, "role via SAML", "role_session_name",
		"external_id", "source_identity", "session_tags", "transitive_session_tags")
}

// federated makes the plan of a role that is assumed with a token or an assertion.
// The call takes none of the keys in without.
func federated(b *builder, p profile, with *bearer, description string, without ...string) (*credential.Plan, error) {
	by, ok := p.value("role_arn")
	if !ok {
		return nil, badValue(with.from, "needs role_arn beside it", "write understudy_role_arn = arn:aws:iam::123456789012:role/NAME into the profile")
	}
	arn, err := parseRoleARN(by)
	if err != nil {
		return nil, err
	}
	for _, k := range without {
		if v, ok := p.value(k); ok && prefixed(v) {
			return nil, badValue(v, fmt.Sprintf("has no place in a call with a %s", with.kind), "take the line out: "+inBearer(with.kind, k))
		}
	}
	ask, err := b.assumeRole(p, arn, without...)
	if err != nil {
		return nil, err
	}
	if with.kind == assertion {
		ask.sessionName = ""
	}
	to, err := b.endpoint(p, awsconfig.Value{}, arn.partition)
	if err != nil {
		return nil, err
	}
	with.role = arn.text
	c := &call{r: b.r, to: to, signer: with, op: ask, what: fmt.Sprintf("assume role %q", arn.text), at: p.At()}
	plan := c.plan(p.name, description)
	if with.file != "" {
		now := stamp.Of(with.file)
		b.read = append(b.read, now)
		plan.Stamp = now.String()
	}
	return plan, nil
}

// inBearer says where the value of a key comes from instead.
func inBearer(kind bearerKind, key string) string {
	if key == "external_id" {
		return "the role's trust policy looks at the " + string(kind) + " itself"
	}
	return "the identity provider says it in the " + string(kind)
}
