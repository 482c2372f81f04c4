package source

import (
	"context"
	"fmt"
	"strings"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/process"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// proof is what a call shows STS in place of a signature: an identity provider's
// token, or its SAML assertion. It is read anew for each call.
type proof struct {
	kind     proofKind
	from     awsconfig.Value // the key that names the file or the command
	file     string          // absolute; empty for a command
	provider string          // ARN of the SAML provider; empty: as the assertion says
}

type proofKind string

const (
	token     proofKind = "web identity token"
	assertion proofKind = "SAML assertion"
)

// longest is STS's limit on a proof, in characters.
func (k proofKind) longest() int {
	if k == assertion {
		return 100_000
	}
	return 20_000
}

const shortestProof = 4

// slackAround is what a file or a command may hold beside the proof itself:
// lines that are broken, blanks at the end.
const slackAround = 8 << 10

// read returns the proof as STS takes it.
func (p *proof) read(ctx context.Context) (credential.Secret, error) {
	text, err := p.raw(ctx)
	if err != nil {
		return credential.Secret{}, err
	}
	if p.kind == assertion {
		text = strings.Join(strings.Fields(text), "") // base64 comes in lines
	}
	text = strings.TrimSpace(text)
	problem := ""
	switch {
	case text == "":
		problem = "nothing"
	case len(text) < shortestProof:
		problem = "too little"
	case len(text) > p.kind.longest():
		problem = fmt.Sprintf("more than the %d characters that STS takes", p.kind.longest())
	case strings.ContainsFunc(text, notVisible):
		problem = "more than one word"
	default:
		return credential.NewSecret(text), nil
	}
	verb := "printed"
	if p.file != "" {
		verb = "names a file that holds"
	}
	return credential.Secret{}, wrong(p.from, fmt.Sprintf("%s %s where a %s was to be", verb, problem, p.kind), p.renew())
}

func (p *proof) raw(ctx context.Context) (string, error) {
	limit := p.kind.longest() + slackAround
	if p.file == "" {
		out, err := process.Shell(ctx, p.from.Text, limit)
		if err != nil {
			return "", commandFailure(p.from, err, limit)
		}
		return out.Reveal(), nil
	}
	content, _, err := readFile(p.file, int64(limit))
	if err != nil {
		return "", wrong(p.from, fmt.Sprintf("names a file that cannot be used: %v", err), p.renew())
	}
	return string(content), nil
}

// renew is the hint for a proof that is worth nothing.
func (p *proof) renew() string {
	if p.file != "" {
		return "whatever writes the token has to write a new one; the file is read again when it changes"
	}
	return fmt.Sprintf("the command has to print a %s that is valid now; run it by hand and see why it does not", p.kind)
}

// class says what a refusal of STS means where it is about the proof; nil where
// it is about something else. None of these ends a session that was made before.
func (p *proof) class(code string) *credential.Failure {
	switch code {
	case "ExpiredTokenException", "ExpiredToken",
		"InvalidIdentityToken", "InvalidIdentityTokenException",
		"IDPRejectedClaim", "IDPRejectedClaimException":
		return &credential.Failure{Code: wire.LoginNeeded, Hint: p.renew()}
	case "IDPCommunicationError", "IDPCommunicationErrorException":
		return &credential.Failure{Code: wire.Temporary, Hint: "the identity provider did not answer STS; understudy asks again"}
	}
	if strings.HasPrefix(code, "AccessDenied") {
		return &credential.Failure{Code: wire.Denied, Hint: text.Clean(fmt.Sprintf(
			"the trust policy of the role has to allow this identity provider, and the audience and the subject of the %s", p.kind))}
	}
	return nil
}

// command is the command that prints it; empty for a file.
func (p *proof) command() string {
	if p.file != "" {
		return ""
	}
	return p.from.Text
}
