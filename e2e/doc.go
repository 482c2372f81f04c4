// Package e2e proves the product from outside: the real binaries, real SDKs as
// their clients, moto as an AWS that enforces IAM, a real keyring on a D-Bus of
// its own. Each test builds a world, a home folder with all of this in it, and
// touches nothing else. The worlds are made of Linux parts.
//
//	go test ./e2e/                      builds the binaries first; -race builds them so too
//	UNDERSTUDY_BIN=bin go test ./e2e/   takes those in bin/
package e2e
