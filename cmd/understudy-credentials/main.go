// A process that lives a millisecond needs no goroutine that looks at the CPU
// limits of its cgroup again. (containermaxprocs=0 would save nothing: the
// runtime reads the limits all the same, to count whether they matter.)
//
//go:debug updatemaxprocs=0

// understudy-credentials is what credential_process in ~/.aws/config names: it
// asks the daemon for a profile's session, prints the answer and ends. It runs
// once for every SDK process, so all it does is one round trip.
package main

import (
	"io"
	"os"
	"strings"

	"understudy/internal/launch"
	"understudy/internal/lockdown"
	"understudy/internal/place"
	"understudy/internal/terminal"
	"understudy/internal/text"
	"understudy/internal/wire"
)

var version = "dev"

func main() { os.Exit(run(os.Args[1:], standardOutput(), standardError())) }

const usage = `usage: understudy-credentials [--profile] [NAME]

Prints the session of profile NAME ($AWS_PROFILE, then "default") as
credential_process wants it. Meant for ~/.aws/config:

    [profile prod]
    credential_process = /usr/local/bin/understudy-credentials prod
`

func run(args []string, stdout, stderr io.Writer) int {
	if err := lockdown.Apply(); err != nil {
		return fail(stderr, "-", &wire.Error{Code: wire.NoDaemon, Message: err.Error(),
			Hint: "this system does not let a program protect its memory; understudy does not run without"})
	}
	if len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
		return put(stdout, stderr, "-", []byte(usage))
	}
	if len(args) == 1 && args[0] == "--version" {
		return put(stdout, stderr, "-", []byte("understudy-credentials "+version+"\n"))
	}
	profile, bad := profileOf(args)
	if bad != nil {
		return fail(stderr, profile, bad)
	}
	body, printed, err := ask(profile)
	if err != nil {
		return fail(stderr, profile, err)
	}
	return put(stdout, stderr, profile, append(body, '\n')[printed:])
}

// put prints text and returns the exit status.
func put(stdout, stderr io.Writer, profile string, text []byte) int {
	if _, err := stdout.Write(text); err != nil {
		return fail(stderr, profile, &wire.Error{Code: wire.Usage, Message: "write the answer: " + err.Error(),
			Hint: "standard output is closed or full"})
	}
	return 0
}

// profileOf reads the arguments: NAME, --profile NAME or --profile=NAME.
func profileOf(args []string) (string, *wire.Error) {
	if len(args) > 0 {
		if args[0] == "--profile" {
			args = args[1:]
			if len(args) == 0 {
				return "-", &wire.Error{Code: wire.Usage, Message: "--profile needs a name", Hint: "understudy-credentials --profile NAME"}
			}
		} else if name, ok := strings.CutPrefix(args[0], "--profile="); ok {
			args = append([]string{name}, args[1:]...)
		} else if len(args[0]) > 1 && args[0][0] == '-' {
			return "-", &wire.Error{Code: wire.Usage, Message: "unknown option " + args[0],
				Hint: "usage: understudy-credentials [--profile] [NAME]"}
		}
	}
	switch len(args) {
	case 0:
		for _, name := range []string{os.Getenv("AWS_PROFILE"), "default"} {
			if name != "" {
				return name, nil
			}
		}
	case 1:
		if args[0] == "" {
			return "-", &wire.Error{Code: wire.Usage, Message: "the profile's name is empty", Hint: "name a profile, as in: understudy-credentials prod"}
		}
		return args[0], nil
	}
	return args[0], &wire.Error{Code: wire.Usage, Message: "more than one profile is named",
		Hint: "one name; a comment behind the command is an argument too, so put it on a line of its own"}
}

// ask makes the round trip, or continues the one that the prelude began, and starts
// the daemon if none is running. printed is how many bytes of the answer are on
// standard output already.
func ask(profile string) (body []byte, printed int, err error) {
	socket, err := place.SocketPath()
	if err != nil {
		return nil, 0, err
	}
	config, credentials, named, err := place.AWSFiles()
	if err != nil {
		return nil, 0, err
	}
	l := launch.Launcher{Dialer: wire.Dialer{Path: socket, Answer: terminal.Answer}}
	if named[0] {
		l.ConfigFile = config
	}
	if named[1] {
		l.CredentialsFile = credentials
	}
	if l.Begun, printed, err = begun(l.Dialer); err != nil {
		return nil, 0, err
	}
	body, err = l.Do(wire.Request{Op: wire.Credentials, Profile: profile, ConfigFile: config, CredentialsFile: credentials})
	return body, printed, err
}

// fail prints the cause and a hint, one line each, and returns the exit status.
func fail(stderr io.Writer, profile string, err error) int {
	e := launch.Explain(err)
	io.WriteString(stderr, "understudy: "+text.Line(profile)+": "+text.Line(e.Message)+"\nhint: "+text.Line(e.Hint)+"\n")
	return e.Code.ExitStatus()
}
