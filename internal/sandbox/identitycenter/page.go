package identitycenter

import (
	"html/template"
	"net/http"

	"understudy/internal/sandbox/steer"
)

// What a page asks for, where it does.
const (
	askCode  = "Type the code that your device shows."
	askLeave = "Allow access to your data?"
)

var pages = template.Must(template.New("page").Parse(`<!doctype html>
<title>Sandbox sign-in</title>
<p>{{.Text}}</p>
<form method="post">{{if .Ask}}
{{if .Field}}<input name="user_code" value="{{.Code}}">{{else if .Code}}<input type="hidden" name="user_code" value="{{.Code}}">{{end}}
<button name="answer" value="allow">Allow access</button>
<button name="answer" value="deny">Deny access</button>{{end}}
</form>
`))

// says is what the person does on a page: what the button says that was
// pressed, else what the Behaviour does. The caller must hold s.mu.
func (s *Server) says(r *http.Request) Page {
	if r.Method != http.MethodPost {
		return s.behaviour.Page
	}
	switch r.PostFormValue("answer") {
	case "allow":
		return Allows
	case "deny":
		return Denies
	}
	return Waits
}

func (s *Server) page(w http.ResponseWriter, c *steer.Call, status int, text, userCode string) {
	s.log.Note(c, status, "")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	pages.Execute(w, struct {
		Text, Code string
		Ask, Field bool
	}{text, userCode, text == askCode || text == askLeave, text == askCode})
}
