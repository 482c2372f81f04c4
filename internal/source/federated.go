package source

import (
	"fmt"
	"os"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
)

// webIdentity makes the plan of a profile with a token of an identity provider:
// AssumeRoleWithWebIdentity, which nobody signs.
func webIdentity(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	prove := &proof{kind: token, from: by}
	if file, ok := p.value("web_identity_token_file"); ok && file == by {
		path, err := absolute(by)
		if err != nil {
			return nil, err
		}
		prove.file = path
	}
	return federated(b, p, prove, "role via web identity", "external_id", "source_identity", "session_tags", "transitive_session_tags")
}

// saml makes the plan of a profile with a command that prints a SAML assertion:
// AssumeRoleWithSAML. The session's name is in the assertion.
func saml(b *builder, p profile, by awsconfig.Value) (*credential.Plan, error) {
	prove := &proof{kind: assertion, from: by}
	if v, ok := p.value("saml_provider_arn"); ok {
		if !isProviderARN(v.Text) {
			return nil, wrong(v, fmt.Sprintf("= %q is not the ARN of a SAML provider", brief(v.Text)),
				"write it as arn:aws:iam::123456789012:saml-provider/NAME, or leave it out where the assertion names it")
		}
		prove.provider = v.Text
	}
	return federated(b, p, prove, "role via SAML", "role_session_name",
		"external_id", "source_identity", "session_tags", "transitive_session_tags")
}

// federated makes the plan of a role that is assumed with a proof. The keys of
// without have no place in that call.
func federated(b *builder, p profile, prove *proof, phrase string, without ...string) (*credential.Plan, error) {
	by, ok := p.value("role_arn")
	if !ok {
		return nil, wrong(prove.from, "needs role_arn beside it", "write understudy_role_arn = arn:aws:iam::123456789012:role/NAME into the profile")
	}
	arn, err := parseRoleARN(by)
	if err != nil {
		return nil, err
	}
	for _, k := range without {
		if v, ok := p.value(k); ok && prefixed(v) {
			return nil, wrong(v, fmt.Sprintf("has no place in a call with a %s", prove.kind), "take the line out: "+inProof(prove.kind, k))
		}
	}
	ask, err := b.request(p, arn, without...)
	if err != nil {
		return nil, err
	}
	if prove.kind == assertion {
		ask.sessionName = ""
	}
	to, err := b.site(p, awsconfig.Value{}, arn.partition)
	if err != nil {
		return nil, err
	}
	c := &call{r: b.r, to: to, proof: prove, what: fmt.Sprintf("assume role %q", arn.text), at: p.At(), role: ask}
	plan := c.asPlan(p.name, phrase)
	plan.Runs = prove.file == ""
	if prove.file != "" {
		now := stampOf(prove.file)
		b.read = append(b.read, now)
		plan.Stamp = now.String()
	}
	return plan, nil
}

// inProof says where what a key would say comes from instead.
func inProof(kind proofKind, key string) string {
	if key == "external_id" {
		return "the role's trust policy looks at the " + string(kind) + " itself"
	}
	return "the identity provider says it in the " + string(kind)
}

// stampOf looks at a file that may not be there.
func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{path: path}
	}
	return stamp{path, info}
}
