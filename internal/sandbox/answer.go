package sandbox

import (
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"
)

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/"

// answer is what is sent back: a result, or an error's code and message.
type answer struct {
	status  int
	body    []byte
	kind    string // Content-Type
	code    string // of an error
	promise int    // Content-Length if it is to exceed the body; 0 means the length of the body
}

// envelope is the outermost element of a good answer.
type envelope struct {
	XMLName   xml.Name
	Result    any    // nil for an action that gives none
	RequestID string `xml:"ResponseMetadata>RequestId"`
}

// credentialsXML is in every answer that issues a session. Empty parts are
// left out, which only a Mutation makes happen.
type credentialsXML struct {
	AccessKeyID     string `xml:"AccessKeyId,omitempty"`
	SecretAccessKey string `xml:",omitempty"`
	SessionToken    string `xml:",omitempty"`
	Expiration      string `xml:",omitempty"`
}

type errorXML struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

func success(req *request, id string, result any) answer {
	space := namespace
	if req.service() == "iam" {
		space = iamNamespace
	}
	return answer{status: http.StatusOK, kind: "text/xml", body: encode(envelope{
		XMLName:   xml.Name{Space: space, Local: req.params.Get("Action") + "Response"},
		Result:    result,
		RequestID: id,
	})}
}

func (r *refusal) answer(id string) answer {
	kind := "Sender"
	if r.status >= 500 {
		kind = "Receiver"
	}
	return answer{status: r.status, kind: "text/xml", code: r.code, body: encode(errorXML{
		Namespace: namespace, Type: kind, Code: r.code, Message: r.message, RequestID: id,
	})}
}

// encode cannot go wrong on the types above: all of their fields are strings.
func encode(v any) []byte {
	b, err := xml.MarshalIndent(v, "", "  ")
	if err != nil {
		panic("sandbox: " + err.Error())
	}
	return append(b, '\n')
}

// mutate spoils the credentials.
func (m Mutation) mutate(c *credentialsXML, now time.Time) *credentialsXML {
	switch m {
	case ExpirationPast:
		c.Expiration = now.Add(-time.Hour).Format(time.RFC3339)
	case Expiration2099:
		c.Expiration = "2099-12-31T23:59:59Z"
	case ExpirationMalformed:
		c.Expiration = "in an hour"
	case NoExpiration:
		c.Expiration = ""
	case NoAccessKeyID:
		c.AccessKeyID = ""
	case NoSecret:
		c.SecretAccessKey = ""
	case NoToken:
		c.SessionToken = ""
	case NoCredentials:
		return nil
	}
	return c
}

// requestID is a UUID, as in the answers of the real one.
func requestID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
