package identitycenter

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// device is a program without a browser that waits for a person's leave.
type device struct {
	client   string
	userCode string
	expires  time.Time
	interval time.Duration
	polled   time.Time // last
	answered bool
	allowed  bool
}

type deviceIn struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	StartURL     string `json:"startUrl"`
}

type deviceOut struct {
	DeviceCode string `json:"deviceCode"`
	UserCode   string `json:"userCode"`
	URI        string `json:"verificationUri"`
	Complete   string `json:"verificationUriComplete"`
	ExpiresIn  int    `json:"expiresIn"`
	Interval   int    `json:"interval"`
}

func (s *Server) startDevice(w http.ResponseWriter, r *http.Request) {
	var in deviceIn
	err := read(r, &in)
	call := s.log.Take("StartDeviceAuthorization", map[string]string{"clientId": in.ClientID, "startUrl": in.StartURL}, "")
	if s.faulty(w, r, call, false) {
		return
	}
	var out deviceOut
	if err == nil {
		out, err = s.newDevice(in, base(r)+"/device")
	}
	s.finish(w, call, out, err)
}

func (s *Server) newDevice(in deviceIn, page string) (deviceOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.knownClient(in.ClientID, in.ClientSecret)
	switch {
	case err != nil:
		return deviceOut{}, err
	case !slices.Contains(c.grants, DeviceGrant):
		return deviceOut{}, refuse("unauthorized_client", "Client is not allowed the grant type")
	case in.StartURL != StartURL:
		return deviceOut{}, refuse("invalid_request", "Start URL is not known")
	}
	b := s.behaviour
	lasts, interval := life(b.DeviceLife, 10*time.Minute), life(b.Interval, time.Second)
	code := text(4) + "-" + text(4)
	d := &device{client: c.id, userCode: code, interval: interval, expires: b.now().Add(lasts)}
	deviceCode := secret("", b).Reveal()
	s.devices[deviceCode] = d
	return deviceOut{
		DeviceCode: deviceCode, UserCode: code, URI: page, Complete: page + "?" + url.Values{"user_code": {code}}.Encode(),
		ExpiresIn: int(lasts / time.Second), Interval: int(interval / time.Second),
	}, nil
}

// openDevice finds the device that waits under the code. The caller must hold
// s.mu.
func (s *Server) openDevice(userCode string) *device {
	for _, d := range s.devices {
		if strings.EqualFold(d.userCode, userCode) && !d.answered && s.behaviour.now().Before(d.expires) {
			return d
		}
	}
	return nil
}

// poll is what a device's question after its leave comes to. The caller must
// hold s.mu.
func (s *Server) poll(c *client, deviceCode string) error {
	d, ok := s.devices[deviceCode]
	if !ok || d.client != c.id {
		return refuse("invalid_grant", "Invalid device code provided")
	}
	// A poll is early when a fifth is missing: what two took on the way differs.
	now := s.behaviour.now()
	early := now.Sub(d.polled) < d.interval*4/5
	d.polled = now
	switch {
	case !now.Before(d.expires):
		return refuse("expired_token", "Device code has expired")
	case s.behaviour.SlowDown > 0:
		s.behaviour.SlowDown--
		return refuse("slow_down", "Polling too frequently")
	case early && !d.answered:
		return refuse("slow_down", "Polling too frequently")
	case !d.answered:
		return refuse("authorization_pending", "Authorization is still pending")
	case !d.allowed:
		return refuse("access_denied", "Authorization was denied")
	}
	delete(s.devices, deviceCode) // works once
	return nil
}

// devicePage is where the person types the code, or comes with it in the
// address.
func (s *Server) devicePage(w http.ResponseWriter, r *http.Request) {
	userCode := r.FormValue("user_code")
	call := s.log.Take("Device", map[string]string{"method": r.Method}, userCode)
	if s.faulty(w, r, call, false) {
		return
	}
	s.mu.Lock()
	d := s.openDevice(userCode)
	says := s.says(r)
	if d != nil && says != Waits && says != Nothing {
		d.answered, d.allowed = true, says == Allows
	}
	s.mu.Unlock()
	switch {
	case d == nil:
		s.page(w, call, http.StatusNotFound, askCode, userCode)
	case says == Allows:
		s.page(w, call, http.StatusOK, "Request approved. You can close this window.", "")
	case says == Denies:
		s.page(w, call, http.StatusOK, "Request denied. You can close this window.", "")
	default:
		s.page(w, call, http.StatusOK, askLeave, userCode)
	}
}
