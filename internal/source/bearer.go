package source

import (
	"context"
	"fmt"
	"hash"
	"strings"

	"understudy/internal/aws"
	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/process"
	"understudy/internal/stamp"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// bearer signs nothing: it presents to STS what an identity provider issued, a web
// identity token or a SAML assertion. It is read again for each call.
type bearer struct {
	kind     bearerKind
	from     awsconfig.Value // the key that names the file or the command
	file     string          // absolute; empty for a command
	provider string          // ARN of the SAML provider; empty: the one in the assertion
	role     string          // ARN of the role to assume
}

type bearerKind string

const (
	token     bearerKind = "web identity token"
	assertion bearerKind = "SAML assertion"
)

// longest is STS's limit, in characters.
func (k bearerKind) longest() int {
	if k == assertion {
		return 100_000
	}
	return 20_000
}

const shortestBearer = 4

// extraSpace is how many bytes a file or an output may have besides the token, for
// line breaks and trailing space.
const extraSpace = 8 << 10

func (p *bearer) identity(h hash.Hash, to aws.Endpoint) {
	part(h, "proof", string(p.kind), p.file, p.command(), p.provider)
	endpointPart(h, to)
}

func (p *bearer) describe(plan *credential.Plan) { plan.Runs = p.file == "" }

func (p *bearer) owner() string { return "the " + string(p.kind) }

func (p *bearer) fetch(ctx context.Context, a *attempt, _ credential.Session) (credential.Session, error) {
	auth, err := p.auth(ctx)
	if err != nil {
		return credential.Session{}, err
	}
	return a.try(ctx, auth)
}

func (p *bearer) auth(ctx context.Context) (aws.Auth, error) {
	text, err := p.read(ctx)
	if err != nil {
		return nil, err
	}
	if p.kind == token {
		return aws.WebIdentity{Token: text}, nil
	}
	provider, err := p.issuer(text)
	if err != nil {
		return nil, err
	}
	return aws.SAML{Assertion: text, Provider: provider}, nil
}

// read returns the token or the assertion as STS takes it.
func (p *bearer) read(ctx context.Context) (credential.Secret, error) {
	text, err := p.raw(ctx)
	if err != nil {
		return credential.Secret{}, err
	}
	if p.kind == assertion {
		text = strings.Join(strings.Fields(text), "") // base64 is printed in lines
	}
	text = strings.TrimSpace(text)
	problem := ""
	switch {
	case text == "":
		problem = "nothing"
	case len(text) < shortestBearer:
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
	return credential.Secret{}, badValue(p.from, fmt.Sprintf("%s %s where a %s was to be", verb, problem, p.kind), p.renewHint())
}

func (p *bearer) raw(ctx context.Context) (string, error) {
	limit := p.kind.longest() + extraSpace
	if p.file == "" {
		out, err := process.Shell(ctx, p.from.Text, limit)
		if err != nil {
			return "", commandFailure(p.from, err, limit)
		}
		return out.Reveal(), nil
	}
	content, _, err := stamp.Read(p.file, int64(limit))
	if err != nil {
		return "", badValue(p.from, fmt.Sprintf("names a file that cannot be used: %v", err), p.renewHint())
	}
	return string(content), nil
}

// renewHint is the hint for a token or an assertion that is not valid any more.
func (p *bearer) renewHint() string {
	if p.file != "" {
		return "whatever writes the token has to write a new one; the file is read again when it changes"
	}
	return fmt.Sprintf("the command has to print a %s that is valid now; run it by hand and see why it does not", p.kind)
}

// explain classifies refusals of the token or the assertion. None of them ends a
// session that was made before.
func (p *bearer) explain(r *aws.Refusal) {
	f := r.Failure
	switch {
	case r.HasCode("ExpiredTokenException", "ExpiredToken", "InvalidIdentityToken", "InvalidIdentityTokenException",
		"IDPRejectedClaim", "IDPRejectedClaimException"):
		f.Code, f.Hint, f.BaseRefused = wire.LoginNeeded, p.renewHint(), false
	case r.HasCode("IDPCommunicationError", "IDPCommunicationErrorException"):
		f.Code, f.Hint = wire.Temporary, "the identity provider did not answer STS; understudy asks again"
	case strings.HasPrefix(r.Code, "AccessDenied"):
		f.Code, f.Hint = wire.Denied, text.Clean(fmt.Sprintf(
			"the trust policy of the role has to allow this identity provider, and the audience and the subject of the %s", p.kind))
	}
}

// command returns the command that prints the token; empty for a file.
func (p *bearer) command() string {
	if p.file != "" {
		return ""
	}
	return p.from.Text
}
