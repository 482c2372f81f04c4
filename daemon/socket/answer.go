package socket

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"understudy/daemon/session"
	"understudy/internal/credential"
	"understudy/internal/text"
	"understudy/internal/wire"
)

// answer returns the reply to c's request, line. The reply may overwrite line, which
// can be in the same buffer.
func (s *Server) answer(ctx context.Context, line []byte, c *caller) []byte {
	r, err := s.paths.parseRequest(line)
	if err != nil {
		return refusal(err)
	}
	var body []byte
	switch r.Op {
	case wire.Credentials:
		return s.credentials(ctx, r, c)
	case wire.Status:
		body, err = json.Marshal(s.cfg.Status().Page(r.Skip))
	case wire.Forget:
		var n int
		n, err = s.cfg.Broker.Forget(ctx, r.Profile, r.All)
		body = fmt.Appendf(nil, `{"forgotten":%d}`, n)
	case wire.Approve:
		body, err = json.Marshal(s.cfg.Broker.Questions())
	case wire.Stop:
		s.stop()
		body = []byte(`{"stopping":true}`)
	}
	if err != nil {
		return refusal(err)
	}
	return wire.AppendResult(nil, body)
}

func (s *Server) credentials(ctx context.Context, r wire.Request, c *caller) []byte {
	ses, err := s.cfg.Broker.Get(ctx,
		credential.Query{Profile: r.Profile, ConfigFile: r.ConfigFile, CredentialsFile: r.CredentialsFile},
		session.Want{Caller: session.Caller{Peer: c.peer}, Asker: c, Interactive: r.Person, Login: r.Login, Device: r.Device})
	if err != nil {
		return refusal(err)
	}
	// Allocate enough at once: append would leave the secrets in the old buffer. AWS's
	// values need no escapes in JSON.
	const frame = 256 // names, punctuation, time
	buf := slices.Grow(c.buf, frame+len(ses.AccessKeyID)+len(ses.SecretAccessKey.Reveal())+len(ses.SessionToken.Reveal())+len(ses.AccountID))
	return wire.AppendCredentials(buf, ses.AppendProcessJSON)
}

func refusal(err error) []byte {
	f := credential.AsFailure(err)
	return wire.AppendError(nil, f.Code, text.Line(f.Reason), text.Line(f.Hint))
}
