package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// request is one call, parsed but not yet believed.
type request struct {
	params   url.Values
	bodyHash string // SHA-256, hex
	auth     authorization
	at       time.Time // the signer's clock
	token    string
	http     *http.Request
}

// authorization is the SigV4 header taken apart.
type authorization struct {
	keyID     string
	date      string // yyyymmdd of the scope
	region    string
	service   string
	headers   []string // lower case
	signature string
}

const (
	apiVersion   = "2011-06-15"
	maxBody      = 256 << 10 // bytes; four times what the largest honest call takes
	maxParams    = 1000
	amzDate      = "20060102T150405Z"
	sigAlgorithm = "AWS4-HMAC-SHA256"
)

// parseRequest reads the whole call: the parameters of a form POST or of a GET
// query, and the signature's parts. Its error is a *refusal.
func parseRequest(r *http.Request) (*request, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	req := &request{http: r, bodyHash: hex.EncodeToString(sum[:]), token: r.Header.Get("X-Amz-Security-Token")}
	if req.params, err = parseParams(r, body); err != nil {
		return req, err
	}
	if v := req.params.Get("Version"); v != apiVersion && v != iamVersion {
		return req, refuse(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", req.params.Get("Action"), v)
	}
	if req.unsigned() {
		return req, nil
	}
	if req.auth, err = parseAuthorization(r.Header.Get("Authorization")); err != nil {
		return req, err
	}
	if req.at, err = signedAt(r.Header); err != nil {
		return req, err
	}
	return req, nil
}

// service is what the call is made to.
func (r *request) service() string {
	if r.params.Get("Version") == iamVersion {
		return "iam"
	}
	return "sts"
}

// unsigned reports whether the call proves itself by what it carries.
func (r *request) unsigned() bool {
	if r.service() != "sts" {
		return false
	}
	switch r.params.Get("Action") {
	case "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML":
		return true
	}
	return false
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, refuse(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Request size exceeded %d bytes", maxBody)
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "IncompleteBody", "The request body ended early")
	}
	return body, nil
}

func parseParams(r *http.Request, body []byte) (url.Values, error) {
	text := r.URL.RawQuery
	switch r.Method {
	case http.MethodGet:
	case http.MethodPost:
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if kind != "application/x-www-form-urlencoded" {
			return nil, refuse(http.StatusNotFound, "UnknownOperationException", "The content type is not application/x-www-form-urlencoded")
		}
		text = string(body)
	default:
		return nil, refuse(http.StatusMethodNotAllowed, "MalformedHttpRequestException", "%s is not supported", r.Method)
	}
	params, err := url.ParseQuery(text)
	if err != nil || len(params) > maxParams {
		return nil, refuse(http.StatusBadRequest, "MalformedQueryString", "The query string is malformed")
	}
	for name, values := range params {
		if len(values) > 1 {
			return nil, refuse(http.StatusBadRequest, "MalformedInput", "Duplicate parameter %s", name)
		}
	}
	return params, nil
}

// parseAuthorization takes apart
// AWS4-HMAC-SHA256 Credential=ID/20060102/REGION/sts/aws4_request, SignedHeaders=a;b, Signature=HEX.
func parseAuthorization(header string) (authorization, error) {
	var a authorization
	if header == "" {
		return a, refuse(http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token")
	}
	rest, ok := strings.CutPrefix(header, sigAlgorithm+" ")
	if !ok {
		return a, incomplete("Unsupported AWS 'algorithm'")
	}
	parts := make(map[string]string, 3)
	for field := range strings.SplitSeq(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(field), "=")
		parts[k] = v
	}
	for _, k := range []string{"Credential", "Signature", "SignedHeaders"} {
		if parts[k] == "" {
			return a, incomplete("Authorization header requires '" + k + "' parameter.")
		}
	}
	scope := strings.Split(parts["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" {
		return a, incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.")
	}
	return authorization{
		keyID: scope[0], date: scope[1], region: scope[2], service: scope[3],
		headers:   strings.Split(parts["SignedHeaders"], ";"),
		signature: parts["Signature"],
	}, nil
}

// signedAt is when the caller's clock says it signed.
func signedAt(h http.Header) (time.Time, error) {
	if v := h.Get("X-Amz-Date"); v != "" {
		if t, err := time.Parse(amzDate, v); err == nil {
			return t, nil
		}
		return time.Time{}, incomplete("Date must be in ISO-8601 'basic format'.")
	}
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t.UTC(), nil
	}
	return time.Time{}, incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
}

func incomplete(message string) *refusal {
	return refuse(http.StatusBadRequest, "IncompleteSignature", "%s", message)
}
