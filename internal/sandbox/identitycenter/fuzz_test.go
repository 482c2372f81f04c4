package identitycenter

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"understudy/internal/sandbox"
)

// FuzzRequest gives the server calls of every shape: each is answered, no token
// is given for nothing, and no browser is sent where nobody has registered.
func FuzzRequest(f *testing.F) {
	const challenge = "&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	f.Add("POST", "/client/register", `{"clientName":"a","clientType":"public","grantTypes":["authorization_code"],"redirectUris":["http://127.0.0.1/x"],"issuerUrl":"`+StartURL+`"}`)
	f.Add("POST", "/device_authorization", `{"clientId":"ID","clientSecret":"","startUrl":"`+StartURL+`"}`)
	f.Add("POST", "/token", `{"clientId":"ID","clientSecret":"x","grantType":"refresh_token","refreshToken":"x"}`)
	f.Add("POST", "/token", `{"clientId":1}`)
	f.Add("GET", "/authorize?response_type=code&client_id=ID&state=s&redirect_uri=http%3A%2F%2F127.0.0.1%3A5%2Foauth%2Fcallback"+challenge, "")
	f.Add("GET", "/authorize?response_type=code&client_id=ID&state=s&redirect_uri=http%3A%2F%2F127.0.0.1%3A5@example.com%2Foauth%2Fcallback"+challenge, "")
	f.Add("GET", "/authorize?response_type=token&client_id=ID&redirect_uri=http%3A%2F%2F127.0.0.1%2Foauth%2Fcallback", "")
	f.Add("POST", "/device?user_code=ABCD-EFGH", "answer=allow")
	f.Add("GET", "/assignment/accounts?max_result=0&next_token=-1", "")
	f.Add("GET", "/federation/credentials?account_id=1&role_name=a", "")
	f.Fuzz(func(t *testing.T, method, target, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return
		}
		s := New(sandbox.New())
		id := s.SignIn().ClientID
		u.RawQuery = strings.ReplaceAll(u.RawQuery, "ID", id)
		r := httptest.NewRequest("GET", "http://127.0.0.1/", strings.NewReader(strings.ReplaceAll(body, "ID", id)))
		r.Method, r.URL, r.RequestURI = method, u, u.RequestURI()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		text := w.Body.String()
		if w.Code >= 500 || strings.Contains(text, "accessToken") || strings.Contains(text, "secretAccessKey") {
			t.Fatalf("%d %s", w.Code, text)
		}
		if w.Code != 302 || u.Path != "/authorize" {
			return
		}
		to, err := url.Parse(w.Header().Get("Location"))
		if err != nil || to.Scheme != "http" || to.Hostname() != "127.0.0.1" || to.Path != "/oauth/callback" || to.User != nil {
			t.Fatalf("sent to %s, %v", w.Header().Get("Location"), err)
		}
	})
}
