package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"

	"understudy/internal/awsconfig"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

const (
	maxTokenFile = 16 << 10 // bytes
	hintRestart  = "where AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI is set, run: understudy daemon restart"
)

// container makes the plan of the role of the container that the daemon runs in.
func (b *builder) container(p profile, v awsconfig.Value) (*credential.Plan, error) {
	endpoint, err := b.r.Container.url()
	switch {
	case err != nil:
		return nil, wrong(v, "cannot be used: the address that the daemon was started with is refused: "+err.Error(), hintRestart)
	case endpoint == "":
		return nil, wrong(v, "cannot be used: the daemon was started where no container's role is", hintRestart)
	}
	h := sha256.New()
	part(h, "understudy plan 1")
	part(h, "container", endpoint)
	t := &containerRole{r: b.r, endpoint: endpoint}
	return &credential.Plan{
		ID: hex.EncodeToString(h.Sum(nil)), Profile: p.name, Source: "role of this container", Fetch: t.fetch,
	}, nil
}

// containerRole asks a container's agent.
type containerRole struct {
	r        *Resolver
	endpoint string
}

func (t *containerRole) fetch(ctx context.Context, _ credential.Session) (credential.Session, error) {
	show, err := t.token()
	if err != nil {
		return credential.Session{}, err
	}
	within, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	client := t.r.near.client()
	if strings.HasPrefix(t.endpoint, "https:") {
		w, err := t.r.clients.way(t.r, t.r.defaultBundle())
		if err != nil {
			return credential.Session{}, badBundle(err)
		}
		client = httpClient(w.transport)
	}
	seen := &answer{host: hostOf(t.endpoint), now: t.r.Now}
	got, err := retrieve(withAnswer(within, seen), endpointcreds.New(t.endpoint, func(o *endpointcreds.Options) {
		o.HTTPClient, o.Retryer, o.AuthorizationToken = client, aws.NopRetryer{}, show.Reveal()
	}))
	if err != nil {
		return credential.Session{}, t.explain(err, seen)
	}
	return sessionOf(fromSDK(got), t.r.Now(), "the container's agent")
}

// token is what is shown to the agent.
func (t *containerRole) token() (credential.Secret, error) {
	c := t.r.Container
	if c.TokenFile == "" {
		return c.Token, nil
	}
	content, _, err := readFile(c.TokenFile, maxTokenFile)
	if err != nil || len(content) == 0 || strings.ContainsFunc(string(content), notVisible) {
		reason := "it does not hold one word"
		if err != nil {
			reason = err.Error()
		}
		return credential.Secret{}, &credential.Failure{
			Code:   wire.BadConfig,
			Reason: text.Clean("the container's authorization token cannot be used: " + reason),
			Hint:   "look at the file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE named where the daemon was started",
		}
	}
	return credential.NewSecret(string(content)), nil
}

// explain classifies what went wrong. The SDK's own words hold whole answers.
func (t *containerRole) explain(err error, seen *answer) error {
	f := &credential.Failure{Code: wire.Temporary, Hint: "the agent could not answer; understudy asks again", RetryAfter: seen.retryAfter()}
	switch {
	case seen.status == 0:
		f.Reason = text.Clean("the container's agent: " + nearCause(err, seen.host))
		f.Hint = "credential_source = EcsContainer works in a container that has a role of its own"
	case isOneOfStatus(seen.status, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound):
		f.Code = wire.Denied
		f.Reason = text.Clean(fmt.Sprintf("the container's agent: %s answered %s", seen.host, seen.kind()))
		f.Hint = "the container has no role any more, or the daemon was started with the address of another: " + hintRestart
	case seen.status == http.StatusOK:
		f.Reason = text.Clean("the container's agent: the answer of " + seen.host + " is malformed, so it is refused whole")
	default:
		f.Reason = text.Clean(fmt.Sprintf("the container's agent: %s answered %s", seen.host, seen.kind()))
	}
	return f
}

func isOneOfStatus(status int, all ...int) bool { return slices.Contains(all, status) }
