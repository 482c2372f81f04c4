package sandbox

import (
	"strings"
	"time"

	"understudy/internal/credential"
)

// Session is a set of temporary credentials that the server knows.
type Session struct {
	AccessKeyID string
	Secret      credential.Secret
	Token       credential.Secret
	Expires     time.Time
}

// Issue makes a session of the role, whoever asks: for the services beside STS
// that hand out role sessions, which answer for who may. It lives as long as
// the Behaviour says, else for life.
func (s *Server) Issue(roleARN, sessionName string, life time.Duration) Session {
	return s.hand(roleSession(roleARN, sessionName), life)
}

// IssueFor makes a session that speaks for the user itself, as one that comes of
// signing in to the console does.
func (s *Server) IssueFor(u User, life time.Duration) Session {
	return s.hand(principal{accountID: u.AccountID, arn: u.ARN(), userID: idFor("AIDA", u.ARN())}, life)
}

func (s *Server) hand(p principal, life time.Duration) Session {
	s.mu.Lock()
	b := s.behaviour
	s.mu.Unlock()
	if b.Lifetime > 0 {
		life = b.Lifetime
	}
	p.expires = b.now().Add(life).Truncate(time.Second)
	issued := s.issue(p, b)
	return Session{AccessKeyID: issued.keyID, Secret: issued.secret, Token: issued.token, Expires: issued.expires}
}

// roleSession is whoever has assumed the role under the name.
func roleSession(roleARN, sessionName string) principal {
	arn := strings.SplitN(roleARN, ":", 6)
	return principal{
		accountID: arn[4],
		arn:       "arn:" + arn[1] + ":sts::" + arn[4] + ":assumed-role/" + roleName(roleARN) + "/" + sessionName,
		userID:    idFor("AROA", roleARN) + ":" + sessionName,
		roleARN:   roleARN,
	}
}
