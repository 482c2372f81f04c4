package identitycenter

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"understudy/internal/credential"
	"understudy/internal/prompt"
	"understudy/internal/wire"
)

// device is a code that a person confirms on a page, on any machine.
type device struct {
	code     credential.Secret
	userCode string
	page     string
	interval time.Duration
	life     time.Duration
}

// RFC 8628's: between two polls where the service names no interval, and what is
// added to it when the service asks for more.
const (
	pollEvery = 5 * time.Second
	slowDown  = 5 * time.Second
)

// withDevice signs a person in with a browser on any machine (RFC 8628). The
// service is not polled before a terminal shows the page, and a code that none
// has shown for half of its life is let go: whoever comes then gets a new one.
func (l *login) withDevice(ctx context.Context, profile string) (credential.Secret, error) {
	c, d, err := l.start(ctx)
	if err != nil {
		return credential.Secret{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, min(d.life, visitLimit))
	defer cancel()
	shown := make(chan struct{})
	page := l.visit(ctx, prompt.Question{
		Profile: profile, URL: d.page, UserCode: d.userCode,
		Shown: sync.OnceFunc(func() { close(shown) }),
	})
	defer page.end()
	wait, alone := shown, time.After(min(d.life, visitLimit)/2)
	for {
		var poll <-chan time.Time
		if wait == nil {
			poll = time.After(d.interval)
		}
		select {
		case <-wait:
			wait, alone = nil, nil
			continue
		case <-alone:
			return credential.Secret{}, l.unanswered(prompt.ErrNobody, profile)
		case <-poll:
		case err := <-page.over:
			return credential.Secret{}, l.unanswered(err, profile)
		case <-ctx.Done():
			return credential.Secret{}, l.unanswered(ctx.Err(), profile)
		}
		a, err := l.poll(ctx, c, &d)
		switch {
		case err == nil:
			return a, nil
		case errors.Is(err, errPending):
		case codeOf(err) == "AccessDeniedException":
			return credential.Secret{}, l.denied(accessDenied, profile)
		case codeOf(err) == "ExpiredTokenException":
			return credential.Secret{}, l.unanswered(prompt.ErrExpired, profile)
		default:
			return credential.Secret{}, err
		}
	}
}

var errPending = errors.New("nobody has confirmed the code yet")

// poll asks whether the code was confirmed.
func (l *login) poll(ctx context.Context, c client, d *device) (credential.Secret, error) {
	grant, secret, code := string(byDevice), c.secret.Reveal(), d.code.Reveal()
	a, err := l.createToken(ctx, byDevice, nil, &ssooidc.CreateTokenInput{
		ClientId: &c.id, ClientSecret: &secret, GrantType: &grant, DeviceCode: &code,
	})
	switch codeOf(err) {
	case "AuthorizationPendingException":
		return a, errPending
	case "SlowDownException":
		d.interval += slowDown
		return a, errPending
	}
	if err != nil && credential.AsFailure(err).Code == wire.Temporary {
		return a, errPending // the code stands, and the person is at it
	}
	return a, err
}

// start asks for a code. A client that the service has forgotten is registered
// anew.
func (l *login) start(ctx context.Context) (client, device, error) {
	c, err := l.client(ctx, byDevice)
	if err != nil {
		return c, device{}, err
	}
	d, err := l.startWith(ctx, c)
	if codeOf(err) == "InvalidClientException" {
		l.dropClient(byDevice)
		if c, err = l.client(ctx, byDevice); err != nil {
			return c, device{}, err
		}
		d, err = l.startWith(ctx, c)
	}
	return c, d, err
}

func (l *login) startWith(ctx context.Context, c client) (device, error) {
	start, secret := l.where(), c.secret.Reveal()
	var out *ssooidc.StartDeviceAuthorizationOutput
	err := l.call(ctx, func(ctx context.Context, over *http.Client) (err error) {
		out, err = l.oidc(over).StartDeviceAuthorization(ctx, &ssooidc.StartDeviceAuthorizationInput{
			ClientId: &c.id, ClientSecret: &secret, StartUrl: &start,
		})
		return err
	})
	if err != nil {
		return device{}, err
	}
	d := device{
		code: credential.NewSecret(aws.ToString(out.DeviceCode)), userCode: aws.ToString(out.UserCode),
		page: aws.ToString(out.VerificationUriComplete), interval: pollEvery, life: time.Duration(out.ExpiresIn) * time.Second,
	}
	if out.Interval > 0 {
		d.interval = time.Duration(out.Interval) * time.Second
	}
	if d.page == "" {
		d.page = aws.ToString(out.VerificationUri)
	}
	if d.code.Empty() || d.life <= 0 || !isToken(d.userCode) || len(d.userCode) > 64 || !mayOpen(d.page) {
		return device{}, l.senseless()
	}
	return d, nil
}

// mayOpen reports whether a person may be sent to a page.
func mayOpen(page string) bool {
	u, err := url.Parse(page)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && ip.IsLoopback())
}
