package source

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"understudy/internal/credential"
)

// tryLimit bounds a Fetch: looking up the name, connecting, TLS, the answer and
// its body, and the second call where one is due.
const tryLimit = 5 * time.Second

// call is how one plan asks STS. It does not change once made.
type call struct {
	r      *Resolver
	id     string
	to     site
	signer signer
	proof  *proof // shown in place of a signature; nil for a call that is signed
	what   string // what is done, for people: assume role "arn:..."
	at     string // file:line of the profile's header

	role    *request      // nil for GetSessionToken
	device  *device       // whose code goes along; nil where none does
	keyLife time.Duration // of a GetSessionToken session
}

func (c *call) asPlan(profile, phrase string) *credential.Plan {
	c.id = c.identity()
	p := &credential.Plan{ID: c.id, Profile: profile, Issuer: c.to.resolved, Source: phrase, Base: c.signer.plan, Fetch: c.fetch}
	if c.device != nil {
		p.Asks, p.Manual, p.Runs = c.device.about(), !c.device.automatic(), c.device.process != ""
	}
	if c.role != nil {
		p.RoleARN, p.AccountID = c.role.arn.text, c.role.arn.account
	}
	return p
}

// fetch makes the call. There is one try, but for two answers that say what to
// do better, each acted on at once and remembered: that the clock is off, which
// the SDK corrects when it signs, and that the role's sessions are shorter than
// was asked for.
func (c *call) fetch(ctx context.Context, base credential.Session) (credential.Session, error) {
	client, err := c.r.clients.get(c.r, c.to)
	if err != nil {
		return credential.Session{}, badBundle(err)
	}
	if c.signer.kept {
		if c, err = c.withKept(ctx); err != nil {
			return credential.Session{}, err
		}
	}
	if c.device != nil {
		return c.withCode(ctx, client, base)
	}
	with, err := c.show(ctx, base)
	if err != nil {
		return credential.Session{}, err
	}
	within, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	life := c.life()
	s, err := c.try(ctx, within, client, with, life)
	if c.role != nil && life > roleSession && tooLong(err) {
		c.shorten(life)
		s, err = c.try(ctx, within, client, with, roleSession)
	}
	return s, unwrapRefusal(err)
}

// shorten remembers that the role's sessions are shorter than life.
func (c *call) shorten(life time.Duration) {
	c.r.shortened.add(c.id)
	c.r.Log.Warn("the role allows no session as long as the profile asks for; asking for an hour",
		"role_arn", c.role.arn.text, "duration_seconds", int(life.Seconds()))
}

// life is how long a session is asked for.
func (c *call) life() time.Duration {
	if c.role == nil {
		return c.keyLife
	}
	if c.r.shortened.has(c.id) {
		return min(c.role.duration, roleSession)
	}
	return c.role.duration
}

// try asks once. ctx is the caller's, within the one with our own deadline.
func (c *call) try(ctx, within context.Context, client *sts.Client, with shown, life time.Duration) (credential.Session, error) {
	seen := &answer{host: c.to.host, now: c.r.Now}
	creds, account, err := c.ask(withAnswer(within, seen), client, with, int32(life.Seconds()))
	if err == nil && creds == nil && !seen.isXML() {
		err = errStrange
	}
	if skew, ok := seen.skew(); ok && seen.fromSTS(err) {
		c.r.OnSkew(skew)
	}
	if err != nil {
		return credential.Session{}, c.explain(ctx, within, err, seen, with)
	}
	s, err := seen.session(creds, account)
	if err != nil {
		return credential.Session{}, c.senseless(err, seen)
	}
	return s, nil
}

// signing are the credentials that sign.
func (c *call) signing(base credential.Session) aws.Credentials {
	if c.signer.plan == nil {
		k := c.signer.keys
		return aws.Credentials{
			AccessKeyID:     k.AccessKeyID,
			SecretAccessKey: k.SecretAccessKey.Reveal(),
			SessionToken:    k.SessionToken.Reveal(),
		}
	}
	return aws.Credentials{
		AccessKeyID:     base.AccessKeyID,
		SecretAccessKey: base.SecretAccessKey.Reveal(),
		SessionToken:    base.SessionToken.Reveal(),
	}
}

// ask calls STS and returns what it gave, with the account of the session where
// the answer or the role tells it. No credentials and no error is an answer that
// held none.
func (c *call) ask(ctx context.Context, client *sts.Client, with shown, seconds int32) (*types.Credentials, string, error) {
	var serial, typed *string
	if with.code != nil {
		text := with.code.Reveal()
		serial, typed = &c.device.serial, &text
	}
	sign := func(o *sts.Options) {
		o.Retryer = onceMoreForTheClock{} // set here too, since the client's own adds an error code to it
		if with.code != nil {
			o.Retryer = aws.NopRetryer{} // a code is sent once
		}
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return with.keys, nil })
	}
	if c.role == nil {
		out, err := client.GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: &seconds, SerialNumber: serial, TokenCode: typed}, sign)
		if err != nil {
			return nil, "", err
		}
		account := ""
		if c.device != nil {
			account = accountOf(c.device.serial)
		}
		return out.Credentials, account, nil
	}
	if c.proof != nil {
		creds, who, err := c.present(ctx, client, with, seconds)
		return creds, c.account(who), err
	}
	in := c.role.input(seconds)
	in.SerialNumber, in.TokenCode = serial, typed
	out, err := client.AssumeRole(ctx, in, sign)
	if err != nil {
		return nil, "", err
	}
	return out.Credentials, c.account(out.AssumedRoleUser), nil
}

// account is the one of the session: as the answer says, else the role's.
func (c *call) account(who *types.AssumedRoleUser) string {
	if who != nil {
		if told := accountOf(aws.ToString(who.Arn)); told != "" {
			return told
		}
	}
	return c.role.arn.account
}

// input is the request as the SDK wants it; what is empty is left out.
func (q *request) input(seconds int32) *sts.AssumeRoleInput {
	in := &sts.AssumeRoleInput{
		RoleArn:           &q.arn.text,
		RoleSessionName:   &q.sessionName,
		DurationSeconds:   &seconds,
		ExternalId:        optional(q.externalID),
		SourceIdentity:    optional(q.sourceIdentity),
		Policy:            optional(q.policy),
		TransitiveTagKeys: q.transitive,
	}
	for _, arn := range q.policyARNs {
		in.PolicyArns = append(in.PolicyArns, types.PolicyDescriptorType{Arn: &arn})
	}
	for _, t := range q.tags {
		in.Tags = append(in.Tags, types.Tag{Key: &t.key, Value: &t.value})
	}
	return in
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// senseless refuses an answer that is no whole session.
func (c *call) senseless(err error, seen *answer) error {
	return c.temporary(seen, fmt.Sprintf("%v, so it is refused whole", err),
		"check this machine's clock, and endpoint_url if the profile names one")
}
