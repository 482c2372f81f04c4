package identitycenter

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

const bearerHeader = "X-Amz-Sso_bearer_token"

// portal is an operation of the portal: who it is for has been checked.
type portal func(r *http.Request) (any, error)

// behind puts the checks that every operation of the portal shares before do.
func (s *Server) behind(op string, do portal) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		bearer := r.Header.Get(bearerHeader)
		q := r.URL.Query()
		call := s.log.Take(op, map[string]string{"account_id": q.Get("account_id"), "role_name": q.Get("role_name")}, bearer)
		if s.faulty(w, r, call, true) {
			return
		}
		if !s.admits(bearer) {
			s.finish(w, call, nil, turnAway(http.StatusUnauthorized, "UnauthorizedException", "Session token not found or invalid"))
			return
		}
		v, err := do(r)
		s.finish(w, call, v, err)
	}
}

func (s *Server) admits(bearer string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.access[bearer]
	return ok && s.behaviour.now().Before(a.expires)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	bearer := r.Header.Get(bearerHeader)
	call := s.log.Take("Logout", nil, bearer)
	if s.faulty(w, r, call, true) {
		return
	}
	if !s.admits(bearer) {
		s.finish(w, call, nil, turnAway(http.StatusUnauthorized, "UnauthorizedException", "Session token not found or invalid"))
		return
	}
	s.end(bearer)
	s.finish(w, call, struct{}{}, nil)
}

// end forgets the sign-in that the token is of, and all of its tokens.
func (s *Server) end(bearer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.access[bearer]
	if !ok {
		return
	}
	for k, other := range s.access {
		if other.login == a.login {
			delete(s.access, k)
		}
	}
	for k, login := range s.refresh {
		if login == a.login {
			delete(s.refresh, k)
		}
	}
}

func (s *Server) account(id string) (Account, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.accounts, func(a Account) bool { return a.ID == id })
	if i < 0 {
		return Account{}, false
	}
	return s.accounts[i], true
}

type roleOut struct {
	Credentials struct {
		AccessKeyID string `json:"accessKeyId"`
		Secret      string `json:"secretAccessKey"`
		Token       string `json:"sessionToken"`
		Expiration  int64  `json:"expiration"` // milliseconds
	} `json:"roleCredentials"`
}

func (s *Server) roleCredentials(r *http.Request) (any, error) {
	q := r.URL.Query()
	id, role := q.Get("account_id"), q.Get("role_name")
	if id == "" || role == "" {
		return nil, turnAway(http.StatusBadRequest, "InvalidRequestException", "Request is missing a parameter")
	}
	a, ok := s.account(id)
	if !ok {
		return nil, turnAway(http.StatusNotFound, "ResourceNotFoundException", "The account was not found")
	}
	if !slices.Contains(a.Roles, role) {
		return nil, turnAway(http.StatusForbidden, "ForbiddenException", "No access")
	}
	s.mu.Lock()
	lasts := life(s.behaviour.RoleLife, time.Hour)
	s.mu.Unlock()
	session := s.sts.Issue(RoleARN(id, role), User, lasts)
	var out roleOut
	out.Credentials.AccessKeyID = session.AccessKeyID
	out.Credentials.Secret = session.Secret.Reveal()
	out.Credentials.Token = session.Token.Reveal()
	out.Credentials.Expiration = session.Expires.UnixMilli()
	return out, nil
}

// RoleARN names the role behind a permission set in an account.
func RoleARN(account, permissionSet string) string {
	return "arn:aws:iam::" + account + ":role/aws-reserved/sso.amazonaws.com/" + Region + "/AWSReservedSSO_" + permissionSet + "_0123456789abcdef"
}

type accountOut struct {
	ID    string `json:"accountId"`
	Name  string `json:"accountName"`
	Email string `json:"emailAddress"`
}

func (s *Server) listAccounts(r *http.Request) (any, error) {
	s.mu.Lock()
	all := make([]accountOut, 0, len(s.accounts))
	for _, a := range s.accounts {
		if len(a.Roles) > 0 {
			all = append(all, accountOut{a.ID, a.Name, a.Email})
		}
	}
	s.mu.Unlock()
	part, next, err := cut(r, all)
	return struct {
		List []accountOut `json:"accountList"`
		Next string       `json:"nextToken,omitempty"`
	}{part, next}, err
}

type roleName struct {
	Name    string `json:"roleName"`
	Account string `json:"accountId"`
}

func (s *Server) listRoles(r *http.Request) (any, error) {
	a, ok := s.account(r.URL.Query().Get("account_id"))
	if !ok {
		return nil, turnAway(http.StatusNotFound, "ResourceNotFoundException", "The account was not found")
	}
	all := make([]roleName, 0, len(a.Roles))
	for _, name := range a.Roles {
		all = append(all, roleName{name, a.ID})
	}
	part, next, err := cut(r, all)
	return struct {
		List []roleName `json:"roleList"`
		Next string     `json:"nextToken,omitempty"`
	}{part, next}, err
}

// cut is the page of all that the call asks for, and the token of the next.
func cut[T any](r *http.Request, all []T) (part []T, next string, err error) {
	q := r.URL.Query()
	from, size := 0, 100
	if v := q.Get("next_token"); v != "" {
		if from, err = strconv.Atoi(v); err != nil || from < 0 || from > len(all) {
			return nil, "", turnAway(http.StatusBadRequest, "InvalidRequestException", "Invalid next token")
		}
	}
	if v := q.Get("max_result"); v != "" {
		if size, err = strconv.Atoi(v); err != nil || size < 1 || size > 100 {
			return nil, "", turnAway(http.StatusBadRequest, "InvalidRequestException", "Invalid max result")
		}
	}
	if to := from + size; to < len(all) {
		return all[from:to], strconv.Itoa(to), nil
	}
	return all[from:], "", nil
}
