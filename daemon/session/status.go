package session

import (
	"cmp"
	"slices"

	"understudy/internal/credential"
	"understudy/internal/status"
	"understudy/internal/wire"
)

// Status describes every session, sorted by profile, then role.
func (b *Broker) Status() []status.Session {
	now := b.cfg.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]status.Session, 0, len(b.entries))
	for _, e := range b.entries {
		all = append(all, b.statusLocked(e, now))
	}
	slices.SortFunc(all, func(x, y status.Session) int {
		return cmp.Or(slices.Compare(x.Profiles, y.Profiles), cmp.Compare(x.RoleARN, y.RoleARN))
	})
	return all
}

func (b *Broker) statusLocked(e *entry, now credential.Moment) status.Session {
	r := e.record
	st := status.Session{
		Profiles: r.Profiles, RoleARN: r.RoleARN, AccountID: r.AccountID, Source: r.Source,
		State:    b.stateLocked(e, now),
		IssuedAt: status.Time{Time: r.IssuedAt}, ExpiresAt: status.Time{Time: r.ExpiresAt}, LastUsedAt: status.Time{Time: r.LastUsedAt},
		Uses: r.Uses, Fetches: r.Fetches, Stored: b.cfg.Cache.Stored(r.ID),
	}
	if d, ok := b.dueInLocked(e, now); ok {
		st.RenewAt = status.Time{Time: now.Wall.Add(d)}
	}
	if r.LastError != nil {
		st.LastError = &status.LastError{Code: r.LastError.Code, Message: r.LastError.Message, At: status.Time{Time: r.LastError.At}}
	}
	return st
}

func (b *Broker) stateLocked(e *entry, now credential.Moment) status.State {
	failure := e.backoff.failure
	switch {
	case e.flight != nil && e.plan != nil && b.cfg.Desk.Asking(e.plan.About()):
		return status.LoginNeeded
	case e.flight != nil:
		return status.Renewing
	case e.wantsUser() && !e.usable(now):
		return status.LoginNeeded
	case failure != nil && failure.Final() && !e.wantsUser():
		return status.Refused
	case e.holding == held && e.session.Left(now) > 0, e.expected(now):
		return status.Ready
	case e.record.LastError != nil && e.record.LastError.Code == wire.Denied:
		return status.Refused // recorded by an earlier daemon
	}
	return status.Expired
}

// Questions lists the questions that the user could answer now, the oldest first.
func (b *Broker) Questions() status.Questions {
	open := status.Questions{Questions: []status.Question{}}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, about := range b.cfg.Desk.Open() {
		for _, e := range b.entries {
			if e.flight != nil && e.plan != nil && e.plan.Asks == about {
				q := e.record.Query
				open.Questions = append(open.Questions, status.Question{
					Profile: q.Profile, ConfigFile: q.ConfigFile, CredentialsFile: q.CredentialsFile, About: about,
				})
				break
			}
		}
	}
	return open
}
