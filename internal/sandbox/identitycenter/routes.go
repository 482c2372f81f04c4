package identitycenter

import (
	"net/http"
	"strings"
)

func (s *Server) routes() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("POST /client/register", s.registerClient)
	m.HandleFunc("POST /device_authorization", s.startDevice)
	m.HandleFunc("POST /token", s.createToken)
	m.HandleFunc("GET /authorize", s.authorize)
	m.HandleFunc("POST /authorize", s.authorize)
	m.HandleFunc("GET /device", s.devicePage)
	m.HandleFunc("POST /device", s.devicePage)
	m.Handle("GET /federation/credentials", s.behind("GetRoleCredentials", s.roleCredentials))
	m.Handle("GET /assignment/accounts", s.behind("ListAccounts", s.listAccounts))
	m.Handle("GET /assignment/roles", s.behind("ListAccountRoles", s.listRoles))
	m.HandleFunc("POST /logout", s.logout)
	return m
}

// base is the address that the server is reached at, a path it is mounted
// below included: links have to name it.
func base(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + strings.TrimSuffix(path, r.URL.EscapedPath())
}

// Knows reports whether r is a call of this service, for whoever serves others
// beside it.
func (s *Server) Knows(r *http.Request) bool {
	_, pattern := s.mux.Handler(r)
	return pattern != ""
}
