package main

import (
	"fmt"
	"slices"
	"time"

	"understudy/internal/credential"
	"understudy/internal/sandbox/identitycenter"
	"understudy/internal/sandbox/metadata"
	"understudy/internal/sandbox/signin"
	"understudy/internal/sandbox/steer"
)

// fault is a steer.Fault as JSON writes it.
type fault struct {
	Only       string   `json:"only,omitempty"`
	Next       int      `json:"next,omitempty"`
	Delay      duration `json:"delay,omitzero"`
	Silent     bool     `json:"silent,omitempty"`
	Body       *body    `json:"body,omitempty"`
	Status     int      `json:"status,omitempty"`
	Code       string   `json:"code,omitempty"`
	Message    string   `json:"message,omitempty"`
	RetryAfter duration `json:"retry_after,omitzero"`
}

// body is a steer.Body.
type body struct {
	Type   string `json:"type,omitempty"`
	Text   string `json:"text,omitempty"`
	Repeat int    `json:"repeat,omitempty"`
}

func (f fault) steer() steer.Fault {
	return steer.Fault{
		Only: f.Only, Next: f.Next, Delay: time.Duration(f.Delay), Silent: f.Silent, Body: (*steer.Body)(f.Body),
		Status: f.Status, Code: f.Code, Message: f.Message, RetryAfter: time.Duration(f.RetryAfter),
	}
}

// identity is an identitycenter.Behaviour.
type identity struct {
	Page       identitycenter.Page `json:"page,omitempty"`
	Interval   duration            `json:"interval,omitzero"`
	ClientLife duration            `json:"client_life,omitzero"`
	DeviceLife duration            `json:"device_life,omitzero"`
	CodeLife   duration            `json:"code_life,omitzero"`
	TokenLife  duration            `json:"token_life,omitzero"`
	LoginLife  duration            `json:"login_life,omitzero"`
	RoleLife   duration            `json:"role_life,omitzero"`
	Skew       duration            `json:"skew,omitzero"`
	NoRefresh  bool                `json:"no_refresh,omitempty"`
	TokenSize  int                 `json:"token_size,omitempty"`
	SecretMark string              `json:"secret_mark,omitempty"`
	SlowDown   int                 `json:"slow_down,omitempty"`
	Fault      fault               `json:"fault,omitzero"`
}

// behaviour checks s and turns it into what the sandbox knows.
func (s identity) behaviour() (identitycenter.Behaviour, error) {
	switch {
	case !slices.Contains(identitycenter.Pages(), s.Page):
		return identitycenter.Behaviour{}, fmt.Errorf("no page %q, only %q", s.Page, identitycenter.Pages())
	case s.TokenSize < 0 || s.TokenSize > 1<<20:
		return identitycenter.Behaviour{}, fmt.Errorf("token size %d is not between 0 and 1048576", s.TokenSize)
	}
	return identitycenter.Behaviour{
		Page: s.Page, Interval: time.Duration(s.Interval), ClientLife: time.Duration(s.ClientLife), DeviceLife: time.Duration(s.DeviceLife),
		CodeLife: time.Duration(s.CodeLife), TokenLife: time.Duration(s.TokenLife), LoginLife: time.Duration(s.LoginLife),
		RoleLife: time.Duration(s.RoleLife), Skew: time.Duration(s.Skew), NoRefresh: s.NoRefresh, TokenSize: s.TokenSize,
		SecretMark: s.SecretMark, SlowDown: s.SlowDown, Fault: s.Fault.steer(),
	}, nil
}

// signIn is a signin.Behaviour.
type signIn struct {
	TokenLife  duration `json:"token_life,omitzero"`
	LoginLife  duration `json:"login_life,omitzero"`
	Skew       duration `json:"skew,omitzero"`
	SecretMark string   `json:"secret_mark,omitempty"`
	Changed    bool     `json:"changed,omitempty"`
	Fault      fault    `json:"fault,omitzero"`
}

func (s signIn) behaviour() signin.Behaviour {
	return signin.Behaviour{
		TokenLife: time.Duration(s.TokenLife), LoginLife: time.Duration(s.LoginLife), Skew: time.Duration(s.Skew),
		SecretMark: s.SecretMark, Changed: s.Changed, Fault: s.Fault.steer(),
	}
}

// instance is a metadata.InstanceBehaviour.
type instance struct {
	RoleARN  string   `json:"role_arn,omitempty"`
	NoRole   bool     `json:"no_role,omitempty"`
	Region   string   `json:"region,omitempty"`
	Lifetime duration `json:"lifetime,omitzero"`
	TokenTTL duration `json:"token_ttl,omitzero"`
	Version1 bool     `json:"version1,omitempty"`
	Problem  string   `json:"problem,omitempty"`
	Fault    fault    `json:"fault,omitzero"`
}

func (s instance) behaviour() metadata.InstanceBehaviour {
	return metadata.InstanceBehaviour{
		RoleARN: s.RoleARN, NoRole: s.NoRole, Region: s.Region, Lifetime: time.Duration(s.Lifetime),
		TokenTTL: time.Duration(s.TokenTTL), Version1: s.Version1, Problem: s.Problem, Fault: s.Fault.steer(),
	}
}

// container is a metadata.ContainerBehaviour.
type container struct {
	Lifetime duration `json:"lifetime,omitzero"`
	Token    string   `json:"token,omitempty"`
	Fault    fault    `json:"fault,omitzero"`
}

func (s container) behaviour() metadata.ContainerBehaviour {
	b := metadata.ContainerBehaviour{Lifetime: time.Duration(s.Lifetime), Fault: s.Fault.steer()}
	if s.Token != "" {
		b.Token = credential.NewSecret(s.Token)
	}
	return b
}
